//! Calls that were made under a rule, counted per run and per minute.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// More calls per minute cannot be counted: each is remembered for a minute.
pub(super) const CALLS_PER_MINUTE_MAX: u32 = 10_000;

const MINUTE: Duration = Duration::from_secs(60);

/// Calls of one run under one rule.
#[derive(Debug)]
pub(super) struct PerRun {
    calls_max: u32,
    taken: AtomicU32,
}

impl PerRun {
    pub(super) fn new(calls_max: u32) -> Arc<Self> {
        Arc::new(Self { calls_max, taken: AtomicU32::new(0) })
    }
}

/// Calls of all runs under one rule, in any minute.
#[derive(Debug)]
pub(super) struct PerMinute {
    calls_max: u32,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    /// When each of the last minute was made, the oldest first.
    made: VecDeque<Instant>,
    /// Calls that are to be decided about.
    waiting: usize,
}

impl PerMinute {
    pub(super) fn new(calls_max: u32) -> Arc<Self> {
        Arc::new(Self { calls_max, calls: Mutex::default() })
    }

    fn with_calls<T>(&self, act: impl FnOnce(&mut Calls) -> T) -> T {
        act(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A place under the limits of a rule. It is free again when this is dropped, unless the call is made.
#[derive(Debug, Default)]
pub(super) struct Place {
    per_run: Option<Arc<PerRun>>,
    per_minute: Option<Arc<PerMinute>>,
}

impl Place {
    /// Takes a place, or says for the author of the script which limit there is, and when there is a place again.
    pub(super) fn take(per_run: Option<&Arc<PerRun>>, per_minute: Option<&Arc<PerMinute>>) -> Result<Self, String> {
        let mut place = Self::default();
        if let Some(per_run) = per_run {
            let more = |taken: u32| (taken < per_run.calls_max).then(|| taken + 1);
            if per_run.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
                return Err(format!("allows {} per run, and no more are left: do without", calls(per_run.calls_max)));
            }
            place.per_run = Some(Arc::clone(per_run));
        }
        if let Some(per_minute) = per_minute {
            take_of_minute(per_minute)?;
            place.per_minute = Some(Arc::clone(per_minute));
        }
        Ok(place)
    }

    /// The call is made.
    pub(super) fn keep(mut self) {
        self.per_run = None;
        if let Some(per_minute) = self.per_minute.take() {
            per_minute.with_calls(|calls| {
                calls.waiting -= 1;
                calls.made.push_back(Instant::now());
            });
        }
    }
}

fn take_of_minute(per_minute: &PerMinute) -> Result<(), String> {
    let now = Instant::now();
    per_minute.with_calls(|state| {
        while state.made.front().is_some_and(|made| now.duration_since(*made) >= MINUTE) {
            state.made.pop_front();
        }
        if state.made.len() + state.waiting < per_minute.calls_max as usize {
            state.waiting += 1;
            return Ok(());
        }
        let allowed = calls(per_minute.calls_max);
        Err(match state.made.front() {
            Some(oldest) => {
                let left = MINUTE.saturating_sub(now.duration_since(*oldest));
                let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
                format!("allows {allowed} per minute, and the next one in {seconds} s: wait with `setTimeout`, or do without")
            }
            None => format!("allows {allowed} per minute, and that many wait for leave to be made: call again after those"),
        })
    })
}

fn calls(count: u32) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(per_run) = &self.per_run {
            per_run.taken.fetch_sub(1, Ordering::Relaxed);
        }
        if let Some(per_minute) = &self.per_minute {
            per_minute.with_calls(|calls| calls.waiting -= 1);
        }
    }
}
