//! How long after its time a script is stopped that would not stop by itself.

use crate::subject::Subject;
use agentloop_sandbox::{Ending, Engine, LimitKind, Limits, Toolbox};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};

/// Time that each script is given.
pub const TIME: Duration = Duration::from_millis(500);

/// What a script does that does not end.
pub const ENDLESS: [(&str, &str); 4] = [
    ("an endless loop", "while (true) {}"),
    ("a catastrophic regex", "/^(a+)+$/.test('a'.repeat(40) + 'b')"),
    ("`try` in a loop", "for (;;) { try { null.x } catch {} }"),
    ("fills of typed arrays", "const a = new Float64Array(4e6); for (;;) a.fill(1)"),
];

/// Milliseconds from the start of a script to the end of its run.
///
/// # Errors
///
/// When it ends in any other way than by its time.
pub fn stopped_ms(engine: &Engine, script: &str) -> Result<f64> {
    let limits = Limits { guest_time_max: TIME, fuel_max: u64::MAX, ..Limits::default() };
    let subject = Subject::new(engine, Toolbox::default(), limits)?;
    let begun = Instant::now();
    let ending = subject.ending(script)?;
    let time = begun.elapsed();
    let is_it = matches!(&ending, Ending::LimitExceeded(exceeded) if exceeded.limit == LimitKind::GuestTime);
    ensure!(is_it, "a script without end ended: {ending:?}");
    Ok(time.as_secs_f64() * 1e3)
}
