//! The host's side of one run while the guest executes: the imports, and what they charge.
//!
//! Everything here is called by the guest with sizes and contents that the script chooses. The order in each function is:
//! measure, charge, check, and only then copy.

use crate::calls::{Answer, Calls, Request};
use crate::execute::malformed_arguments;
use crate::journal::{Divergence, Entry, Playback, Played, Tape};
use crate::ledger::Tally;
use crate::limits::{CALL_BYTE_FUEL, CALL_FUEL, CONSOLE_BYTE_FUEL, CONSOLE_WRITE_FUEL, Limits};
use crate::meter::Meter;
use crate::timers::Timers;
use crate::watch::Watch;
use crate::{
    CallReport, ConsoleLevel, ConsoleLine, LimitExceeded, LimitKind, Tool, ToolError, ToolErrorKind, ToolLimits,
    Toolbox, json,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use wasmtime::ResourceLimiter;

/// Bytes of a tool's name that are kept of a call: one more than any tool has, so that none is taken for another.
const NAME_BYTES_MAX: usize = crate::name::NAME_BYTES_MAX + 1;

/// Why the host stops a step from within an import.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("a limit was reached: {0:?}")]
    Limit(LimitExceeded),
    #[error("fuel ran out in the host")]
    Fuel,
    #[error("the guest broke the contract: {0}")]
    Broken(&'static str),
    #[error("{0}")]
    Diverged(Box<Divergence>),
    #[error("the journal could not be written: {0}")]
    NotRecorded(String),
    #[error("the journal ends here")]
    PlayedOut,
}

/// Hears of a run while it goes on.
pub(crate) type Observer = Box<dyn FnMut(&ConsoleLine) + Send>;

/// The data of a run's store.
pub(crate) struct State {
    pub(crate) limits: Arc<Limits>,
    pub(crate) toolbox: Toolbox,
    pub(crate) calls: Calls,
    /// Calls of the scripts before this one in its session.
    calls_before: u32,
    /// That this script may make, within the limit of its session.
    pub(crate) calls_max: u32,
    pub(crate) timers: Timers,
    pub(crate) memory: Memory,
    pub(crate) console: Vec<ConsoleLine>,
    pub(crate) console_bytes: usize,
    pub(crate) console_dropped_bytes: u64,
    pub(crate) tally: Tally,
    /// What calls of tools with limits of their own have used.
    spent: BTreeMap<String, (u32, u64)>,
    pub(crate) observer: Option<Observer>,
    pub(crate) meter: Meter,
    /// Where the run is recorded.
    pub(crate) tape: Tape,
    /// What the run is given, as long as it is played back.
    pub(crate) playback: Option<Playback>,
    pub(crate) suspension: Suspension,
}

/// When the run is put aside, and how.
#[derive(Clone, Default)]
pub(crate) struct Suspension {
    /// Cancelled when it is to be put aside as soon as it waits.
    pub(crate) token: CancellationToken,
    /// Time for calls that have begun. Default: that of each call.
    pub(crate) grace: Option<Duration>,
}

impl State {
    pub(crate) fn new(
        limits: Arc<Limits>,
        toolbox: Toolbox,
        observer: Option<Observer>,
        watch: Watch,
        tape: Tape,
    ) -> Self {
        let memory = Memory { bytes_max: limits.memory_bytes_max, peak_bytes: 0, denied_bytes: None };
        let calls = Calls::new(&limits, watch, tape.clone());
        Self {
            limits,
            toolbox,
            calls,
            calls_before: 0,
            calls_max: u32::MAX,
            timers: Timers::default(),
            memory,
            console: Vec::new(),
            console_bytes: 0,
            console_dropped_bytes: 0,
            tally: Tally::default(),
            spent: BTreeMap::new(),
            observer,
            meter: Meter::default(),
            tape,
            playback: None,
            suspension: Suspension::default(),
        }
    }

    /// For an instance that nobody watches.
    pub(crate) fn unused(limits: Arc<Limits>, toolbox: Toolbox) -> Self {
        Self::new(limits, toolbox, None, Watch::default(), Tape::default())
    }

    /// Begins the next script of a session: what is counted against a limit goes on, what an outcome takes begins anew.
    pub(crate) fn next(&mut self, observer: Option<Observer>, watch: Watch) {
        self.calls = Calls::new(&self.limits, watch, Tape::default());
        self.timers.clear();
        self.console_dropped_bytes = 0;
        self.tally = self.tally.next();
        self.observer = observer;
    }

    /// Drops the calls that still run, and hands over the reports of all.
    pub(crate) fn finish_calls(&mut self) -> Vec<CallReport> {
        self.calls_before = self.calls_before.saturating_add(self.calls.made());
        self.calls.finish()
    }

    /// The part of a line that still fits the console limit, cut at a character.
    pub(crate) fn console_share<'a>(&self, line: &'a str) -> &'a str {
        let left = self.limits.console_bytes_max.saturating_sub(self.console_bytes);
        &line[..line.floor_char_boundary(left.min(line.len()))]
    }

    /// `console.write`, charged. `kept` is what fits of a line of `bytes` bytes.
    pub(crate) fn write(&mut self, level: ConsoleLevel, kept: String, bytes: usize) -> Result<(), Stop> {
        let dropped = bytes - kept.len();
        self.console_dropped_bytes += dropped as u64;
        if self.console_bytes >= self.limits.console_bytes_max {
            return Ok(());
        }
        // A line takes its text and a line break of the limit, so that a million empty lines are bounded too.
        self.console_bytes += kept.len() + 1;
        if dropped > 0 {
            self.console_bytes = self.limits.console_bytes_max;
        }
        self.tally.bytes_out(kept.len());
        self.check_bytes().map_err(Stop::Limit)?;
        self.note_line(level, &kept)?;
        let line = ConsoleLine { level, text: kept };
        if let Some(observer) = self.observer.as_mut().filter(|_| self.playback.is_none()) {
            observer(&line);
        }
        self.console.push(line);
        Ok(())
    }

    fn note_line(&mut self, level: ConsoleLevel, text: &str) -> Result<(), Stop> {
        match &mut self.playback {
            None => self.tape.note(|| Entry::Console { level, text: text.into() }),
            Some(playback) => {
                if !playback.write(level, text).map_err(Stop::Diverged)? {
                    return Err(Stop::PlayedOut);
                }
            }
        }
        Ok(())
    }

    /// `timers.start`, charged.
    pub(crate) fn start_timer(&mut self, id: u32, delay_ms: u32) -> Result<(), ()> {
        self.timers.start(id, Duration::from_millis(delay_ms.into()), self.limits.timers_max)
    }

    /// Whether anything will settle without the script.
    pub(crate) fn is_waiting(&self) -> bool {
        let is_played = self.playback.as_ref().is_some_and(Playback::in_flight);
        is_played || self.calls.in_flight() || self.timers.in_flight()
    }

    /// What a call costs, answer apart; or why it ends the run.
    pub(crate) fn price_of_call(&self, id: u32, name: &str, bytes: usize) -> Result<u64, Stop> {
        if id != self.calls.made() {
            return Err(Stop::Broken("it submitted a call under a number that is not the next"));
        }
        if id >= self.calls_max {
            let (used, allowed) = (u64::from(id) + 1, u64::from(self.calls_max));
            return Err(Stop::Limit(LimitExceeded::new(LimitKind::Calls, used, allowed)));
        }
        let made = self.calls_before.saturating_add(id);
        if made >= self.limits.calls_max {
            let (used, allowed) = (u64::from(made) + 1, u64::from(self.limits.calls_max));
            return Err(Stop::Limit(LimitExceeded::new(LimitKind::Calls, used, allowed)));
        }
        let (used, allowed) = (self.tally.bytes().1.saturating_add(bytes as u64), self.limits.bytes_out_max);
        if used > allowed {
            return Err(Stop::Limit(LimitExceeded::new(LimitKind::BytesOut, used, allowed)));
        }
        if let Some(tool) = self.toolbox.callable(name) {
            self.check_limits_of(tool, bytes)?;
        }
        Ok(price_of_call(&self.toolbox, name, bytes))
    }

    /// Whether a tool with limits of its own may be called once more, with so many bytes.
    fn check_limits_of(&self, tool: &Tool, bytes: usize) -> Result<(), Stop> {
        let Some(limits) = tool.own_limits() else { return Ok(()) };
        let name = tool.name().as_str();
        let (calls, spent) = self.spent.get(name).copied().unwrap_or_default();
        let (calls, spent) = (u64::from(calls) + 1, spent.saturating_add(bytes as u64));
        let exceeded = match limits {
            ToolLimits { calls_max: Some(max), .. } if calls > u64::from(*max) => {
                (LimitKind::ToolCalls, calls, u64::from(*max))
            }
            ToolLimits { bytes_max: Some(max), .. } if spent > *max => (LimitKind::ToolBytes, spent, *max),
            _ => return Ok(()),
        };
        let (limit, used, allowed) = exceeded;
        Err(Stop::Limit(LimitExceeded { tool: Some(name.to_owned()), ..LimitExceeded::new(limit, used, allowed) }))
    }

    fn check_bytes_of(&self, name: &str) -> Result<(), LimitExceeded> {
        let limits = self.toolbox.callable(name).and_then(Tool::own_limits);
        let (max, spent) =
            (limits.and_then(|limits| limits.bytes_max), self.spent.get(name).map_or(0, |spent| spent.1));
        match max.filter(|max| spent > *max) {
            None => Ok(()),
            Some(max) => {
                let exceeded = LimitExceeded::new(LimitKind::ToolBytes, spent, max);
                Err(LimitExceeded { tool: Some(name.to_owned()), ..exceeded })
            }
        }
    }

    fn has_limits(&self, name: &str) -> bool {
        self.toolbox.callable(name).is_some_and(|tool| tool.own_limits().is_some())
    }

    /// Counts a call, or its answer, of a tool with limits of its own.
    pub(crate) fn spend(&mut self, name: &str, calls: u32, bytes: u64) {
        if self.has_limits(name) {
            let spent = self.spent.entry(name.to_owned()).or_default();
            *spent = (spent.0 + calls, spent.1.saturating_add(bytes));
        }
    }

    /// Counts answers that are about to go in; or why they must not.
    pub(crate) fn take_in(&mut self, answers: &[Answer]) -> Result<(), LimitExceeded> {
        for answer in answers {
            let bytes = answer.bytes();
            self.tally.bytes_in(bytes);
            let limited = self.calls.tool_of(answer.id).filter(|tool| self.has_limits(tool));
            if let Some(tool) = limited.map(str::to_owned) {
                self.spend(&tool, 0, bytes);
                self.check_bytes_of(&tool)?;
            }
        }
        self.check_bytes()
    }

    /// Whether what went in and came out so far is within the limits.
    pub(crate) fn check_bytes(&self) -> Result<(), LimitExceeded> {
        let (bytes_in, bytes_out) = self.tally.bytes();
        let limits = &self.limits;
        match (bytes_in > limits.bytes_in_max, bytes_out > limits.bytes_out_max) {
            (true, _) => Err(LimitExceeded::new(LimitKind::BytesIn, bytes_in, limits.bytes_in_max)),
            (_, true) => Err(LimitExceeded::new(LimitKind::BytesOut, bytes_out, limits.bytes_out_max)),
            _ => Ok(()),
        }
    }

    /// A call that was paid for: copied, if it is within the limits; else with the reason why it is refused.
    pub(crate) fn admit(&self, id: u32, name: &str, arguments: &str, fuel: u64) -> Request {
        let kept_name = name[..name.floor_char_boundary(NAME_BYTES_MAX.min(name.len()))].to_owned();
        let bytes = arguments.len();
        let allowed = self.limits.arguments_bytes_max;
        let admitted = match self.toolbox.callable(name) {
            None => Err(unknown_tool(&kept_name, &self.toolbox)),
            Some(_) if bytes > allowed => Err(ToolError::new(
                ToolErrorKind::TooLarge,
                format!("the arguments of `{name}` are {bytes} bytes of JSON, {allowed} are allowed"),
            )),
            Some(_) if !self.calls.has_room_for(bytes) => Err(ToolError::new(
                ToolErrorKind::TooLarge,
                format!("too many large calls are waiting to run `{name}` as well; await some before making more"),
            )),
            Some(tool) => match json::take(arguments.to_owned()) {
                Ok(arguments) => Ok((tool.clone(), arguments.into())),
                Err(malformed) => Err(malformed_arguments(name, malformed)),
            },
        };
        Request { id, name: kept_name, fuel, bytes, admitted }
    }

    /// Answers a call at once, or puts it in the queue.
    pub(crate) fn submit(&mut self, request: Request) -> Result<Option<Answer>, Stop> {
        self.tally.call(request.bytes);
        self.spend(&request.name, 1, request.bytes as u64);
        let Some(playback) = &mut self.playback else {
            let answer = self.calls.submit(request);
            return self.tape.failure().map_or(Ok(answer), |reason| Err(Stop::NotRecorded(reason)));
        };
        let answer = match playback.submit(&request).map_err(Stop::Diverged)? {
            Played::AtOnce(answer) => Some(answer),
            Played::Accepted => None,
            Played::Beyond => return Err(Stop::PlayedOut),
        };
        self.calls.submit_played(request, answer.as_ref());
        Ok(answer)
    }
}

