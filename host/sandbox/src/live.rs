//! A run that has begun: its instance, its meters, and the loop from step to step.

mod skim;
mod suspend;

use crate::bindings::{Environment, Exception, Failure, Guest, Settlement, Step};
use crate::calls::{Answer, batch};
use crate::engine::WASM_STACK_BYTES;
use crate::journal::{self, Divergence, Entry, Moment, Next, Playback};
use crate::ledger::microseconds;
use crate::script_error::RELATED_MAX;
use crate::slice::{Clocks, Interruption, Sliced};
use crate::source::Source;
use crate::state::{Observer, State, Stop};
use crate::watch::Watch;
use crate::{
    Answers, Ending, Engine, Error, LimitExceeded, LimitKind, Outcome, RelatedError, ScriptError, Usage, json, ledger,
};
use serde_json::value::RawValue;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use wasmtime::component::{ComponentNamedList, Lift, Lower, TypedFunc, WasmStr};
use wasmtime::{Store, Trap};

/// A run that waits looks at its wall time no more often than this.
const LOOK_TIME: Duration = Duration::from_millis(10);

/// How a run is over: with an ending, or because the host broke.
pub(crate) enum End {
    Ending(Box<Ending>),
    Error(Error),
    /// The run was played back, and its journal ends here; or it did something else.
    Played(Option<Box<Divergence>>),
}

impl End {
    /// For a run that is not played back.
    pub(crate) fn of_a_live_run(self) -> Result<Box<Ending>, Error> {
        match self {
            Self::Ending(ending) => Ok(ending),
            Self::Error(error) => Err(error),
            Self::Played(_) => Err(Error::Guest { reason: "it was played back".to_owned() }),
        }
    }
}

impl From<Ending> for End {
    fn from(ending: Ending) -> Self {
        Self::Ending(Box::new(ending))
    }
}

impl From<Box<Divergence>> for End {
    fn from(divergence: Box<Divergence>) -> Self {
        Self::Played(Some(divergence))
    }
}

impl From<wasmtime::Error> for End {
    fn from(error: wasmtime::Error) -> Self {
        Self::Error(Error::Guest { reason: format!("{error:#}") })
    }
}

pub(crate) struct Live {
    engine: Engine,
    store: Store<State>,
    guest: Guest,
    source: Source,
    clocks: Clocks,
    fuel_left: u64,
    /// When the script began.
    fuel_at_start: u64,
    /// What the script must leave: above zero if it has a budget of its own.
    fuel_floor: u64,
    guest_time_at_start: Duration,
}

impl Live {
    pub(crate) fn new(engine: &Engine, store: Store<State>, guest: Guest, source: Source, clocks: Clocks) -> Self {
        let fuel_left = store.data().limits.fuel_max;
        Self {
            engine: engine.clone(),
            store,
            guest,
            source,
            clocks,
            fuel_left,
            fuel_at_start: fuel_left,
            fuel_floor: 0,
            guest_time_at_start: Duration::ZERO,
        }
    }

    /// Makes the instance ready for the next script of its session.
    pub(crate) fn next(
        &mut self,
        source: Source,
        (cancellation, started): (CancellationToken, Instant),
        observer: Option<Observer>,
        watch: Watch,
    ) {
        self.source = source.numbered(self.source.number() + 1);
        self.clocks.next(cancellation, started);
        self.fuel_at_start = self.fuel_left;
        self.guest_time_at_start = self.clocks.guest_time;
        self.store.data_mut().next(observer, watch);
    }

    /// Gives the script budgets of its own, within those of its session.
    pub(crate) fn budget(&mut self, fuel_max: u64, calls_max: u32) {
        self.fuel_floor = self.fuel_left.saturating_sub(fuel_max);
        self.store.data_mut().calls_max = calls_max;
    }

    /// Which script of its instance this is, counted from 1.
    pub(crate) fn script_number(&self) -> u32 {
        self.source.number()
    }

    /// Step, wait, settle, step, … until the run is over.
    pub(crate) async fn run(&mut self, environment: Environment) -> End {
        let Err(end) = self.steps(environment).await;
        end
    }

