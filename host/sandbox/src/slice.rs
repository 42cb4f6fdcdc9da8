//! A step in slices: after each slice of fuel the guest gives way, and the host looks at its clocks.

use crate::journal::{Moment, Tape};
use crate::limits::Limits;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Why a step was not resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    Cancelled,
    GuestTime,
    WallTime,
}

/// What can end a run from outside: its two clocks and its cancellation.
pub(crate) struct Clocks {
    pub(crate) cancellation: CancellationToken,
    pub(crate) started: Instant,
    /// The end of the last slice, or where there was none, the start.
    pub(crate) seen: Instant,
    pub(crate) guest_time: Duration,
    /// Of the scripts before this one in its session.
    wall_time_before: Duration,
    /// Of the script: the time in which it waited for leave only, which is not counted.
    parked: Duration,
    /// Of the script, before it was put aside.
    before: Duration,
}

impl Clocks {
    pub(crate) fn new(cancellation: CancellationToken, started: Instant) -> Self {
        Self {
            cancellation,
            started,
            seen: started,
            guest_time: Duration::ZERO,
            wall_time_before: Duration::ZERO,
            parked: Duration::ZERO,
            before: Duration::ZERO,
        }
    }

    /// Goes on from where a run was when it was put aside.
    pub(crate) fn resume(&mut self, guest_time: Duration, wall_time: Duration) {
        self.guest_time = guest_time;
        self.before = wall_time;
        self.started = Instant::now();
        self.seen = self.started;
    }

    /// The clocks of the next script of a session, whose times add up.
    pub(crate) fn next(&mut self, cancellation: CancellationToken, started: Instant) {
        self.cancellation = cancellation;
        self.started = started;
        self.seen = started;
        self.parked = Duration::ZERO;
    }

    /// Ends the script. The time from its start to its end.
    pub(crate) fn finish(&mut self) -> Duration {
        let now = Instant::now();
        self.wall_time_before = self.wall_time(now);
        self.before + now.saturating_duration_since(self.started)
    }

    /// Takes time that was spent in waiting for leave off the wall time.
    pub(crate) fn park(&mut self, time: Duration) {
        self.parked += time;
    }

    /// Wall time of the script, and of those before it in its session, as far as it counts.
    pub(crate) fn wall_time(&self, now: Instant) -> Duration {
        let script = now.saturating_duration_since(self.started).saturating_sub(self.parked);
        self.wall_time_before + self.before + script
    }

    /// Whether the run is over, as of `now`.
    pub(crate) fn interruption(&self, limits: &Limits, now: Instant) -> Option<Interruption> {
        if self.cancellation.is_cancelled() {
            Some(Interruption::Cancelled)
        } else if self.guest_time >= limits.guest_time_max {
            Some(Interruption::GuestTime)
        } else if self.wall_time(now) >= limits.wall_time_max {
            Some(Interruption::WallTime)
        } else {
            None
        }
    }
}

/// Drives a step. Its time counts while it is polled, and only then. Once interrupted it is never polled again; dropping
/// it unwinds the guest.
pub(crate) struct Sliced<'a, F> {
    pub(crate) step: Pin<Box<F>>,
    pub(crate) clocks: &'a mut Clocks,
    pub(crate) limits: &'a Limits,
    pub(crate) tape: &'a Tape,
}

impl<F: Future> Future for Sliced<'_, F> {
    type Output = Result<F::Output, Interruption>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.clocks.cancellation.is_cancelled() {
            return Poll::Ready(Err(Interruption::Cancelled));
        }
        let resumed = Instant::now();
        let polled = this.step.as_mut().poll(context);
        let paused = Instant::now();
        this.clocks.guest_time += paused - resumed;
        this.clocks.seen = paused;
        match polled {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => {
                // What calls answered is written with what the script does next, unless that takes longer than a slice.
                this.tape.flush(Moment::AfterEffect);
                match this.clocks.interruption(this.limits, paused) {
                    Some(interruption) => Poll::Ready(Err(interruption)),
                    None => Poll::Pending,
                }
            }
        }
    }
}
