//! Time in which a run waits for nothing but leave to make its calls. It may be hours until somebody says yes, so it does not
//! count as wall time of the run.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// Counts the calls of a run that are under way, those of them that wait for leave, and those of these that wait for it until the
/// run is resumed.
#[derive(Debug, Default)]
pub(crate) struct Parking {
    counts: Mutex<Counts>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Counts {
    /// Whether the run waits, and for calls only.
    waiting: bool,
    running: BTreeSet<u32>,
    /// The calls that wait for leave.
    asking: BTreeSet<u32>,
    put_off: usize,
    parked_since: Option<Instant>,
    parked: Duration,
}

impl Counts {
    /// Begins or ends a stretch of parked time, if it is one.
    fn look(&mut self) {
        let is_parked = self.waiting && !self.asking.is_empty() && self.asking.len() == self.running.len();
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
pub(crate) struct Asking {
    parking: Arc<Parking>,
    call: u32,
    is_put_off: bool,
}

impl Asking {
    /// Waits until the run is resumed, which this future does not live to see.
    pub(crate) async fn put_off(mut self) -> std::convert::Infallible {
        self.is_put_off = true;
        self.parking.change(|counts| counts.put_off += 1);
        std::future::pending().await
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.parking.change(|counts| {
            counts.asking.remove(&self.call);
            counts.put_off -= usize::from(self.is_put_off);
        });
    }
}

impl Parking {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts();
        change(&mut counts);
        counts.look();
        self.changed.notify_one();
    }

    /// A call begins to wait for leave.
    pub(crate) fn ask(self: &Arc<Self>, call: u32) -> Asking {
        self.change(|counts| {
            counts.asking.insert(call);
        });
        Asking { parking: Arc::clone(self), call, is_put_off: false }
    }

    /// The calls that wait for leave.
    pub(crate) fn asking(&self) -> Vec<u32> {
        self.counts().asking.iter().copied().collect()
    }

    /// A call is under way.
    pub(crate) fn started(&self, call: u32) {
        self.change(|counts| {
            counts.running.insert(call);
        });
    }

    /// Calls are over.
    pub(crate) fn ended(&self, calls: impl Iterator<Item = u32>) {
        self.change(|counts| {
            for call in calls {
                counts.running.remove(&call);
            }
        });
    }

    /// The calls that are under way and do not wait for leave.
    pub(crate) fn begun(&self) -> Vec<u32> {
        let counts = self.counts();
        counts.running.difference(&counts.asking).copied().collect()
    }

    /// Until all calls that are under way are put off.
    pub(crate) async fn all_put_off(&self) {
        self.until(|counts| !counts.running.is_empty() && counts.put_off == counts.running.len()).await;
    }

    /// Until all calls that are under way wait for leave.
    pub(crate) async fn all_ask(&self) {
        self.until(|counts| counts.asking.len() == counts.running.len()).await;
    }

    async fn until(&self, is_met: impl Fn(&Counts) -> bool) {
        while !is_met(&self.counts()) {
            self.changed.notified().await;
        }
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
        parking.started(0);
        parking.started(1);
        parking.begin(true);
        let first = parking.ask(0);
        sleep(WHILE);
        assert_eq!(parking.time(), Duration::ZERO, "the other call runs");
        let second = parking.ask(1);
        sleep(WHILE);
        let both = parking.time();
        assert!(both >= WHILE);
        drop(first);
        let after = parking.time();
        sleep(WHILE);
        assert_eq!(parking.time(), after, "the first call runs");
        parking.ended([0].into_iter());
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
        parking.started(0);
        parking.begin(false);
        let _asking = parking.ask(0);
        sleep(WHILE);
        assert_eq!(parking.end(), Duration::ZERO);
    }
}