    /// The same, for a run that was put aside after a step.
    pub(crate) async fn go_on(&mut self) -> End {
        let Err(end) = self.further_steps().await;
        end
    }

    async fn steps(&mut self, environment: Environment) -> Result<Infallible, End> {
        let program = self.source.program();
        self.store.data_mut().tally.bytes_in(program.len() as u64);
        self.store.data().check_bytes().map_err(Ending::LimitExceeded)?;
        let start = self.guest.start(&mut self.store)?;
        self.step(start, (program, environment), 0).await?;
        self.further_steps().await
    }

    async fn further_steps(&mut self) -> Result<Infallible, End> {
        loop {
            // Steps shorter than a slice never look at the clocks themselves.
            self.check_clocks()?;
            if !self.store.data().is_waiting() {
                return Err(Ending::Stuck.into());
            }
            let (answers, timers) = match &mut self.store.data_mut().playback {
                Some(_) => self.play().await?,
                None => self.wait_recorded().await?,
            };
            self.store.data_mut().take_in(&answers).map_err(Ending::LimitExceeded)?;
            let (settlements, fuel): (Vec<Settlement>, u64) = batch(&answers);
            let settle = self.guest.settle(&mut self.store)?;
            self.step(settle, (settlements, timers), fuel).await?;
        }
    }

    fn check_clocks(&self) -> Result<(), End> {
        match self.clocks.interruption(&self.store.data().limits, self.clocks.seen) {
            Some(interruption) => Err(self.interrupted(interruption).into()),
            None => Ok(()),
        }
    }

    /// What the next step is given by the journal that is played back.
    async fn play(&mut self) -> Result<(Vec<Answer>, Vec<u32>), End> {
        tokio::task::coop::consume_budget().await;
        let state = self.store.data_mut();
        match state.playback.as_mut().map(Playback::next).transpose()? {
            Some(Next::Settle(answers, timers, waited)) => {
                state.tally.waited(waited);
                state.calls.settle_played(&answers);
                timers.iter().for_each(|id| state.timers.cancel(*id));
                Ok((answers, timers))
            }
            Some(Next::End | Next::Open) | None => Err(End::Played(None)),
        }
    }

    /// Waits, and writes down what came of it before the script hears of it.
    async fn wait_recorded(&mut self) -> Result<(Vec<Answer>, Vec<u32>), End> {
        let Some((answers, timers)) = self.wait().await? else {
            // Apart, so that a run that is not put aside has no room for it.
            return Err(Box::pin(self.put_aside()).await?.into());
        };
        let waited = self.store.data().tally.wait();
        let tape = &self.store.data().tape;
        tape.note(|| {
            let calls = answers.iter().map(|answer| answer.id).collect();
            Entry::Settle { calls, timers: timers.clone(), waited_us: microseconds(waited) }
        });
        match tape.failure() {
            None => Ok((answers, timers)),
            Some(reason) => Err(Ending::NotRecorded { reason }.into()),
        }
    }

