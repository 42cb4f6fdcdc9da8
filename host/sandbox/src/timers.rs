//! The timers of a run: `setTimeout` and its kin, served by Tokio's clock.

use futures_util::FutureExt as _;
use futures_util::stream::StreamExt as _;
use std::collections::HashMap;
use std::time::Duration;
use tokio_util::time::{DelayQueue, delay_queue::Key};

struct Timer {
    id: u32,
    /// Counts from 1 within the run: of timers due at the same moment the first that was started is the first to fire.
    order: u32,
}

#[derive(Default)]
pub(crate) struct Timers {
    /// Made for the first timer: it takes several kilobytes, and most runs have none.
    waiting: Option<DelayQueue<Timer>>,
    keys: HashMap<u32, Key>,
    started: u32,
}

impl Timers {
    /// Whether a timer is waiting.
    pub(crate) fn in_flight(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Takes a timer, unless the run has had `timers_max`.
    pub(crate) fn start(&mut self, id: u32, delay: Duration, timers_max: u32) -> Result<(), ()> {
        if self.started >= timers_max {
            return Err(());
        }
        self.started += 1;
        self.cancel(id);
        let timer = Timer { id, order: self.started };
        let key = self.waiting.get_or_insert_default().insert(timer, delay);
        self.keys.insert(id, key);
        Ok(())
    }

    pub(crate) fn cancel(&mut self, id: u32) {
        if let (Some(key), Some(waiting)) = (self.keys.remove(&id), &mut self.waiting) {
            waiting.remove(&key);
        }
    }

    /// Drops all timers that are waiting.
    pub(crate) fn clear(&mut self) {
        self.waiting = None;
        self.keys.clear();
    }

    /// Waits until at least one timer is due, and returns all that are, in the order they are due. Must not be called when
    /// none is waiting.
    pub(crate) async fn due(&mut self) -> Vec<u32> {
        let Some(waiting) = &mut self.waiting else { return Vec::new() };
        let mut due = Vec::new();
        if let Some(expired) = waiting.next().await {
            due.push(expired);
        }
        while let Some(Some(expired)) = waiting.next().now_or_never() {
            due.push(expired);
        }
        // The queue tells milliseconds apart, not what is due within one.
        due.sort_by_key(|expired| (expired.deadline(), expired.get_ref().order));
        for expired in &due {
            self.keys.remove(&expired.get_ref().id);
        }
        due.iter().map(|expired| expired.get_ref().id).collect()
    }
}