/// What a call costs, answer apart.
pub(crate) fn price_of_call(toolbox: &Toolbox, name: &str, bytes: usize) -> u64 {
    let price = toolbox.callable(name).map_or(0, Tool::price);
    CALL_FUEL.saturating_add(CALL_BYTE_FUEL.saturating_mul(bytes as u64)).saturating_add(price)
}

/// What a write to the console costs.
pub(crate) fn price_of_line(bytes: usize) -> u64 {
    CONSOLE_WRITE_FUEL.saturating_add(CONSOLE_BYTE_FUEL.saturating_mul(bytes as u64))
}

fn unknown_tool(name: &str, toolbox: &Toolbox) -> ToolError {
    let mut known: Vec<&str> = toolbox.iter().map(|tool| tool.name().as_str()).take(21).collect();
    let more = if known.len() > 20 { ", …" } else { "" };
    known.truncate(20);
    let message = if known.is_empty() {
        format!("there is no tool `{name}`: this run has no tools")
    } else {
        format!("there is no tool `{name}`; there are: {}{more}", known.join(", "))
    };
    ToolError::new(ToolErrorKind::UnknownTool, message)
}

/// The meter of linear memory. Wasmtime asks it before every growth.
pub(crate) struct Memory {
    bytes_max: usize,
    pub(crate) peak_bytes: usize,
    /// The size that was asked for and denied last.
    pub(crate) denied_bytes: Option<usize>,
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > self.bytes_max {
            self.denied_bytes = Some(desired);
            return Ok(false);
        }
        self.peak_bytes = self.peak_bytes.max(desired);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        // The guest makes no table larger than the one it comes with.
        Ok(current == 0 || desired <= current)
    }
}
