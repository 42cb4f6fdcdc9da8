//! The calls of a run: admitted, queued, running in parallel under a cap, settled in batches, reported.

use crate::bindings::{Settlement, WireError, WireResult};
use crate::limits::{CALL_BYTE_FUEL, Limits};
use crate::tool::{Call, Handler};
use crate::{CallReport, CallStatus, Tool, ToolError, ToolErrorKind, json};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Bytes of arguments that may be queued or running at once, in calls of the largest allowed size. A tree of parsed JSON
/// takes up to thirty times its text.
const HELD_CALLS: usize = 8;

/// Bytes of the message of a failed call.
const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// A call as it came out of the guest, measured.
pub(crate) struct Request {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) fuel: u64,
    pub(crate) bytes: usize,
    /// The tool and the JSON text of the arguments, or why the call is refused.
    pub(crate) admitted: Result<(Tool, Arc<str>), ToolError>,
}

/// How a call ended.
pub(crate) struct Answer {
    id: u32,
    result: Result<Arc<RawValue>, ToolError>,
    duration: Duration,
    argument_bytes: usize,
}

impl Answer {
    fn result_bytes(&self) -> usize {
        match &self.result {
            Ok(json) => json.get().len(),
            Err(error) => error.message.len(),
        }
    }

    /// What taking the answer into the guest costs.
    pub(crate) fn fuel(&self) -> u64 {
        CALL_BYTE_FUEL.saturating_mul(self.result_bytes() as u64)
    }

    /// The answer as the guest gets it.
    pub(crate) fn to_wire(&self) -> WireResult {
        match &self.result {
            Ok(json) => Ok(json.get().into()),
            Err(error) => Err(WireError::from(error)),
        }
    }
}

struct Queued {
    id: u32,
    tool: Tool,
    arguments: Arc<str>,
}

pub(crate) struct Calls {
    reports: Vec<CallReport>,
    queue: VecDeque<Queued>,
    running: FuturesUnordered<BoxFuture<'static, Answer>>,
    running_max: usize,
    call_time_max: Duration,
    result_bytes_max: usize,
    report_bytes_left: usize,
    held_bytes: usize,
    held_bytes_max: usize,
    /// Cancels what handlers have started elsewhere when the run is dropped.
    cancellation: CancellationToken,
    _cancel_on_drop: DropGuard,
}

impl Calls {
    pub(crate) fn new(limits: &Limits) -> Self {
        let cancellation = CancellationToken::new();
        Self {
            reports: Vec::new(),
            queue: VecDeque::new(),
            running: FuturesUnordered::new(),
            running_max: limits.calls_in_flight_max as usize,
            call_time_max: limits.call_time_max,
            result_bytes_max: limits.result_bytes_max,
            report_bytes_left: limits.report_bytes_max,
            held_bytes: 0,
            held_bytes_max: limits.arguments_bytes_max.saturating_mul(HELD_CALLS),
            _cancel_on_drop: cancellation.clone().drop_guard(),
            cancellation,
        }
    }

    /// Calls made so far, which is the number of the next one.
    pub(crate) fn made(&self) -> u32 {
        u32::try_from(self.reports.len()).unwrap_or(u32::MAX)
    }

    /// Whether anything is queued or running.
    pub(crate) fn in_flight(&self) -> bool {
        !self.queue.is_empty() || !self.running.is_empty()
    }

    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        self.held_bytes.saturating_add(bytes) <= self.held_bytes_max
    }

    /// Takes a call. An answer comes back at once if it was refused or its tool is instant.
    pub(crate) fn submit(&mut self, request: Request) -> Option<Answer> {
        let Request { id, name, fuel, bytes, admitted } = request;
        let kept = admitted.as_ref().ok().and_then(|(_, text)| {
            self.report_bytes_left.checked_sub(bytes)?;
            RawValue::from_string(text.as_ref().to_owned()).ok()
        });
        if kept.is_some() {
            self.report_bytes_left -= bytes;
        }
        let (arguments, status, duration) = (kept.map(Arc::from), CallStatus::Cancelled, Duration::ZERO);
        self.reports.push(CallReport { id, tool: name, arguments, status, duration, fuel });

        let answer = match admitted {
            Err(error) => Some(Answer { id, result: Err(error), duration, argument_bytes: 0 }),
            Ok((tool, arguments)) => self.start_or_queue(Queued { id, tool, arguments }),
        };
        if let Some(answer) = &answer {
            self.report(answer);
        }
        answer
    }

    fn start_or_queue(&mut self, queued: Queued) -> Option<Answer> {
        let Handler::Instant(handler) = queued.tool.handler() else {
            self.held_bytes += queued.arguments.len();
            self.queue.push_back(queued);
            return None;
        };
        let started = Instant::now();
        let result = check_arguments(&queued).and_then(|arguments| {
            let call = Call { id: queued.id, arguments, cancellation: self.cancellation.clone() };
            match std::panic::catch_unwind(AssertUnwindSafe(|| handler(call))) {
                Ok(result) => result,
                Err(_) => Err(panicked(&queued.tool)),
            }
        });
        let result = check_result(&queued.tool, result, self.result_bytes_max);
        Some(Answer { id: queued.id, result, duration: started.elapsed(), argument_bytes: 0 })
    }

    /// Starts what the cap allows, then waits until at least one call has ended. Returns all that have, in the order they
    /// ended. Must not be called when nothing is in flight.
    pub(crate) async fn settled(&mut self) -> Vec<Answer> {
        self.start();
        let mut answers = Vec::new();
        if let Some(answer) = self.running.next().await {
            answers.push(answer);
        }
        while let Some(Some(answer)) = self.running.next().now_or_never() {
            answers.push(answer);
        }
        for answer in &answers {
            self.held_bytes -= answer.argument_bytes;
            self.report(answer);
        }
        answers
    }

    fn start(&mut self) {
        while self.running.len() < self.running_max {
            let Some(queued) = self.queue.pop_front() else { return };
            let time_max = queued.tool.own_time_max().unwrap_or(self.call_time_max);
            let call = execute(queued, time_max, self.result_bytes_max, self.cancellation.child_token());
            self.running.push(Box::pin(call));
        }
    }

    fn report(&mut self, answer: &Answer) {
        let Some(report) = self.reports.get_mut(answer.id as usize) else { return };
        report.duration = answer.duration;
        report.fuel = report.fuel.saturating_add(answer.fuel());
        report.status = match &answer.result {
            Err(error) => CallStatus::Failed(error.clone()),
            Ok(json) => match self.report_bytes_left.checked_sub(json.get().len()) {
                None => CallStatus::Succeeded(None),
                Some(left) => {
                    self.report_bytes_left = left;
                    CallStatus::Succeeded(Some(Arc::clone(json)))
                }
            },
        };
    }

    /// Drops everything that is queued or running, and hands over the reports.
    pub(crate) fn finish(&mut self) -> Vec<CallReport> {
        self.cancellation.cancel();
        self.queue.clear();
        self.running.clear();
        std::mem::take(&mut self.reports)
    }
}

