//! One measurement: what a number of equal executions cost.

use crate::ffi::{Scope, Usage};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The cost of some executions together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// Processor time.
    pub cpu: Duration,
    /// Time on the clock.
    pub wall: Duration,
    /// Page faults that needed no disk.
    pub minor_faults: u64,
    /// How many executions.
    pub count: u32,
}

impl Cost {
    /// Processor time of one execution, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / f64::from(self.count)
    }

    /// Time on the clock of one execution, in microseconds.
    pub fn wall_us(&self) -> f64 {
        self.wall.as_secs_f64() * 1e6 / f64::from(self.count)
    }

    /// Executions per second, by the clock.
    pub fn per_second(&self) -> f64 {
        f64::from(self.count) / self.wall.as_secs_f64()
    }

    /// Page faults of one execution.
    pub fn faults(&self) -> f64 {
        self.minor_faults as f64 / f64::from(self.count)
    }
}

/// Executes `count` times.
///
/// # Errors
///
/// The first error of an execution.
pub fn cost(scope: Scope, count: u32, mut execute: impl FnMut() -> Result<()>) -> Result<Cost> {
    let started = Instant::now();
    let before = Usage::of(scope);
    for _ in 0..count {
        execute()?;
    }
    let after = Usage::of(scope);
    Ok(Cost {
        cpu: after.cpu.saturating_sub(before.cpu),
        wall: started.elapsed(),
        minor_faults: after.minor_faults.saturating_sub(before.minor_faults),
        count,
    })
}

/// Measures one execution `count` times over and adds up, for Criterion's `iter_custom`.
///
/// # Panics
///
/// When an execution fails: Criterion takes no errors.
pub fn total(count: u64, mut execute: impl FnMut() -> Result<Cost>) -> Total {
    let mut total = Total { cpu: Duration::ZERO, wall: Duration::ZERO };
    for _ in 0..count {
        let cost = execute().expect("a measured script does what it did before");
        total.cpu += cost.cpu;
        total.wall += cost.wall;
    }
    total
}

/// What [`total`] adds up.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// Processor time.
    pub cpu: Duration,
    /// Time on the clock.
    pub wall: Duration,
}

/// The two sides of one measurement.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Pair {
    /// agentloop.
    pub ours: Cost,
    /// Native QuickJS-NG.
    pub native: Cost,
}

/// Measures both sides. What was touched last is warm: one round in two begins with us, the other ends with us.
///
/// # Errors
///
/// Those of the two.
pub fn in_turn(round: u32, ours: impl FnOnce() -> Result<Cost>, native: impl FnOnce() -> Result<Cost>) -> Result<Pair> {
    if round.is_multiple_of(2) {
        Ok(Pair { ours: ours()?, native: native()? })
    } else {
        let native = native()?;
        Ok(Pair { ours: ours()?, native })
    }
}
