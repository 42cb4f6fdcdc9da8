//! A step in slices: after each slice of fuel the guest gives way, and the host looks at its clocks.

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

/// Drives a step. Its time counts while it is polled, and only then. Once interrupted it is never polled again; dropping
/// it unwinds the guest.
pub(crate) struct Sliced<'a, F> {
    pub(crate) step: Pin<Box<F>>,
    pub(crate) guest_time: &'a mut Duration,
    pub(crate) guest_time_max: Duration,
    pub(crate) wall_deadline: Instant,
    pub(crate) cancellation: &'a CancellationToken,
}

impl<F: Future> Future for Sliced<'_, F> {
    type Output = Result<F::Output, Interruption>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.cancellation.is_cancelled() {
            return Poll::Ready(Err(Interruption::Cancelled));
        }
        let resumed = Instant::now();
        let polled = this.step.as_mut().poll(context);
        let paused = Instant::now();
        *this.guest_time += paused - resumed;
        match polled {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending if this.cancellation.is_cancelled() => Poll::Ready(Err(Interruption::Cancelled)),
            Poll::Pending if *this.guest_time >= this.guest_time_max => Poll::Ready(Err(Interruption::GuestTime)),
            Poll::Pending if paused >= this.wall_deadline => Poll::Ready(Err(Interruption::WallTime)),
            Poll::Pending => Poll::Pending,
        }
    }
}
