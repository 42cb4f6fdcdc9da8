//! The calls of a run: admitted, queued, running in parallel under a cap, settled in batches, reported.

use crate::answers::Memory;
use crate::bindings::{Settlement, WireError, WireResult};
use crate::execute::{Admitted, Checked, Terms, Told, execute, execute_at_once, instant};
use crate::journal::{Entry, Tape};
use crate::ledger::microseconds;
use crate::limits::{CALL_BYTE_FUEL, Limits};
use crate::parking::Parking;
use crate::resume::Resolution;
use crate::tether::Tether;
use crate::watch::{CallChange, Watch};
use crate::{Answers, CallReport, CallStatus, Effect, Tool, ToolError};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;

/// Bytes of arguments that may be queued or running at once, in calls of the largest allowed size. A tree of parsed JSON
/// takes up to thirty times its text.
const HELD_CALLS: usize = 8;

/// A call as it came out of the guest, measured.
pub(crate) struct Request {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) fuel: u64,
    pub(crate) bytes: usize,
    /// The tool and the arguments, or why the call is refused.
    pub(crate) admitted: Result<(Tool, Arc<RawValue>), ToolError>,
}

impl Request {
    /// The line of a journal.
    fn entry(&self) -> Entry<'_> {
        let arguments = self.admitted.as_ref().ok().map(|(_, arguments)| Cow::Borrowed(&**arguments));
        Entry::Submit { call: self.id, tool: Cow::Borrowed(&self.name), arguments, bytes: self.bytes }
    }
}

/// How a call ended.
pub(crate) struct Answer {
    pub(crate) id: u32,
    result: Checked,
    duration: Duration,
    argument_bytes: usize,
    told: Told,
}

impl Answer {
    fn new(id: u32, result: Checked, duration: Duration) -> Self {
        Self { id, result, duration, argument_bytes: 0, told: Told::default() }
    }

    /// One that a journal has.
    pub(crate) fn recorded(id: u32, result: Checked, duration: Duration, told: Told) -> Self {
        Self { told, ..Self::new(id, result, duration) }
    }

    /// The line of a journal.
    fn entry(&self) -> Entry<'_> {
        let (ok, error) = match &self.result {
            Ok(json) => (Some(Cow::Borrowed(json.as_ref())), None),
            Err(error) => (None, Some(Cow::Borrowed(error))),
        };
        let duration_us = microseconds(self.duration);
        Entry::Answer { call: self.id, ok, error, duration_us, is_recalled: self.told.is_recalled }
    }

    fn result_bytes(&self) -> usize {
        match &self.result {
            Ok(json) => json.get().len(),
            Err(error) => error.message.len(),
        }
    }

    /// What goes into the guest.
    pub(crate) fn bytes(&self) -> u64 {
        self.result_bytes() as u64
    }

    /// What taking the answer into the guest costs.
    pub(crate) fn fuel(&self) -> u64 {
        CALL_BYTE_FUEL.saturating_mul(self.bytes())
    }

    /// The answer as the guest gets it.
    pub(crate) fn to_wire(&self) -> WireResult {
        match &self.result {
            Ok(json) => Ok(json.get().into()),
            Err(error) => Err(WireError::from(error)),
        }
    }
}

pub(crate) struct Calls {
    reports: Vec<CallReport>,
    queue: VecDeque<Admitted>,
    running: FuturesUnordered<BoxFuture<'static, Answer>>,
    running_max: usize,
    report_bytes_left: usize,
    held_bytes: usize,
    held_bytes_max: usize,
    /// Answers that are there already.
    ready: Vec<Answer>,
    terms: Arc<Terms>,
    /// Stops what handlers have started elsewhere when the run is over, or dropped.
    over: Option<DropGuard>,
}

impl Calls {
    pub(crate) fn new(limits: &Limits, watch: Watch, tape: Tape) -> Self {
        let cancellation = CancellationToken::new();
        Self {
            reports: Vec::new(),
            queue: VecDeque::new(),
            running: FuturesUnordered::new(),
            running_max: limits.calls_in_flight_max as usize,
            report_bytes_left: limits.report_bytes_max,
            held_bytes: 0,
            held_bytes_max: limits.arguments_bytes_max.saturating_mul(HELD_CALLS),
            ready: Vec::new(),
            over: Some(cancellation.clone().drop_guard()),
            terms: Arc::new(Terms {
                call_time_max: limits.call_time_max,
                result_bytes_max: limits.result_bytes_max,
                tether: Arc::new(Tether::new(cancellation)),
                watch,
                tape,
                memory: Memory::default(),
                resolutions: BTreeMap::new(),
                parking: Arc::default(),
            }),
        }
    }

