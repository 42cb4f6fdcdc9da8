//! What a run may use. Every limit is on by default, and zero never means "unlimited": it is refused.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Nesting of any value that crosses the boundary, in either direction. Fixed by the contract (`wit/agentloop.wit`).
pub const DEPTH_MAX: usize = 128;

/// Fuel that one call costs beside its tool's own price, for the host's work of queueing and reporting it.
pub const CALL_FUEL: u64 = 2_000;

/// Fuel per byte of arguments or result, for the host's work of copying, checking and parsing it.
pub const CALL_BYTE_FUEL: u64 = 2;

/// Fuel that one write to the console costs, beside [`CONSOLE_BYTE_FUEL`].
pub const CONSOLE_WRITE_FUEL: u64 = 500;

/// Fuel per byte written to the console, kept or not.
pub const CONSOLE_BYTE_FUEL: u64 = 1;

/// Fuel that one timer costs.
pub const TIMER_FUEL: u64 = 2_000;

/// The longest time a limit can name.
const TIME_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The budgets of one run. `Default` gives the values named at each field.
///
/// ```
/// use agentloop_sandbox::Limits;
/// use std::time::Duration;
///
/// let limits = Limits { memory_bytes_max: 16 << 20, call_time_max: Duration::from_secs(5), ..Limits::default() };
/// assert_eq!(limits.calls_max, 256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Units of fuel for the whole run. Default 50,000,000,000: three to six seconds of interpreted JavaScript. A unit is
    /// about one WebAssembly instruction: a function, and each turn of a loop, costs as many as it has, 64 at most. Calls and
    /// console output cost extra ([`CALL_FUEL`] and its neighbours). A run that needs `n` takes a budget of `n`.
    pub fuel_max: u64,
    /// Units of fuel for one step, the code between two waits. Default: none of its own, `fuel_max` holds.
    pub step_fuel_max: Option<u64>,
    /// Time that the guest executes, without the time it waits for tools. Default 10 s.
    #[serde(with = "milliseconds")]
    pub guest_time_max: Duration,
    /// Time of the whole run, waiting included; but not while it waits for nothing but the verdicts of its
    /// [gate](crate::Run::gate). Default 5 min.
    #[serde(with = "milliseconds")]
    pub wall_time_max: Duration,
    /// Linear memory of the instance, in bytes. Default 64 MiB.
    pub memory_bytes_max: usize,
    /// Source text of the script, in bytes of UTF-8. Default 256 KiB.
    pub script_bytes_max: usize,
    /// Texts given by [`Run::literal`](crate::Run::literal), ids included, in bytes of UTF-8. Default 4 MiB.
    pub literals_bytes_max: usize,
    /// JSON text of the arguments of one call, in bytes. Default 1 MiB.
    pub arguments_bytes_max: usize,
    /// JSON text of the result of one call, in bytes. Default 4 MiB.
    pub result_bytes_max: usize,
    /// Calls per run. Default 256.
    pub calls_max: u32,
    /// Calls that run at the same time; more wait in a queue. Default 32.
    pub calls_in_flight_max: u32,
    /// Time of one call, unless its tool has a timeout of its own. Default 30 s. The time in the queue does not count.
    #[serde(with = "milliseconds")]
    pub call_time_max: Duration,
    /// Timers per run (`setTimeout`, and each turn of a `setInterval`). Default 10,000. One more is a `RangeError` inside
    /// the script. Time that a script waits for a timer is wall time, not guest time.
    pub timers_max: u32,
    /// JSON text of the final value, in bytes. Default 1 MiB.
    pub value_bytes_max: usize,
    /// Console output of the run, in bytes. Default 64 KiB. More is dropped and marked, and the run goes on.
    pub console_bytes_max: usize,
    /// Bytes that go into the guest over the whole run: source, answers of calls. Default 256 MiB.
    pub bytes_in_max: u64,
    /// Bytes that come out of it over the whole run: arguments, console, the final value. Default 256 MiB.
    pub bytes_out_max: u64,
    /// Time that the run waits between its steps, as far as it counts as wall time. Default: no limit of its own, `wall_time_max`
    /// holds.
    #[serde(with = "optional_milliseconds")]
    pub waited_max: Option<Duration>,
    /// Arguments and results kept for [`Outcome::calls`](crate::Outcome::calls), in bytes over the whole run. Default
    /// 16 MiB. Beyond it a report says that they were left out; the script is not affected.
    pub report_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel_max: 50_000_000_000,
            step_fuel_max: None,
            guest_time_max: Duration::from_secs(10),
            wall_time_max: Duration::from_secs(300),
            memory_bytes_max: 64 << 20,
            script_bytes_max: 256 << 10,
            literals_bytes_max: 4 << 20,
            arguments_bytes_max: 1 << 20,
            result_bytes_max: 4 << 20,
            calls_max: 256,
            calls_in_flight_max: 32,
            call_time_max: Duration::from_secs(30),
            timers_max: 10_000,
            value_bytes_max: 1 << 20,
            console_bytes_max: 64 << 10,
            bytes_in_max: 256 << 20,
            bytes_out_max: 256 << 20,
            waited_max: None,
            report_bytes_max: 16 << 20,
        }
    }
}

