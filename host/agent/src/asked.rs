//! The time in which somebody is asked whether a call may be made. It is none of the turn's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Counts it, for one script. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    open: u32,
    since: Option<Instant>,
    time: Duration,
}

/// A question that waits for its answer while this is there.
pub(crate) struct Question(Asked);

impl Asked {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody is asked. What several are asked at the same time counts once.
    pub(crate) fn question(&self) -> Question {
        let mut counts = self.counts();
        counts.open += 1;
        counts.since.get_or_insert_with(Instant::now);
        Question(self.clone())
    }

    /// So long somebody was asked.
    pub(crate) fn time(&self) -> Duration {
        let counts = self.counts();
        counts.time + counts.since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.open -= 1;
        if counts.open == 0 {
            let asked = counts.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            counts.time += asked;
        }
    }
}
