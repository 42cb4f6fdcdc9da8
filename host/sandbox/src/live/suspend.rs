//! Putting a run aside while it waits.

use super::{End, Live};
use crate::calls::Answer;
use crate::execute::Admitted;
use crate::journal::{Entry, Suspend};
use crate::ledger::microseconds;
use crate::resume::Resolution;
use crate::{Ending, Error, Suspended, snapshot};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Longer than any call may take.
const GRACE_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Live {
    /// Waits for the calls that have begun, then takes the run as it is. The instance is of no more use.
    pub(super) async fn put_aside(&mut self) -> Result<Ending, End> {
        let state = self.store.data_mut();
        let grace = state.suspension.grace.unwrap_or(GRACE_MAX);
        tokio::select! {
            biased;
            () = self.clocks.cancellation.cancelled() => return Ok(Ending::Cancelled),
            () = state.calls.calm_down(grace) => {}
        }
        let asking = state.calls.parking().asking();
        let timers = state.timers.waiting().into_iter().map(|(id, left)| (id, microseconds(left))).collect();
        let suspend = Suspend {
            asking,
            guest_time_us: microseconds(self.clocks.guest_time),
            wall_time_us: microseconds(self.clocks.wall_time(Instant::now())),
            timers,
            timers_started: state.timers.started(),
            console_bytes: state.console_bytes,
            console_dropped_bytes: state.console_dropped_bytes,
        };
        let snapshot = self.snapshot().await?;
        let tape = &self.store.data().tape;
        tape.note(|| Entry::Suspend(suspend));
        let past = tape.kept();
        if let Some(reason) = tape.failure() {
            return Ok(Ending::NotRecorded { reason });
        }
        let too_large = || Error::Journal {
            reason: "it is larger than `report_bytes_max`, so the run cannot be put aside".to_owned(),
        };
        let suspended =
            past.ok_or_else(too_large).and_then(|past| Suspended::new(past, snapshot).map_err(Error::Resume));
        suspended.map(|suspended| Ending::Suspended(Box::new(suspended))).map_err(End::Error)
    }

    /// The memory of the instance, as it differs from a fresh one.
    async fn snapshot(&mut self) -> Result<Vec<u8>, End> {
        let fresh = self.engine.fresh_memory().await.map_err(End::Error)?;
        let contents = self.guest.contents(&mut self.store)?;
        let (memory,) = contents.call_async(&mut self.store, ()).await?;
        Ok(snapshot::take(memory.as_le_slice(&self.store), &fresh))
    }

    /// Puts a memory into the instance, in which nothing has run.
    pub(crate) async fn restore(&mut self, snapshot: &[u8]) -> Result<(), Error> {
        let fresh = self.engine.fresh_memory().await?;
        let length_max = self.store.data().limits.memory_bytes_max;
        let broken = |reason: &str| Error::Guest { reason: reason.to_owned() };
        let restored = snapshot::restored(snapshot, &fresh, length_max);
        let restored = restored.ok_or_else(|| broken("the memory of a suspended run is damaged"))?;
        let place = self.guest.place(&mut self.store).map_err(Error::Instance)?;
        let restore = self.guest.restore(&mut self.store).map_err(Error::Instance)?;
        for (start, bytes) in restored.parts {
            let (is_placed,) =
                place.call_async(&mut self.store, (start, restored.length)).await.map_err(Error::Instance)?;
            if !is_placed {
                return Err(broken("there is no memory for a suspended run"));
            }
            restore.call_async(&mut self.store, (bytes,)).await.map_err(Error::Instance)?;
        }
        Ok(())
    }

    /// Takes up the calls of a run that was put aside.
    pub(crate) fn take_up(
        &mut self,
        resolutions: BTreeMap<u32, Resolution>,
        waiting: Vec<Admitted>,
        ready: Vec<Answer>,
    ) {
        self.store.data_mut().calls.resume(waiting, ready, resolutions);
    }
}
