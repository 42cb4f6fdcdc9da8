//! One call, from the check of its arguments to the check of its result.

use crate::answers::{Memory, Recalled};
use crate::discovery::is_built_in;
use crate::journal::{Entry, Tape};
use crate::parking::Parking;
use crate::resume::Resolution;
use crate::tether::Tether;
use crate::tool::{Call, Handler, Instant};
use crate::watch::{Attempt, CallChange, Progress, Verdict, Watch};
use crate::{Tool, ToolError, ToolErrorKind, json};
use futures_util::FutureExt as _;
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of the message of a failed call.
const MESSAGE_BYTES_MAX: usize = 16 << 10;
/// Before a call is made again for the first time. Each further wait is twice as long.
const RETRY_WAIT: Duration = Duration::from_millis(100);

/// A call that was admitted.
pub(crate) struct Admitted {
    pub(crate) id: u32,
    pub(crate) tool: Tool,
    pub(crate) arguments: Arc<RawValue>,
}

/// Under what the calls of a run are made.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) call_time_max: Duration,
    pub(crate) result_bytes_max: usize,
    pub(crate) tether: Arc<Tether>,
    pub(crate) watch: Watch,
    pub(crate) tape: Tape,
    /// What earlier runs had answers to.
    pub(crate) memory: Memory,
    /// What was decided about calls while the run was suspended.
    pub(crate) resolutions: BTreeMap<u32, Resolution>,
    pub(crate) parking: Arc<Parking>,
}

pub(crate) type Checked = Result<Arc<RawValue>, ToolError>;

/// What is told of a call beside its answer.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The arguments that it was made with, if they are not those of the script.
    pub(crate) amended: Option<Box<RawValue>>,
    /// Whether it was answered from the record of an earlier run, and not made.
    pub(crate) is_recalled: bool,
}

/// An answer from a record, within the limits of this run.
fn answer_recalled(admitted: &Admitted, recalled: Recalled, terms: &Terms, told: &mut Told) -> Checked {
    match recalled {
        Recalled::Refused(error) => Err(error),
        Recalled::Answer(answer) => {
            told.is_recalled = true;
            check_result(admitted, answer.map(|json| json.get().to_owned()), terms)
        }
    }
}

/// Makes a call that may wait: for its tool, or for leave to be made.
pub(crate) async fn execute(admitted: &Admitted, terms: &Terms, told: &mut Told) -> Checked {
    let mut arguments = check_arguments(admitted)?;
    if let Some(recalled) = terms.memory.recall(admitted, &arguments) {
        return answer_recalled(admitted, recalled, terms, told);
    }
    let mut is_approved = false;
    match terms.resolutions.get(&admitted.id) {
        None => {}
        Some(Resolution::Approve | Resolution::Repeat) => is_approved = true,
        Some(Resolution::Amend(other)) => {
            is_approved = true;
            admitted.tool.check_arguments(other)?;
            told.amended = serde_json::value::to_raw_value(other).ok();
            arguments = other.clone();
        }
        Some(Resolution::Answer(value)) => return check_result(admitted, Ok(value.to_string()), terms),
        Some(Resolution::Reject(reason)) => return Err(refused(admitted, reason)),
    }
    // Apart, so that a call that nobody decides about has no room for it.
    if terms.watch.gate.is_some()
        && let Some(other) = Box::pin(ask_gate(admitted, &arguments, terms, is_approved)).await?
    {
        told.amended = serde_json::value::to_raw_value(&other).ok();
        arguments = other;
    }
    started(admitted, terms, told.amended.as_deref())?;
    let mut attempt = 0;
    loop {
        let is_last = attempt >= admitted.tool.retries_max();
        let given = if is_last { std::mem::take(&mut arguments) } else { arguments.clone() };
        let handled = check_result(admitted, handle(admitted, given, terms).await, terms);
        let error = match &handled {
            Err(error) if !is_last && matches!(error.kind, ToolErrorKind::Failed | ToolErrorKind::Timeout) => error,
            _ => return handled,
        };
        attempt += 1;
        terms.watch.tell(admitted.id, admitted.tool.name().as_str(), CallChange::Retried { error, attempt });
        Box::pin(tokio::time::sleep(RETRY_WAIT.saturating_mul(1 << (attempt - 1).min(10)))).await;
    }
}

/// Waits for leave to make the call. Other arguments to make it with, if there are any.
async fn ask_gate(
    admitted: &Admitted,
    arguments: &Value,
    terms: &Terms,
    is_approved: bool,
) -> Result<Option<Value>, ToolError> {
    let Some(gate) = &terms.watch.gate else { return Ok(None) };
    let (id, tool) = (admitted.id, admitted.tool.name());
    let attempt = Attempt { id, tool: tool.to_string(), arguments: arguments.clone(), is_approved };
    let asking = terms.parking.ask(id);
    // Whatever breaks the gate, the call is not made.
    let asked = AssertUnwindSafe(async { gate(attempt).await }).catch_unwind().await;
    match asked.unwrap_or_else(|_| Verdict::Refuse("the check of this call panicked".to_owned())) {
        Verdict::Allow => Ok(None),
        Verdict::Amend(amended) => {
            admitted.tool.check_arguments(&amended)?;
            Ok(Some(amended))
        }
        Verdict::Suspend if is_approved => Ok(None),
        Verdict::Suspend if terms.tape.keeps() => match asking.put_off().await {},
        Verdict::Suspend => {
            Err(refused(admitted, "leave is needed, and this run cannot be suspended until there is some"))
        }
        Verdict::Refuse(reason) => Err(refused(admitted, &reason)),
    }
}

fn refused(admitted: &Admitted, reason: &str) -> ToolError {
    let message = shortened(format!("`{}` was not called: {reason}", admitted.tool.name()));
    ToolError::new(ToolErrorKind::Refused, message)
}

