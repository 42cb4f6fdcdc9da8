//! The host's side of one run while the guest executes: the two imports, and what they charge.
//!
//! Everything here is called by the guest with sizes and contents that the script chooses. The order in each function is:
//! measure, charge, check, and only then copy.

use crate::bindings::{Submission, WireError, WireResult};
use crate::calls::{Calls, Request};
use crate::limits::{CALL_BYTE_FUEL, CALL_FUEL, CONSOLE_BYTE_FUEL, CONSOLE_WRITE_FUEL, Limits};
use crate::{ConsoleLevel, ConsoleLine, LimitExceeded, LimitKind, ToolError, ToolErrorKind, Toolbox};
use std::sync::Arc;
use wasmtime::{AsContext, AsContextMut, ResourceLimiter, StoreContextMut};

/// Why the host stops a step from within an import.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    #[error("a limit was reached: {0:?}")]
    Limit(LimitExceeded),
    #[error("fuel ran out in the host")]
    Fuel,
    #[error("the guest broke the contract: {0}")]
    Broken(&'static str),
}

/// Hears of a run while it goes on.
pub(crate) type Observer = Box<dyn FnMut(&ConsoleLine) + Send>;

/// The data of a run's store.
pub(crate) struct State {
    pub(crate) limits: Arc<Limits>,
    pub(crate) toolbox: Toolbox,
    pub(crate) calls: Calls,
    pub(crate) memory: Memory,
    pub(crate) console: Vec<ConsoleLine>,
    pub(crate) console_bytes: usize,
    pub(crate) console_dropped_bytes: u64,
    pub(crate) bytes_out: u64,
    pub(crate) observer: Option<Observer>,
}

impl State {
    pub(crate) fn new(limits: Arc<Limits>, toolbox: Toolbox, observer: Option<Observer>) -> Self {
        let memory = Memory { bytes_max: limits.memory_bytes_max, peak_bytes: 0, denied_bytes: None };
        let calls = Calls::new(&limits);
        Self {
            limits,
            toolbox,
            calls,
            memory,
            console: Vec::new(),
            console_bytes: 0,
            console_dropped_bytes: 0,
            bytes_out: 0,
            observer,
        }
    }

    /// The part of a line that still fits the console limit, cut at a character.
    pub(crate) fn console_share<'a>(&self, line: &'a str) -> &'a str {
        let left = self.limits.console_bytes_max.saturating_sub(self.console_bytes);
        &line[..line.floor_char_boundary(left.min(line.len()))]
    }

    /// `console.write`. `kept` is what fits of a line of `length` bytes.
    pub(crate) fn write(
        store: &mut StoreContextMut<'_, Self>,
        level: ConsoleLevel,
        kept: String,
        length: usize,
    ) -> wasmtime::Result<()> {
        charge(store, CONSOLE_WRITE_FUEL.saturating_add(CONSOLE_BYTE_FUEL.saturating_mul(length as u64)))?;
        let state = store.data_mut();
        let dropped = length - kept.len();
        state.console_dropped_bytes += dropped as u64;
        // A line takes its text and a line break of the limit, so that a million empty lines are bounded too.
        if state.console_bytes >= state.limits.console_bytes_max {
            return Ok(());
        }
        state.console_bytes += kept.len() + 1;
        state.bytes_out += kept.len() as u64;
        let line = ConsoleLine { level, text: kept };
        if let Some(observer) = &mut state.observer {
            observer(&line);
        }
        state.console.push(line);
        if dropped > 0 || state.console_bytes >= state.limits.console_bytes_max {
            state.console_bytes = state.limits.console_bytes_max;
        }
        Ok(())
    }

    /// First half of `submit`: the request is measured against the limits while it is still in guest memory. What comes
    /// out is owned, and within them; or it says why the call is refused.
    pub(crate) fn admit(
        store: &StoreContextMut<'_, Self>,
        id: u32,
        name: &str,
        arguments: &str,
    ) -> wasmtime::Result<Request> {
        let state = store.data();
        if id != state.calls.made() {
            return Err(Stop::Broken("it submitted a call under a number that is not the next").into());
        }
        if id >= state.limits.calls_max {
            let limit = LimitKind::Calls;
            let exceeded = LimitExceeded { limit, used: u64::from(id) + 1, allowed: u64::from(state.limits.calls_max) };
            return Err(Stop::Limit(exceeded).into());
        }
        let allowed = state.limits.arguments_bytes_max;
        let bytes = arguments.len();
        let tool = state.toolbox.get(name);
        let fuel = CALL_FUEL
            .saturating_add(CALL_BYTE_FUEL.saturating_mul(bytes as u64))
            .saturating_add(tool.map_or(0, crate::Tool::price));
        let name_kept = &name[..name.floor_char_boundary(name.len().min(128))];
        let refused = |error| Request { id, name: name_kept.to_owned(), fuel, bytes, admitted: Err(error) };
        let Some(tool) = tool else {
            return Ok(refused(unknown_tool(name_kept, &state.toolbox)));
        };
        if bytes > allowed {
            let message = format!("the arguments of `{name}` are {bytes} bytes of JSON, {allowed} are allowed");
            return Ok(refused(ToolError::new(ToolErrorKind::TooLarge, message)));
        }
        if !state.calls.has_room_for(bytes) {
            let message = format!("too many large calls of `{name}` are waiting at once; await some before making more");
            return Ok(refused(ToolError::new(ToolErrorKind::TooLarge, message)));
        }
        Ok(Request { id, name: name_kept.to_owned(), fuel, bytes, admitted: Ok((tool.clone(), arguments.into())) })
    }

    /// Second half of `submit`: charges for the call, then answers it at once or puts it in the queue.
    pub(crate) fn submit(store: &mut StoreContextMut<'_, Self>, request: Request) -> wasmtime::Result<Submission> {
        charge(store, request.fuel)?;
        let state = store.data_mut();
        state.bytes_out += request.bytes as u64;
        match state.calls.submit(request) {
            None => Ok(Submission::Accepted),
            Some(answer) => {
                let bytes = answer.result_bytes();
                charge(store, CALL_BYTE_FUEL.saturating_mul(bytes as u64))?;
                Ok(Submission::Settled(wire(&answer.result)))
            }
        }
    }
}

/// The answer to a call as the guest gets it.
pub(crate) fn wire(result: &Result<Arc<serde_json::value::RawValue>, ToolError>) -> WireResult {
    match result {
        Ok(json) => Ok(json.get().into()),
        Err(error) => Err(WireError::from(error)),
    }
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

/// Takes fuel for work that the host does for the guest.
pub(crate) fn charge(store: &mut impl AsContextMut<Data = State>, units: u64) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    let left = store.as_context().get_fuel()?;
    match left.checked_sub(units) {
        Some(rest) => store.set_fuel(rest),
        None => {
            store.set_fuel(0)?;
            Err(Stop::Fuel.into())
        }
    }
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