/// What goes into the guest for a batch of answers, its fuel, and its bytes.
pub(crate) fn batch(answers: &[Answer]) -> (Vec<Settlement>, u64, u64) {
    let settlements = answers.iter().map(|answer| Settlement { id: answer.id, outcome: answer.to_wire() }).collect();
    let fuel = answers.iter().map(Answer::fuel).fold(0, u64::saturating_add);
    let bytes = answers.iter().map(|answer| answer.result_bytes() as u64).sum();
    (settlements, fuel, bytes)
}

/// One call, from the check of its arguments to the check of its result.
async fn execute(queued: Queued, time_max: Duration, result_bytes_max: usize, token: CancellationToken) -> Answer {
    let started = Instant::now();
    let argument_bytes = queued.arguments.len();
    let handled = handle(&queued, time_max, token).await;
    let result = check_result(&queued.tool, handled, result_bytes_max);
    Answer { id: queued.id, result, duration: started.elapsed(), argument_bytes }
}

async fn handle(queued: &Queued, time_max: Duration, token: CancellationToken) -> Result<String, ToolError> {
    let Handler::Asynchronous(handler) = queued.tool.handler() else { return Err(panicked(&queued.tool)) };
    let arguments = check_arguments(queued)?;
    let _cancel_on_drop = token.clone().drop_guard();
    let call = Call { id: queued.id, arguments, cancellation: token };
    // The handler may panic when it is called and whenever it is polled.
    let future = AssertUnwindSafe(async { handler(call).await }).catch_unwind();
    match tokio::time::timeout(time_max, future).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(panicked(&queued.tool)),
        Err(_) => {
            let message = format!("`{}` did not answer within {} ms", queued.tool.name(), time_max.as_millis());
            Err(ToolError::new(ToolErrorKind::Timeout, message))
        }
    }
}

fn check_arguments(queued: &Queued) -> Result<serde_json::Value, ToolError> {
    let arguments = json::parse(&queued.arguments).map_err(|malformed| {
        let what = match malformed {
            json::Malformed::TooDeep => "are nested too deeply",
            json::Malformed::NotJson => "are not JSON",
        };
        ToolError::new(ToolErrorKind::TooLarge, format!("the arguments of `{}` {what}", queued.tool.name()))
    })?;
    queued.tool.input().check(queued.tool.name(), &arguments)?;
    Ok(arguments)
}

/// What a handler answered, within the limits: the size and depth of a result, the length of a message.
fn check_result(tool: &Tool, answer: Result<String, ToolError>, bytes_max: usize) -> Result<Arc<RawValue>, ToolError> {
    let name = tool.name();
    let text = answer.map_err(|mut error| {
        if error.message.len() > MESSAGE_BYTES_MAX {
            error.message.truncate(error.message.floor_char_boundary(MESSAGE_BYTES_MAX));
            error.message.push('…');
        }
        error
    })?;
    if text.len() > bytes_max {
        let message = format!("the result of `{name}` is {} bytes of JSON, {bytes_max} are allowed", text.len());
        return Err(ToolError::new(ToolErrorKind::TooLarge, message));
    }
    json::take(text).map(Arc::from).map_err(|malformed| match malformed {
        json::Malformed::TooDeep => {
            ToolError::new(ToolErrorKind::TooLarge, format!("the result of `{name}` is nested more than 128 deep"))
        }
        json::Malformed::NotJson => {
            ToolError::new(ToolErrorKind::Failed, format!("`{name}` answered with text that is not JSON"))
        }
    })
}

fn panicked(tool: &Tool) -> ToolError {
    ToolError::new(ToolErrorKind::Failed, format!("`{}` failed: the tool panicked", tool.name()))
}