impl Limits {
    /// The names of the limits that are higher than those of `other`.
    pub(crate) fn above(&self, other: &Self) -> Vec<&'static str> {
        let waited = |limits: &Self| limits.waited_max.unwrap_or(TIME_MAX);
        let step_fuel = |limits: &Self| limits.step_fuel_max.unwrap_or(u64::MAX);
        let higher = [
            ("fuel_max", self.fuel_max > other.fuel_max),
            ("step_fuel_max", step_fuel(self) > step_fuel(other)),
            ("guest_time_max", self.guest_time_max > other.guest_time_max),
            ("wall_time_max", self.wall_time_max > other.wall_time_max),
            ("memory_bytes_max", self.memory_bytes_max > other.memory_bytes_max),
            ("script_bytes_max", self.script_bytes_max > other.script_bytes_max),
            ("literals_bytes_max", self.literals_bytes_max > other.literals_bytes_max),
            ("arguments_bytes_max", self.arguments_bytes_max > other.arguments_bytes_max),
            ("result_bytes_max", self.result_bytes_max > other.result_bytes_max),
            ("calls_max", self.calls_max > other.calls_max),
            ("calls_in_flight_max", self.calls_in_flight_max > other.calls_in_flight_max),
            ("call_time_max", self.call_time_max > other.call_time_max),
            ("timers_max", self.timers_max > other.timers_max),
            ("value_bytes_max", self.value_bytes_max > other.value_bytes_max),
            ("console_bytes_max", self.console_bytes_max > other.console_bytes_max),
            ("bytes_in_max", self.bytes_in_max > other.bytes_in_max),
            ("bytes_out_max", self.bytes_out_max > other.bytes_out_max),
            ("waited_max", waited(self) > waited(other)),
            ("report_bytes_max", self.report_bytes_max > other.report_bytes_max),
        ];
        higher.into_iter().filter(|(_, is_higher)| *is_higher).map(|(name, _)| name).collect()
    }

    /// Refuses what cannot be enforced: zeros, and memory that the engine itself does not fit in or that the pool of
    /// instances cannot hold.
    pub(crate) fn check(&self, memory_bytes_min: usize, memory_bytes_pool: usize) -> Result<(), Error> {
        let zeros = [
            ("fuel_max", self.fuel_max == 0),
            ("step_fuel_max", self.step_fuel_max == Some(0)),
            ("guest_time_max", self.guest_time_max.is_zero()),
            ("wall_time_max", self.wall_time_max.is_zero()),
            ("script_bytes_max", self.script_bytes_max == 0),
            ("arguments_bytes_max", self.arguments_bytes_max == 0),
            ("result_bytes_max", self.result_bytes_max == 0),
            ("calls_in_flight_max", self.calls_in_flight_max == 0),
            ("call_time_max", self.call_time_max.is_zero()),
            ("value_bytes_max", self.value_bytes_max == 0),
            ("bytes_in_max", self.bytes_in_max == 0),
            ("bytes_out_max", self.bytes_out_max == 0),
            ("waited_max", self.waited_max.is_some_and(|time| time.is_zero())),
        ];
        for (limit, is_zero) in zeros {
            if is_zero {
                return Err(Error::Limit { limit, reason: "zero would let no script run; give at least 1".to_owned() });
            }
        }
        let times = [
            ("guest_time_max", self.guest_time_max),
            ("wall_time_max", self.wall_time_max),
            ("call_time_max", self.call_time_max),
            ("waited_max", self.waited_max.unwrap_or_default()),
        ];
        for (limit, time) in times {
            if time > TIME_MAX {
                return Err(Error::Limit { limit, reason: "at most a year can be measured".to_owned() });
            }
        }
        if self.memory_bytes_max < memory_bytes_min {
            let reason = format!(
                "{} bytes are less than the {memory_bytes_min} that the JavaScript engine itself takes",
                self.memory_bytes_max
            );
            return Err(Error::Limit { limit: "memory_bytes_max", reason });
        }
        if self.memory_bytes_max > memory_bytes_pool {
            let reason = format!("an instance can hold at most {memory_bytes_pool} bytes");
            return Err(Error::Limit { limit: "memory_bytes_max", reason });
        }
        Ok(())
    }
}

/// The same limits for a run that is played back, in which no time passes.
pub(crate) fn timeless(limits: &Limits) -> Limits {
    Limits { guest_time_max: TIME_MAX, wall_time_max: TIME_MAX, waited_max: None, ..limits.clone() }
}

/// Times of a journal.
mod milliseconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// A time of a journal that may not be there.
mod optional_milliseconds {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    pub(super) fn serialize<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Option::<u64>::deserialize(deserializer).map(|time| time.map(Duration::from_millis))
    }
}