    /// The tool of a call.
    pub(crate) fn tool_of(&self, id: u32) -> Option<&str> {
        self.reports.get(id as usize).map(|report| report.tool.as_str())
    }

    /// Calls made so far, which is the number of the next one.
    pub(crate) fn made(&self) -> u32 {
        u32::try_from(self.reports.len()).unwrap_or(u32::MAX)
    }

    /// Whether anything is queued or running.
    pub(crate) fn in_flight(&self) -> bool {
        !self.queue.is_empty() || !self.running.is_empty() || !self.ready.is_empty()
    }

    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        self.held_bytes.saturating_add(bytes) <= self.held_bytes_max
    }

    /// Takes a call. An answer comes back at once if it was refused or its tool is instant.
    pub(crate) fn submit(&mut self, mut request: Request) -> Option<Answer> {
        self.terms.tape.note(|| request.entry());
        self.file(&mut request);
        let answer = match request.admitted {
            Err(error) => Some(Answer::new(request.id, Err(error), Duration::ZERO)),
            Ok((tool, arguments)) => self.start_or_queue(Admitted { id: request.id, tool, arguments }),
        };
        if let Some(answer) = &answer {
            self.ended_with(answer);
        }
        answer
    }

    /// Takes a call of a run that is played back, and its answer if it was answered at once.
    pub(crate) fn submit_played(&mut self, mut request: Request, answer: Option<&Answer>) {
        self.file(&mut request);
        if let Some(answer) = answer {
            self.report(answer);
        }
    }

    /// Takes the answers of a run that is played back.
    pub(crate) fn settle_played(&mut self, answers: &[Answer]) {
        for answer in answers {
            self.report(answer);
        }
    }

    /// Opens the report of a call, which takes the name out of the request.
    fn file(&mut self, request: &mut Request) {
        let admitted = request.admitted.as_ref().ok();
        let kept = admitted.and_then(|(_, arguments)| {
            self.report_bytes_left = self.report_bytes_left.checked_sub(request.bytes)?;
            Some(Arc::clone(arguments))
        });
        self.reports.push(CallReport {
            id: request.id,
            tool: std::mem::take(&mut request.name),
            arguments: kept,
            asked: None,
            effect: admitted.map_or(Effect::Unmarked, |(tool, _)| tool.effect()),
            status: CallStatus::Cancelled,
            duration: Duration::ZERO,
            fuel: request.fuel,
            argument_bytes: request.bytes,
            result_bytes: 0,
            has_begun: false,
            is_recalled: false,
        });
    }

    fn start_or_queue(&mut self, admitted: Admitted) -> Option<Answer> {
        if let Some(handler) = instant(&admitted, &self.terms) {
            let started = Instant::now();
            let mut told = Told::default();
            let result = execute_at_once(handler, &admitted, &self.terms, &mut told);
            return Some(Answer { told, ..Answer::new(admitted.id, result, started.elapsed()) });
        }
        self.held_bytes += admitted.arguments.get().len();
        self.queue.push_back(admitted);
        None
    }

    /// Gives the run answers of earlier ones.
    pub(crate) fn remember(&mut self, answers: Answers) {
        Arc::make_mut(&mut self.terms).memory = Memory::new(answers);
    }

    /// Gives the run its name, if it has one from elsewhere.
    pub(crate) fn name_run(&mut self, name: String) {
        if !name.is_empty() {
            let terms = Arc::make_mut(&mut self.terms);
            terms.tether = Arc::new(terms.tether.named(name));
        }
    }

    /// Takes up the calls of a run that was suspended: those that wait, what was decided about them, and answers that the script
    /// has not had.
    pub(crate) fn resume(
        &mut self,
        waiting: Vec<Admitted>,
        ready: Vec<Answer>,
        resolutions: BTreeMap<u32, Resolution>,
    ) {
        self.held_bytes += waiting.iter().map(|admitted| admitted.arguments.get().len()).sum::<usize>();
        self.queue.extend(waiting);
        self.ready = ready;
        Arc::make_mut(&mut self.terms).resolutions = resolutions;
    }

    /// How long the run waits for leave only.
    pub(crate) fn parking(&self) -> Arc<Parking> {
        Arc::clone(&self.terms.parking)
    }

    /// Starts what the cap allows, then waits until at least one call has ended. Returns all that have, in the order they
    /// ended. Must not be called when nothing is in flight.
    pub(crate) async fn settled(&mut self) -> Vec<Answer> {
        self.start();
        if !self.ready.is_empty() {
            return std::mem::take(&mut self.ready);
        }
        self.ended().await
    }

    /// Waits until at least one running call has ended.
    async fn ended(&mut self) -> Vec<Answer> {
        let mut answers = Vec::new();
        if let Some(answer) = self.running.next().await {
            answers.push(answer);
        }
        while let Some(Some(answer)) = self.running.next().now_or_never() {
            answers.push(answer);
        }
        self.terms.parking.ended(answers.iter().map(|answer| answer.id));
        for answer in &answers {
            self.held_bytes -= answer.argument_bytes;
            self.ended_with(answer);
        }
        answers
    }

    /// Lets calls end that have begun, at most for `grace`, and begins no others. Those that wait for leave are not waited for.
    pub(crate) async fn calm_down(&mut self, grace: Duration) {
        let parking = self.parking();
        let over = tokio::time::sleep(grace);
        tokio::pin!(over);
        while !self.running.is_empty() {
            tokio::select! {
                biased;
                () = parking.all_ask() => return,
                // What they answered is in the journal.
                _ = self.ended() => {}
                () = &mut over => return,
            }
        }
    }

    fn start(&mut self) {
        while self.running.len() < self.running_max {
            let Some(admitted) = self.queue.pop_front() else { return };
            self.terms.parking.started(admitted.id);
            self.running.push(Box::pin(answer(admitted, Arc::clone(&self.terms))));
        }
    }

    /// Tells of the end of a call: the journal, the reports, those who watch.
    fn ended_with(&mut self, answer: &Answer) {
        self.terms.tape.note(|| answer.entry());
        self.report(answer);
        if let Some(report) = self.reports.get(answer.id as usize) {
            let change = CallChange::Ended { status: &report.status, duration: report.duration };
            self.terms.watch.tell(report.id, &report.tool, change);
        }
    }

    fn report(&mut self, answer: &Answer) {
        let Some(report) = self.reports.get_mut(answer.id as usize) else { return };
        report.duration = answer.duration;
        report.fuel = report.fuel.saturating_add(answer.fuel());
        report.result_bytes = answer.result_bytes();
        report.is_recalled = answer.told.is_recalled;
        if let Some(amended) = &answer.told.amended {
            report.asked = report.arguments.take();
            report.arguments = self.report_bytes_left.checked_sub(amended.get().len()).map(|left| {
                self.report_bytes_left = left;
                Arc::from(amended.clone())
            });
        }
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

    /// Marks the calls that have no answer as those of a run that is put aside.
    pub(crate) fn put_aside(&mut self) {
        for report in self.reports.iter_mut().filter(|report| matches!(report.status, CallStatus::Cancelled)) {
            report.status = CallStatus::Suspended;
        }
    }

    /// Drops everything that is queued or running, and hands over the reports.
    pub(crate) fn finish(&mut self) -> Vec<CallReport> {
        for id in self.terms.parking.begun() {
            if let Some(report) = self.reports.get_mut(id as usize) {
                report.has_begun = true;
            }
        }
        self.over = None;
        self.queue.clear();
        self.running.clear();
        std::mem::take(&mut self.reports)
    }
}