    /// Waits for tools and timers. No WebAssembly frame is live, no fuel burns, guest time stands still.
    ///
    /// `None`: the run is to be put aside.
    async fn wait(&mut self) -> Result<Option<(Vec<Answer>, Vec<u32>)>, End> {
        // Tools that answer at once would keep the thread, step after step.
        tokio::task::coop::consume_budget().await;
        let State { limits, calls, timers, tape, suspension, tally, .. } = self.store.data_mut();
        let (wall_time_max, parking) = (limits.wall_time_max, calls.parking());
        let (has_calls, has_timers) = (calls.in_flight(), timers.in_flight());
        let may_be_put_aside = tape.keeps();
        parking.begin(!has_timers);
        let (waited_max, waited_before) = (limits.waited_max, tally.time_waited());
        let counted_before = self.clocks.wall_time(self.clocks.seen);
        // The clock of the timers, which the tests of those who embed this may stop.
        let begun = tokio::time::Instant::now();
        let mut passed = Duration::ZERO;
        let settled = loop {
            let parked = parking.time();
            let left = wall_time_max.saturating_sub((counted_before + passed).saturating_sub(parked));
            let waited = waited_before + passed.saturating_sub(parked);
            let left_to_wait = waited_max.map_or(Duration::MAX, |max| max.saturating_sub(waited));
            if left.is_zero() {
                break None;
            }
            if left_to_wait.is_zero() {
                let exceeded = LimitExceeded::time(LimitKind::Waited, waited, waited_max.unwrap_or_default());
                break Some(Err(Ending::LimitExceeded(exceeded).into()));
            }
            let left = left.min(left_to_wait);
            tokio::select! {
                biased;
                () = self.clocks.cancellation.cancelled() => break Some(Err(Ending::Cancelled.into())),
                () = suspension.token.cancelled(), if may_be_put_aside => break Some(Ok(None)),
                answers = calls.settled(), if has_calls => break Some(Ok(Some((answers, Vec::new())))),
                timers = timers.due(), if has_timers => break Some(Ok(Some((Vec::new(), timers)))),
                () = parking.all_put_off() => break Some(Ok(None)),
                // Polled after the calls have been started.
                never = async { tape.flush(Moment::Rest); std::future::pending().await } => never,
                // It may have been parked meanwhile: then there is time left.
                () = async { tokio::time::sleep(left.max(LOOK_TIME)).await } => {}
            }
            passed = begun.elapsed();
        };
        let parked = parking.end();
        self.clocks.park(parked);
        self.store.data_mut().tally.waited(begun.elapsed().saturating_sub(parked));
        settled.unwrap_or_else(|| Err(self.interrupted(Interruption::WallTime).into()))
    }

    /// One step of the guest. `Ok` means that it waits.
    async fn step<P>(&mut self, function: TypedFunc<P, (Step,)>, parameters: P, fuel_before: u64) -> Result<(), End>
    where
        P: ComponentNamedList + Lower + Send + Sync,
    {
        let (step,) = self.call(function, parameters, fuel_before).await?;
        self.stepped(step)
    }

    /// Looks at the script without running it, and gives what the guest found, as JSON text.
    pub(crate) async fn survey(&mut self, environment: Environment) -> Result<String, End> {
        let survey = self.guest.survey(&mut self.store)?;
        let (found,) = self.call(survey, (self.source.program(), environment), 0).await?;
        match found {
            Ok(found) => self.take_text(&found),
            Err(exception) => Err(Ending::Syntax(self.exception(&exception)?).into()),
        }
    }

    /// Gives calls the answers of earlier runs.
    pub(crate) fn remember(&mut self, answers: Option<Answers>) {
        if let Some(answers) = answers {
            self.store.data_mut().calls.remember(answers);
        }
    }

    /// Plays a journal back to the run, instead of waiting for its tools.
    pub(crate) fn play_back(&mut self, playback: Playback) {
        self.store.data_mut().playback = Some(playback);
    }

    /// What is left of the journal that was played back.
    pub(crate) fn take_playback(&mut self) -> Option<Playback> {
        self.store.data_mut().playback.take()
    }

    /// The script as it was given.
    pub(crate) fn written(&self) -> &str {
        self.source.written()
    }

