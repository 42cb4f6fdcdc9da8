//! What ties a call to its run.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, OnceLock};
use tokio_util::sync::CancellationToken;

/// The name of a run, and the word that it is over; or that one call of it is.
#[derive(Clone, Debug)]
pub(crate) struct Tether {
    /// Cancelled when the run is over.
    run_over: CancellationToken,
    /// Made when somebody asks for it, which hardly any handler does.
    over: OnceLock<CancellationToken>,
    run: Arc<OnceLock<String>>,
}

impl Tether {
    /// That of a run, and of what it does at once.
    pub(crate) fn new(run_over: CancellationToken) -> Self {
        Self { run_over, over: OnceLock::new(), run: Arc::default() }
    }

    /// Gives the run a name from elsewhere.
    pub(crate) fn named(&self, run: String) -> Self {
        Self { run: Arc::new(OnceLock::from(run)), ..self.clone() }
    }

    /// That of a call, which may be over before its run.
    pub(crate) fn of_call(&self) -> OverOnDrop {
        let (run_over, run) = (self.run_over.clone(), Arc::clone(&self.run));
        OverOnDrop(Arc::new(Self { run_over, over: OnceLock::new(), run }))
    }

    /// The name of the run.
    pub(crate) fn run(&self) -> &str {
        self.run.get_or_init(name_of_a_run)
    }

    /// Cancelled when the call is over, or the run.
    pub(crate) fn cancellation(&self) -> &CancellationToken {
        self.over.get_or_init(|| self.run_over.child_token())
    }

    /// Whether the call is over, or the run.
    pub(crate) fn is_over(&self) -> bool {
        self.over.get().unwrap_or(&self.run_over).is_cancelled()
    }
}

/// Says that a call is over when this is dropped.
pub(crate) struct OverOnDrop(Arc<Tether>);

impl OverOnDrop {
    pub(crate) fn tether(&self) -> &Arc<Tether> {
        &self.0
    }
}

impl Drop for OverOnDrop {
    fn drop(&mut self) {
        // Where nobody has asked, and nobody else has it, nobody can ask any more.
        if self.0.over.get().is_some() || Arc::strong_count(&self.0) > 1 {
            self.0.over.get_or_init(CancellationToken::new).cancel();
        }
    }
}

/// 128 bits at random, in hexadecimal.
pub(crate) fn name_of_a_run() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::Tether;
    use std::sync::Arc;
    use tokio_util::sync::CancellationToken;

    #[test]
    fn a_call_is_over_with_its_run_whenever_somebody_asks() {
        let run = CancellationToken::new();
        let call = Tether::new(run.clone()).of_call();
        let token = call.tether().cancellation().clone();
        let unasked = Tether::new(run.clone()).of_call();
        assert!(!token.is_cancelled() && !unasked.tether().is_over());
        run.cancel();
        assert!(token.is_cancelled() && unasked.tether().is_over());
        assert!(unasked.tether().cancellation().is_cancelled(), "it is asked for afterwards");
    }

    #[test]
    fn a_call_is_over_before_its_run_whenever_somebody_asks() {
        let run = CancellationToken::new();
        let tether = Tether::new(run.clone());
        let (asked, unasked) = (tether.of_call(), tether.of_call());
        let (token, kept) = (asked.tether().cancellation().clone(), Arc::clone(unasked.tether()));
        let other = tether.of_call();
        drop((asked, unasked));
        assert!(token.is_cancelled());
        assert!(kept.is_over() && kept.cancellation().is_cancelled(), "it is asked for afterwards");
        assert!(!other.tether().is_over() && !run.is_cancelled());
    }
}