/// What answers a call at once, if its tool does and nobody has to be asked.
pub(crate) fn instant<'a>(admitted: &'a Admitted, terms: &Terms) -> Option<&'a Instant> {
    let Handler::Instant(handler) = admitted.tool.handler() else { return None };
    let needs_leave = terms.watch.gate.is_some() && !is_built_in(admitted.tool.name().as_str());
    (!needs_leave).then(|| handler.as_ref())
}

/// Makes a call that is answered at once.
pub(crate) fn execute_at_once(handler: &Instant, admitted: &Admitted, terms: &Terms, told: &mut Told) -> Checked {
    let arguments = check_arguments(admitted)?;
    if let Some(recalled) = terms.memory.recall(admitted, &arguments) {
        return answer_recalled(admitted, recalled, terms, told);
    }
    started(admitted, terms, None)?;
    check_result(admitted, answer_at_once(handler, admitted, arguments, terms), terms)
}

/// Says that a call is about to be made, to the journal first: what is not in it must not happen.
fn started(admitted: &Admitted, terms: &Terms, amended: Option<&RawValue>) -> Result<(), ToolError> {
    let (call, tool) = (admitted.id, &admitted.tool);
    let entry = || Entry::Start { call, arguments: amended.map(Cow::Borrowed) };
    terms.tape.note_start(tool, entry).map_err(|reason| {
        let message = format!("`{}` was not called: the journal could not be written: {reason}", tool.name());
        ToolError::new(ToolErrorKind::Refused, message)
    })?;
    let arguments = amended.unwrap_or(&admitted.arguments).get();
    terms.watch.tell(call, tool.name().as_str(), CallChange::Started { arguments });
    Ok(())
}

fn call(admitted: &Admitted, arguments: Value, terms: &Terms, tether: &Arc<Tether>) -> Call {
    let progress = Progress::new(admitted.id, &admitted.tool, &terms.watch, tether);
    Call { id: admitted.id, arguments, progress, tether: Arc::clone(tether) }
}

fn answer_at_once(
    handler: &Instant,
    admitted: &Admitted,
    arguments: Value,
    terms: &Terms,
) -> Result<String, ToolError> {
    let call = call(admitted, arguments, terms, &terms.tether);
    std::panic::catch_unwind(AssertUnwindSafe(|| handler(call))).unwrap_or_else(|_| Err(panicked(&admitted.tool)))
}

async fn handle(admitted: &Admitted, arguments: Value, terms: &Terms) -> Result<String, ToolError> {
    let handler = match admitted.tool.handler() {
        Handler::Asynchronous(handler) => handler,
        Handler::Instant(handler) => return answer_at_once(handler.as_ref(), admitted, arguments, terms),
    };
    let over_on_drop = terms.tether.of_call();
    let call = call(admitted, arguments, terms, over_on_drop.tether());
    // The handler may panic when it is called and whenever it is polled.
    let future = AssertUnwindSafe(async { handler(call).await }).catch_unwind();
    let time_max = admitted.tool.own_time_max().unwrap_or(terms.call_time_max);
    tokio::select! {
        biased;
        result = future => result.unwrap_or_else(|_| Err(panicked(&admitted.tool))),
        // Many a handler has its answer at once, and needs no timer.
        () = async { tokio::time::sleep(time_max).await } => {
            let message = format!("`{}` did not answer within {} ms", admitted.tool.name(), time_max.as_millis());
            Err(ToolError::new(ToolErrorKind::Timeout, message))
        }
    }
}

fn check_arguments(admitted: &Admitted) -> Result<Value, ToolError> {
    let name = admitted.tool.name();
    let arguments = json::parse(admitted.arguments.get()).map_err(|malformed| malformed_arguments(name, malformed))?;
    admitted.tool.check_arguments(&arguments)?;
    Ok(arguments)
}

/// Why a call is refused whose arguments are not taken.
pub(crate) fn malformed_arguments(name: impl Display, malformed: json::Malformed) -> ToolError {
    let what = match malformed {
        json::Malformed::TooDeep => "are nested too deeply",
        json::Malformed::NotJson => "are not JSON",
    };
    ToolError::new(ToolErrorKind::TooLarge, format!("the arguments of `{name}` {what}"))
}

/// What a handler answered, within the limits: the size and depth of a result, the length of a message.
fn check_result(admitted: &Admitted, answer: Result<String, ToolError>, terms: &Terms) -> Checked {
    let name = admitted.tool.name();
    let filtered = |text: String| match admitted.tool.filter() {
        None => text,
        Some(filter) => filter(text),
    };
    let text = match answer {
        Ok(text) => filtered(text),
        Err(error) => return Err(ToolError { message: shortened(filtered(error.message)), ..error }),
    };
    let bytes_max = terms.result_bytes_max;
    if text.len() > bytes_max {
        let message = format!("the result of `{name}` is {} bytes of JSON, {bytes_max} are allowed", text.len());
        return Err(ToolError::new(ToolErrorKind::TooLarge, message));
    }
    json::take(json::on_one_line(text)).map(Arc::from).map_err(|malformed| match malformed {
        json::Malformed::TooDeep => {
            ToolError::new(ToolErrorKind::TooLarge, format!("the result of `{name}` is nested more than 128 deep"))
        }
        json::Malformed::NotJson => {
            ToolError::new(ToolErrorKind::Failed, format!("`{name}` answered with text that is not JSON"))
        }
    })
}

fn shortened(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    message
}

fn panicked(tool: &Tool) -> ToolError {
    ToolError::new(ToolErrorKind::Failed, format!("`{}` failed: the tool panicked", tool.name()))
}
