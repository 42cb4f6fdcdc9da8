//! The fuel of a step: what the host has of it, and the slice that the guest holds.
//!
//! The guest counts for itself, by code that the build wove into it (`guest-js/build/meter.rs`). It asks for a slice, hands back
//! what is left of it, and what it has not handed back counts as used.

use crate::state::{State, Stop};
use wasmtime::StoreContextMut;

/// Fuel that a step may burn before it lets other tasks of its thread run and the host looks at its clocks: a few milliseconds.
const SLICE_FUEL: u64 = 10_000_000;

/// Counts the fuel of a step.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    left: u64,
    held: u64,
    /// Burnt since the host last looked at its clocks.
    burnt: u64,
}

impl Meter {
    /// A step begins with this much fuel.
    pub(crate) fn begin(&mut self, fuel: u64) {
        *self = Self { left: fuel, held: 0, burnt: 0 };
    }

    /// Fuel that nobody has used and the guest does not hold.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// Takes back what the guest held. `left` is below zero by what it used beyond that.
    pub(crate) fn give_back(&mut self, left: i64) -> Result<(), Stop> {
        let (unused, overdrawn) = match u64::try_from(left) {
            Ok(unused) => (unused, 0),
            Err(_) => (0, left.unsigned_abs()),
        };
        let Some(used) = self.held.checked_sub(unused) else {
            return Err(Stop::Broken("it gave back more fuel than it held"));
        };
        self.held = 0;
        self.left += unused;
        self.burnt = self.burnt.saturating_add(used);
        self.charge(overdrawn)
    }

    /// Takes fuel for work that was done.
    fn charge(&mut self, units: u64) -> Result<(), Stop> {
        self.burnt = self.burnt.saturating_add(units);
        let left = self.left.checked_sub(units);
        self.left = left.unwrap_or(0);
        left.map(drop).ok_or(Stop::Fuel)
    }

    fn hand_out(&mut self) -> i64 {
        self.held = self.left.min(SLICE_FUEL);
        self.left -= self.held;
        self.held.cast_signed()
    }

    /// Whether a slice is used up. Then another begins.
    fn is_slice_over(&mut self) -> bool {
        let is_over = self.burnt >= SLICE_FUEL;
        if is_over {
            self.burnt = 0;
        }
        is_over
    }
}

/// Takes back a slice and hands out the next one. Gives way between the two, if the last one was used up.
pub(crate) async fn exchange(mut store: StoreContextMut<'_, State>, (left,): (i64,)) -> wasmtime::Result<(i64,)> {
    store.data_mut().meter.give_back(left)?;
    give_way(&mut store).await;
    Ok((store.data_mut().meter.hand_out(),))
}

/// Takes fuel for work that the host does for the guest, and gives way when a slice is used up.
pub(crate) async fn charge(store: &mut StoreContextMut<'_, State>, units: u64) -> wasmtime::Result<()> {
    store.data_mut().meter.charge(units)?;
    give_way(store).await;
    Ok(())
}

async fn give_way(store: &mut StoreContextMut<'_, State>) {
    if store.data_mut().meter.is_slice_over() {
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::{Meter, SLICE_FUEL};
    use crate::state::Stop;

    fn meter(fuel: u64) -> Meter {
        let mut meter = Meter::default();
        meter.begin(fuel);
        meter
    }

    #[test]
    fn what_is_handed_out_in_slices_is_the_fuel_of_the_step_to_the_unit() {
        let mut meter = meter(SLICE_FUEL + 100);
        assert_eq!(meter.hand_out(), SLICE_FUEL.cast_signed());
        assert_eq!(meter.left(), 100, "what the guest holds may be gone");
        meter.give_back(-30).expect("there is enough");
        assert!(meter.is_slice_over());
        assert_eq!(meter.hand_out(), 70);
        meter.give_back(20).expect("it is less than it held");
        assert_eq!(meter.left(), 20);
        meter.charge(20).expect("there is enough");
        assert_eq!(meter.hand_out(), 0);
        meter.give_back(0).expect("nothing was used");
        assert!(matches!(meter.give_back(-1), Err(Stop::Fuel)));
    }

    #[test]
    fn a_guest_cannot_give_back_more_than_it_holds() {
        let mut meter = meter(1_000);
        let held = meter.hand_out();
        assert!(matches!(meter.give_back(held + 1), Err(Stop::Broken("it gave back more fuel than it held"))));
        assert!(matches!(meter.give_back(i64::MAX), Err(Stop::Broken(_))));
        meter.give_back(held).expect("it held so much");
        assert_eq!(meter.left(), 1_000);
    }

    #[test]
    fn what_was_used_beyond_the_last_slice_ends_the_run() {
        let mut meter = meter(10);
        assert_eq!(meter.hand_out(), 10);
        assert!(matches!(meter.give_back(i64::MIN), Err(Stop::Fuel)));
        assert_eq!(meter.left(), 0);
    }
}
