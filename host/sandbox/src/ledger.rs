//! The account of a run: what it used, step by step and tool by tool.

use crate::{CallReport, CallStatus};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::time::Duration;

/// Under which name calls of tools are counted that the run does not have.
pub(crate) const UNKNOWN_TOOL: &str = "(unknown)";

/// What a run used. Everything but the times is the same for each run of the same script with the same answers.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
///
/// let add = Tool::new("add", "Adds.", |(x, y): (i32, i32)| async move { Ok::<_, String>(x + y) })?;
/// let sandbox = Engine::new()?.sandbox(Toolbox::new([add])?, Limits::default())?;
/// let usage = sandbox.run("await tools.add([1, 2]); await tools.add([3, 4])").await?.usage;
/// assert_eq!((usage.steps.len(), usage.tools["add"].calls), (3, 2));
/// assert_eq!(usage.steps.iter().map(|step| step.fuel).sum::<u64>(), usage.fuel);
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// Units of fuel, calls and console included.
    pub fuel: u64,
    /// The most linear memory the instance had, in bytes.
    pub memory_peak_bytes: usize,
    /// Calls made.
    pub tool_calls: u32,
    /// Bytes of JSON text and source that went into the guest.
    pub bytes_in: u64,
    /// Bytes of JSON text and console output that came out of it.
    pub bytes_out: u64,
    /// Time that the guest executed.
    #[serde(rename = "guest_us", serialize_with = "in_microseconds")]
    pub guest_time: Duration,
    /// Time of the whole run.
    #[serde(rename = "wall_us", serialize_with = "in_microseconds")]
    pub wall_time: Duration,
    /// Time between its steps, in which it waited for tools and timers. A wait that no step followed is counted here only.
    #[serde(rename = "waited_us", serialize_with = "in_microseconds")]
    pub waited: Duration,
    /// Each step, in order.
    pub steps: Vec<StepUsage>,
    /// Each tool that was called. Calls of tools that the run does not have are counted as `(unknown)`.
    pub tools: BTreeMap<String, ToolUsage>,
}

/// What a step used: the code between two waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StepUsage {
    /// Units of fuel. Those of all steps add up to that of the run.
    pub fuel: u64,
    /// Calls that the script asked for in it.
    pub calls: u32,
    /// Bytes that went into the guest: the source, answers of calls.
    pub bytes_in: u64,
    /// Bytes that came out of it: arguments, console, the final value.
    pub bytes_out: u64,
    /// Time that the run waited before it.
    #[serde(rename = "waited_us", serialize_with = "in_microseconds")]
    pub waited: Duration,
}

/// What the calls of a tool used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ToolUsage {
    /// Calls of it.
    pub calls: u32,
    /// Those of them that failed, or were refused.
    pub failed: u32,
    /// Units of fuel that were charged for them.
    pub fuel: u64,
    /// Bytes of their arguments.
    pub bytes_out: u64,
    /// Bytes of their results, and of the messages of those that failed.
    pub bytes_in: u64,
    /// The time that they took, added up.
    #[serde(rename = "time_us", serialize_with = "in_microseconds")]
    pub time: Duration,
}

impl Usage {
    /// Units of fuel of each step, in order.
    pub fn fuel_per_step(&self) -> Vec<u64> {
        self.steps.iter().map(|step| step.fuel).collect()
    }
}

fn in_microseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(microseconds(*time))
}

pub(crate) fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Counts while a run goes on.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    steps: Vec<StepUsage>,
    /// The step that is under way, or comes next.
    current: StepUsage,
    bytes_in: u64,
    bytes_out: u64,
    waited: Duration,
    /// Bytes in, bytes out and waiting of the scripts before this one in its session.
    before: (u64, u64, Duration),
}

impl Tally {
    /// For the next script of a session, whose limits hold for all of them.
    pub(crate) fn next(&self) -> Self {
        let (bytes_in, bytes_out) = self.bytes();
        Self { before: (bytes_in, bytes_out, self.time_waited()), ..Self::default() }
    }

    pub(crate) fn call(&mut self, bytes: usize) {
        self.current.calls += 1;
        self.bytes_out(bytes);
    }

    pub(crate) fn bytes_in(&mut self, bytes: u64) {
        self.current.bytes_in += bytes;
        self.bytes_in += bytes;
    }

    pub(crate) fn bytes_out(&mut self, bytes: usize) {
        self.current.bytes_out += bytes as u64;
        self.bytes_out += bytes as u64;
    }

    pub(crate) fn waited(&mut self, time: Duration) {
        self.current.waited += time;
        self.waited += time;
    }

    /// The step is over. What still comes out is its own.
    pub(crate) fn step(&mut self, fuel: u64) {
        self.steps.push(StepUsage { fuel, ..std::mem::take(&mut self.current) });
    }

    /// Bytes that went in and came out so far.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.before.0 + self.bytes_in, self.before.1 + self.bytes_out)
    }

    /// Time that the run has waited before the step that comes next.
    pub(crate) fn wait(&self) -> Duration {
        self.current.waited
    }

    /// Time that the run has waited so far.
    pub(crate) fn time_waited(&self) -> Duration {
        self.before.2 + self.waited
    }

    /// The account, of which the caller knows the rest.
    pub(crate) fn usage(&self, tools: BTreeMap<String, ToolUsage>) -> Usage {
        let mut steps = self.steps.clone();
        // A final value comes out of the last step, after it.
        if let Some(last) = steps.last_mut() {
            last.bytes_in += self.current.bytes_in;
            last.bytes_out += self.current.bytes_out;
        }
        Usage {
            fuel: self.steps.iter().map(|step| step.fuel).sum(),
            tool_calls: self.steps.iter().map(|step| step.calls).sum(),
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            waited: self.waited,
            steps,
            tools,
            ..Usage::default()
        }
    }
}

/// The account of each tool. `is_known` tells whether the run has a tool of a name.
pub(crate) fn per_tool(calls: &[CallReport], is_known: impl Fn(&str) -> bool) -> BTreeMap<String, ToolUsage> {
    let mut tools: BTreeMap<String, ToolUsage> = BTreeMap::new();
    for call in calls {
        let name = if is_known(&call.tool) { &call.tool } else { UNKNOWN_TOOL };
        let failed = matches!(call.status, CallStatus::Failed(_));
        let used = ToolUsage {
            calls: 1,
            failed: failed.into(),
            fuel: call.fuel,
            bytes_out: call.argument_bytes as u64,
            bytes_in: call.result_bytes as u64,
            time: call.duration,
        };
        match tools.get_mut(name) {
            Some(tool) => tool.add(&used),
            None => drop(tools.insert(name.to_owned(), used)),
        }
    }
    tools
}

impl ToolUsage {
    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.fuel += other.fuel;
        self.bytes_out += other.bytes_out;
        self.bytes_in += other.bytes_in;
        self.time += other.time;
    }
}
