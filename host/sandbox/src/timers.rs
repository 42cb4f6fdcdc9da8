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
    /// Its place in the queue, and its order.
    keys: HashMap<u32, (Key, u32)>,
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
        self.keys.insert(id, (key, self.started));
        Ok(())
    }

    pub(crate) fn cancel(&mut self, id: u32) {
        if let (Some((key, _)), Some(waiting)) = (self.keys.remove(&id), &mut self.waiting) {
            waiting.remove(&key);
        }
    }

    /// Timers started so far.
    pub(crate) fn started(&self) -> u32 {
        self.started
    }

    /// The timers that wait, in the order in which they were started, and the time that is left of each.
    pub(crate) fn waiting(&self) -> Vec<(u32, Duration)> {
        let Some(waiting) = &self.waiting else { return Vec::new() };
        let now = tokio::time::Instant::now();
        let timer = |(id, (key, order)): (&u32, &(Key, u32))| (*order, *id, waiting.deadline(key) - now);
        let mut timers: Vec<_> = self.keys.iter().map(timer).collect();
        timers.sort_unstable();
        timers.into_iter().map(|(_, id, left)| (id, left)).collect()
    }

    /// Takes up the timers of a run that was suspended, which had started so many.
    pub(crate) fn resume(&mut self, waiting: impl IntoIterator<Item = (u32, Duration)>, started: u32) {
        for (id, left) in waiting {
            let _ = self.start(id, left, u32::MAX);
        }
        self.started = started;
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