/// What goes into the guest for a batch of answers, and its fuel.
pub(crate) fn batch(answers: &[Answer]) -> (Vec<Settlement>, u64) {
    let settlements = answers.iter().map(|answer| Settlement { id: answer.id, outcome: answer.to_wire() }).collect();
    let fuel = answers.iter().map(Answer::fuel).fold(0, u64::saturating_add);
    (settlements, fuel)
}

async fn answer(admitted: Admitted, terms: Arc<Terms>) -> Answer {
    let started = Instant::now();
    let span = tracing::info_span!(
        "execute_tool",
        "otel.name" = format!("execute_tool {}", admitted.tool.name()),
        "otel.status_code" = tracing::field::Empty,
        "gen_ai.operation.name" = "execute_tool",
        "gen_ai.tool.name" = %admitted.tool.name(),
        "gen_ai.tool.call.id" = admitted.id,
        "error.type" = tracing::field::Empty,
    );
    let mut told = Told::default();
    let result = execute(&admitted, &terms, &mut told).instrument(span.clone()).await;
    if let Err(error) = &result {
        span.record("error.type", error.kind.name());
        span.record("otel.status_code", "ERROR");
    }
    Answer {
        id: admitted.id,
        result,
        duration: started.elapsed(),
        argument_bytes: admitted.arguments.get().len(),
        told,
    }
}
