//! Time in which a run waits for nothing but leave to make its calls. It may be hours until somebody says yes, so it does not
//! count as wall time of the run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Counts the calls of a run that are under way, and those of them that wait for leave.
#[derive(Debug, Default)]
pub(crate) struct Parking(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// Whether the run waits, and for calls only.
    waiting: bool,
    running: usize,
    asking: usize,
    parked_since: Option<Instant>,
    parked: Duration,
}

impl Counts {
    /// Begins or ends a stretch of parked time, if it is one.
    fn look(&mut self) {
        let is_parked = self.waiting && self.asking > 0 && self.asking == self.running;
        match (is_parked, self.parked_since) {
            (true, None) => self.parked_since = Some(Instant::now()),
            (false, Some(since)) => {
                self.parked += since.elapsed();
                self.parked_since = None;
            }
            _ => {}
        }
    }
}

/// A call that waits for leave, until this is dropped.
pub(crate) struct Asking(Arc<Parking>);

impl Drop for Asking {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.asking -= 1;
        counts.look();
    }
}

impl Parking {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins to wait for leave.
    pub(crate) fn ask(self: &Arc<Self>) -> Asking {
        let mut counts = self.counts();
        counts.asking += 1;
        counts.look();
        Asking(Arc::clone(self))
    }

    /// A call is under way.
    pub(crate) fn started(&self) {
        let mut counts = self.counts();
        counts.running += 1;
        counts.look();
    }

    /// Calls are over.
    pub(crate) fn ended(&self, calls: usize) {
        let mut counts = self.counts();
        counts.running = counts.running.saturating_sub(calls);
        counts.look();
    }

    /// The run begins to wait. With `for_calls_only`, it is parked while all of them ask.
    pub(crate) fn begin(&self, for_calls_only: bool) {
        let mut counts = self.counts();
        counts.parked = Duration::ZERO;
        counts.waiting = for_calls_only;
        counts.look();
    }

    /// Parked time since the run began to wait.
    pub(crate) fn time(&self) -> Duration {
        let counts = self.counts();
        counts.parked + counts.parked_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// The run waits no more. Parked time since it began.
    pub(crate) fn end(&self) -> Duration {
        let mut counts = self.counts();
        counts.waiting = false;
        counts.look();
        counts.parked
    }
}

#[cfg(test)]
mod tests {
    use super::Parking;
    use std::sync::Arc;
    use std::thread::sleep;
    use std::time::Duration;

    const WHILE: Duration = Duration::from_millis(20);

    #[test]
    fn only_time_in_which_all_calls_ask_counts() {
        let parking = Arc::new(Parking::default());
        parking.started();
        parking.started();
        parking.begin(true);
        let first = parking.ask();
        sleep(WHILE);
        assert_eq!(parking.time(), Duration::ZERO, "the other call runs");
        let second = parking.ask();
        sleep(WHILE);
        let both = parking.time();
        assert!(both >= WHILE);
        drop(first);
        let after = parking.time();
        sleep(WHILE);
        assert_eq!(parking.time(), after, "the first call runs");
        parking.ended(1);
        sleep(WHILE);
        assert!(parking.time() >= after + WHILE, "only the one that asks is left");
        let time = parking.end();
        sleep(WHILE);
        assert_eq!(parking.time(), time, "the run waits no more");
        drop(second);
    }

    #[test]
    fn a_run_that_waits_for_a_timer_as_well_is_not_parked() {
        let parking = Arc::new(Parking::default());
        parking.started();
        parking.begin(false);
        let _asking = parking.ask();
        sleep(WHILE);
        assert_eq!(parking.end(), Duration::ZERO);
    }
}
