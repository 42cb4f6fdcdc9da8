//! An instance out of the pool, ready for a script.

use crate::bindings;
use crate::live::Live;
use crate::session::Kept;
use crate::slice::Clocks;
use crate::source::Source;
use crate::state::State;
use crate::{Ending, Engine, Error, LimitExceeded, LimitKind};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;

/// Waits for a place in the pool. How the run ends without one, if it does.
pub(crate) async fn slot(
    engine: &Engine,
    clocks: &Clocks,
    wall_time_max: Duration,
) -> Result<Result<OwnedSemaphorePermit, Ending>, Error> {
    let started = clocks.started;
    tokio::select! {
        biased;
        () = clocks.cancellation.cancelled() => Ok(Err(Ending::Cancelled)),
        slot = engine.slots().acquire_owned() => {
            slot.map(Ok).map_err(|_| Error::Guest { reason: "the engine is closed".to_owned() })
        }
        () = tokio::time::sleep(wall_time_max) => {
            let exceeded = LimitExceeded::time(LimitKind::WallTime, Instant::now() - started, wall_time_max);
            Ok(Err(Ending::LimitExceeded(exceeded)))
        }
    }
}

/// What an instance is made in. A state is large: it goes where it stays at once, not from future to future.
pub(crate) fn store(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(engine.guest().engine(), state);
    store.limiter(|state| &mut state.memory);
    // Wasmtime's own bound on what it copies out of a guest: it copies nothing, the bindings take places, not strings.
    store.set_hostcall_fuel(usize::MAX);
    store
}

/// A fresh instance in that place.
pub(crate) async fn fresh(
    engine: &Engine,
    slot: OwnedSemaphorePermit,
    mut store: Store<State>,
    source: Source,
    clocks: Clocks,
) -> Result<Kept, Error> {
    let guest = bindings::instantiate(engine.guest(), &mut store).await?;
    Ok(Kept { live: Live::new(engine, store, guest, source, clocks), _slot: slot })
}

/// A timer that cannot be made would be a panic in the middle of a run.
pub(crate) fn require_timer() -> Result<(), Error> {
    let is_there = tokio::runtime::Handle::try_current().is_ok()
        && std::panic::catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_ok();
    if is_there { Ok(()) } else { Err(Error::NoRuntime) }
}
