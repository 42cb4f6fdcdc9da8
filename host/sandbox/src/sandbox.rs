//! A sandbox: an engine, tools and limits, for any number of runs.

use crate::journal::Begin;
use crate::source::Source;
use crate::{Engine, Error, Finding, Limits, Outcome, Refusal, Run, Session, Toolbox};
use std::sync::Arc;

/// What scripts may do and use. Cheap to clone; runs of one sandbox share nothing but the tools.
#[derive(Clone, Debug)]
pub struct Sandbox {
    engine: Engine,
    toolbox: Toolbox,
    limits: Arc<Limits>,
}

impl Sandbox {
    pub(crate) fn new(engine: Engine, toolbox: Toolbox, limits: Limits) -> Self {
        Self { engine, toolbox, limits: Arc::new(limits) }
    }

    /// Runs a script in a fresh realm and gives its outcome. For more control, see [`Sandbox::prepare`].
    ///
    /// Dropping the future ends the run: the instance is freed and running calls are dropped.
    ///
    /// # Errors
    ///
    /// Only when the host broke; see [`Error`].
    pub async fn run(&self, script: &str) -> Result<Outcome, Error> {
        self.prepare(script).finish().await
    }

    /// Looks at a script without running it; see [`Run::check`].
    ///
    /// # Errors
    ///
    /// Only when the host broke; see [`Error`].
    pub async fn check(&self, script: &str) -> Result<Vec<Finding>, Error> {
        self.prepare(script).check().await
    }

    /// The program in a script: Markdown around it is replaced by as many line breaks, so that lines stay in place.
    ///
    /// # Errors
    ///
    /// The [`Refusal`] that a run of the script would end with.
    pub fn program(&self, script: &str) -> Result<Arc<str>, Refusal> {
        Source::new(script.to_owned(), self.limits.script_bytes_max).map(|source| source.program())
    }

    /// A run that has not begun.
    pub fn prepare(&self, script: impl Into<String>) -> Run {
        Run::new(self.clone(), script.into())
    }

    /// Scripts that share a realm, one after the other.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// The tools.
    pub fn toolbox(&self) -> &Toolbox {
        &self.toolbox
    }

    /// The same with other tools. Runs that have been prepared keep those that they have.
    ///
    /// ```
    /// # fn example() -> Result<(), agentloop_sandbox::Error> {
    /// use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
    ///
    /// let sandbox = Engine::new()?.sandbox(Toolbox::default(), Limits::default())?;
    /// let now = Tool::instant("year", "The year.", |_: serde_json::Value| Ok::<_, String>(2026))?;
    /// let other = sandbox.with_toolbox(Toolbox::new([now])?);
    /// assert!(sandbox.toolbox().get("year").is_none() && other.toolbox().get("year").is_some());
    /// # Ok(()) }
    /// # example().unwrap();
    /// ```
    #[must_use]
    pub fn with_toolbox(&self, toolbox: Toolbox) -> Self {
        Self { toolbox, ..self.clone() }
    }

    /// The limits of each run.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The same for a run that was put aside: under the limits that it began with, with the tools that it had, under the terms of then. None of them is missing.
    pub(crate) fn of_a_run(&self, begin: &Begin<'_>) -> Self {
        let toolbox = self.toolbox.under(&begin.tools);
        Self { toolbox, limits: Arc::new(begin.limits.clone()), ..self.clone() }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn shared_limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }
}

#[cfg(test)]
mod tests {
    use super::Sandbox;

    #[test]
    fn a_run_can_be_spawned_and_a_sandbox_shared() {
        fn is_send<T: Send>(_: fn(&'static Sandbox) -> T) {}
        fn is_shared<T: Send + Sync + Clone>() {}
        is_send(|sandbox| sandbox.run(""));
        is_shared::<Sandbox>();
    }
}