    /// One call of the guest under every limit.
    async fn call<P, R>(&mut self, function: TypedFunc<P, R>, parameters: P, fuel_before: u64) -> Result<R, End>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (limits, tape) = (Arc::clone(&self.store.data().limits), self.store.data().tape.clone());
        let available = self.fuel_left - self.fuel_floor;
        let interrupted_at = self.store.data().playback.as_ref().and_then(Playback::interrupted_at);
        let available = available.min(interrupted_at.unwrap_or(u64::MAX));
        let budget = available.min(limits.step_fuel_max.unwrap_or(u64::MAX));
        // The host's work on what goes in is part of the step.
        let fuel = budget.saturating_sub(fuel_before);
        self.store.data_mut().meter.begin(fuel);
        let result = if budget < fuel_before {
            Ok(Err(Stop::Fuel.into()))
        } else {
            Sliced {
                step: Box::pin(function.call_async(&mut self.store, parameters)),
                clocks: &mut self.clocks,
                limits: &limits,
                tape: &tape,
            }
            .await
        };
        let used = budget - self.store.data().meter.left();
        let is_step_limit = budget < available;
        self.fuel_left -= used;
        self.store.data_mut().tally.step(used);
        self.note_step(used, &result)?;
        match result {
            _ if interrupted_at.is_some() => Err(End::Played(None)),
            Err(interruption) => Err(self.interrupted(interruption).into()),
            Ok(Err(error)) => Err(self.stopped(&error, is_step_limit, used)),
            Ok(Ok(result)) => Ok(result),
        }
    }

    /// Writes down that a step is over, or compares it with the one that is played back.
    fn note_step<R>(&mut self, fuel: u64, result: &Result<wasmtime::Result<R>, Interruption>) -> Result<(), End> {
        let state = self.store.data_mut();
        let memory_bytes = state.memory.peak_bytes;
        let stop = result.as_ref().ok().and_then(|result| result.as_ref().err()?.downcast_ref());
        match (stop, &mut state.playback) {
            // It is not what the journal has.
            (Some(Stop::Diverged(_) | Stop::PlayedOut), _) => {}
            (_, None) => state.tape.note(|| Entry::Step { fuel, memory_bytes }),
            (_, Some(playback)) => playback.stepped(fuel, memory_bytes)?,
        }
        Ok(())
    }

    /// The guest came back by itself.
    fn stepped(&mut self, step: Step) -> Result<(), End> {
        let ending = match step {
            Step::Waiting => return Ok(()),
            Step::Finished(value) => self.finished(&value)?,
            Step::Failed(Failure::Threw(exception)) => Ending::Threw(self.exception(&exception)?),
            Step::Failed(Failure::Syntax(exception)) => Ending::Syntax(self.exception(&exception)?),
            Step::Failed(Failure::OutOfMemory) => self.memory_exceeded(),
        };
        Err(ending.into())
    }

    /// Copies what the guest answers with, if it is within the limit of a final value.
    fn take_text(&self, text: &WasmStr) -> Result<String, End> {
        let allowed = self.store.data().limits.value_bytes_max;
        let text = text.to_str(&self.store)?;
        if text.len() > allowed {
            let (used, allowed) = (text.len() as u64, allowed as u64);
            return Err(Ending::LimitExceeded(LimitExceeded::new(LimitKind::Value, used, allowed)).into());
        }
        Ok(text.into_owned())
    }

    fn finished(&mut self, value: &WasmStr) -> Result<Ending, End> {
        let text = json::on_one_line(self.take_text(value)?);
        self.store.data_mut().tally.bytes_out(text.len());
        self.store.data().check_bytes().map_err(Ending::LimitExceeded)?;
        let value: Box<RawValue> = json::take(text).map_err(|_| broken("its final value is not JSON"))?;
        Ok(Ending::Finished(value))
    }

    fn exception(&mut self, exception: &Exception) -> Result<ScriptError, End> {
        let mut related = Vec::new();
        for index in 0..exception.related.len().min(RELATED_MAX) {
            let Some(error) = exception.related.get(&mut self.store, index) else { break };
            let error = error?;
            let path = error.path.to_str(&self.store)?;
            let name = error.name.to_str(&self.store)?;
            let message = error.message.to_str(&self.store)?;
            let stack = error.stack.to_str(&self.store)?;
            related.push(RelatedError::new(
                &path,
                &name,
                &message,
                &self.source.own_stack(&stack),
                self.source.written(),
            ));
        }
        let name = exception.name.to_str(&self.store)?;
        let message = exception.message.to_str(&self.store)?;
        let stack = exception.stack.to_str(&self.store)?;
        Ok(ScriptError::new(&name, &message, &self.source.own_stack(&stack), related, self.source.written()))
    }

    /// The guest was stopped from within: by a trap, or by an import that refused to go on.
    fn stopped(&self, error: &wasmtime::Error, is_step_limit: bool, step_fuel: u64) -> End {
        match (error.downcast_ref::<Stop>(), error.downcast_ref::<Trap>()) {
            (Some(Stop::Limit(exceeded)), _) => Ending::LimitExceeded(exceeded.clone()).into(),
            (Some(Stop::Diverged(divergence)), _) => divergence.clone().into(),
            (Some(Stop::PlayedOut), _) => End::Played(None),
            (Some(Stop::NotRecorded(reason)), _) => Ending::NotRecorded { reason: reason.clone() }.into(),
            (Some(Stop::Fuel), _) => self.fuel_exhausted(is_step_limit, step_fuel).into(),
            (Some(Stop::Broken(reason)), _) => broken(reason),
            // The guest's own stack lies at the bottom of its memory: what runs over it is out of bounds.
            (_, Some(Trap::StackOverflow | Trap::MemoryOutOfBounds)) => {
                let bytes = WASM_STACK_BYTES as u64;
                let exceeded = LimitExceeded::new(LimitKind::Stack, bytes, bytes);
                Ending::LimitExceeded(exceeded).into()
            }
            // The engine gave up after memory was denied: it could not even make the exception for it.
            (_, Some(_)) if self.store.data().memory.denied_bytes.is_some() => self.memory_exceeded().into(),
            (_, Some(trap)) => End::Error(Error::Guest { reason: trap.to_string() }),
            (None, None) => End::Error(Error::Guest { reason: format!("{error:#}") }),
        }
    }

    fn fuel_exhausted(&self, is_step_limit: bool, step_fuel: u64) -> Ending {
        let limits = &self.store.data().limits;
        let exceeded = match limits.step_fuel_max {
            Some(allowed) if is_step_limit => LimitExceeded::new(LimitKind::StepFuel, step_fuel, allowed),
            _ => {
                // A budget of the script's own counts from its start, that of its session from the first script.
                let start = if self.fuel_floor > 0 { self.fuel_at_start } else { limits.fuel_max };
                let (used, allowed) = (start - self.fuel_left, start - self.fuel_floor);
                LimitExceeded::new(LimitKind::Fuel, used, allowed)
            }
        };
        Ending::LimitExceeded(exceeded)
    }

    fn memory_exceeded(&self) -> Ending {
        let state = self.store.data();
        let allowed = state.limits.memory_bytes_max as u64;
        let used = state.memory.denied_bytes.map_or(allowed, |bytes| bytes as u64);
        Ending::LimitExceeded(LimitExceeded::new(LimitKind::Memory, used, allowed))
    }

    fn interrupted(&self, interruption: Interruption) -> Ending {
        let limits = &self.store.data().limits;
        let exceeded = match interruption {
            Interruption::Cancelled => return Ending::Cancelled,
            Interruption::GuestTime => {
                LimitExceeded::time(LimitKind::GuestTime, self.clocks.guest_time, limits.guest_time_max)
            }
            Interruption::WallTime => {
                LimitExceeded::time(LimitKind::WallTime, self.clocks.wall_time(Instant::now()), limits.wall_time_max)
            }
        };
        Ending::LimitExceeded(exceeded)
    }

    /// Drops what still runs and gathers everything the run did.
    pub(crate) fn outcome(&mut self, ending: Ending) -> Outcome {
        let wall_time = self.clocks.finish();
        let state = self.store.data_mut();
        if matches!(ending, Ending::Suspended(_)) {
            state.calls.put_aside();
        }
        let calls = state.finish_calls();
        let tools = ledger::per_tool(&calls, |name| state.toolbox.callable(name).is_some());
        let usage = Usage {
            memory_peak_bytes: state.memory.peak_bytes,
            guest_time: self.clocks.guest_time - self.guest_time_at_start,
            wall_time,
            ..state.tally.usage(tools)
        };
        let console = std::mem::take(&mut state.console);
        let console_dropped_bytes = state.console_dropped_bytes;
        let mut outcome =
            Outcome { ending, console, console_dropped_bytes, calls, usage, resumed_from: None, journal_error: None };
        if !state.tape.is_blank()
            && let Some(end) = journal::End::of(&outcome)
        {
            state.tape.note(|| Entry::End(end));
        }
        state.tape.flush(Moment::Rest);
        outcome.journal_error = state.tape.failure();
        outcome
    }
}

fn broken(reason: &str) -> End {
    End::Error(Error::Guest { reason: reason.to_owned() })
}
