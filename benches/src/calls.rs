//! Tool calls: one after the other with payloads in both directions, and many at once with latency.

use crate::ffi::Scope;
use crate::meter::{Cost, cost};
use crate::subject::Subject;
use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
use anyhow::Result;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Calls at once in [`parallel`]. The default of `calls_in_flight_max`, 32, would make four waves of them.
const PARALLEL_CALLS: u32 = 100;
/// What each of them takes.
const LATENCY_MS: u64 = 10;

/// Who answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An async handler: the script's step ends, the host settles the call, a second step begins.
    Settled,
    /// An instant handler: within the call.
    AtOnce,
}

#[derive(Deserialize, Serialize, JsonSchema)]
struct Echo {
    text: String,
}

#[derive(Deserialize, JsonSchema)]
struct Wait {
    ms: u64,
}

/// A sandbox with the tools of these measurements, and room for 128 calls in flight.
///
/// # Errors
///
/// When the sandbox cannot be made.
pub fn subject(engine: &Engine) -> Result<Subject> {
    let toolbox = Toolbox::new([
        Tool::new("echo", "Answers with its arguments.", |echo: Echo| async move { Ok::<_, String>(echo) })?,
        Tool::instant("echo_at_once", "Answers with its arguments.", Ok::<Echo, String>)?,
        wait()?,
    ])?;
    let limits = Limits { calls_max: 1_000, calls_in_flight_max: 128, ..Limits::default() };
    Subject::new(engine, toolbox, limits)
}

/// A tool that takes the time it is asked for. A thread of its own keeps it, as a timer of Tokio is up to two milliseconds late; calls
/// are answered in the order in which they are made.
fn wait() -> Result<Tool> {
    let (calls, waiting) = mpsc::channel::<(Instant, oneshot::Sender<()>)>();
    thread::spawn(move || {
        for (due, answer) in waiting {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // A run that is over waits for no answer.
            let _ = answer.send(());
        }
    });
    Ok(Tool::new("wait", "Answers after some milliseconds.", move |wait: Wait| {
        let (answer, answered) = oneshot::channel();
        let sent = calls.send((Instant::now() + Duration::from_millis(wait.ms), answer));
        async move {
            sent.map_err(|error| error.to_string())?;
            answered.await.map_err(|error| error.to_string())?;
            Ok::<_, String>(wait.ms)
        }
    })?)
}

/// A run that makes `calls` calls, each awaited before the next, each with a text of `bytes` there and back. The cost is
/// per call: the run around them is in it.
///
/// # Errors
///
/// When the texts do not come back.
pub fn sequential(subject: &Subject, answer: Answer, bytes: u32, calls: u32) -> Result<Cost> {
    let tool = match answer {
        Answer::Settled => "echo",
        Answer::AtOnce => "echo_at_once",
    };
    let (script, expected) = script(tool, bytes, calls);
    let run = cost(Scope::Thread, 1, || subject.expect(&script, &expected))?;
    Ok(Cost { count: calls, ..run })
}

/// The script of [`sequential`], and its value.
pub fn script(tool: &str, bytes: u32, calls: u32) -> (String, String) {
    let script = format!(
        "const text = 'x'.repeat({bytes}); let length = 0;
        for (let i = 0; i < {calls}; i++) length += (await tools.{tool}({{ text }})).text.length;
        length"
    );
    (script, (u64::from(bytes) * u64::from(calls)).to_string())
}

/// The script of [`parallel`], and its value.
pub fn parallel_script() -> (String, String) {
    let script = format!(
        "const calls = Array.from({{ length: {PARALLEL_CALLS} }}, () => tools.wait({{ ms: {LATENCY_MS} }}));
        (await Promise.all(calls)).length"
    );
    (script, PARALLEL_CALLS.to_string())
}

/// A run that makes 100 calls at once, each of which takes 10 ms.
///
/// # Errors
///
/// When not all of them are answered.
pub fn parallel(subject: &Subject) -> Result<Cost> {
    let (script, expected) = parallel_script();
    cost(Scope::Thread, 1, || subject.expect(&script, &expected))
}
