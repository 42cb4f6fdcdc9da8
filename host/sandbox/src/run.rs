//! One run: a fresh instance, one script, steps until it ends.

mod resumed;

use crate::bindings::{Environment, Literal};
use crate::journal::{Begin, Entry, FORMAT, Tape};
use crate::seal::Once;
use crate::session::{Kept, Shared};
use crate::slice::Clocks;
use crate::source::Source;
use crate::state::{Observer, State, Suspension};
use crate::tether::name_of_a_run;
use crate::watch::{Attempt, CallEvent, Verdict, Watch};
use crate::{
    Answers, ConsoleLine, Ending, Error, Finding, Limits, Outcome, Refusal, Resolution, Sandbox, Sink, Suspended, Usage,
};
use crate::{check, fingerprint, instance};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio_util::sync::CancellationToken;

/// A run that has not begun. It is consumed by [`Run::finish`]: outside of a [`Session`](crate::Session) an instance serves one
/// script and is gone.
///
/// ```
/// # async fn example() -> Result<(), agentloop_sandbox::Error> {
/// use agentloop_sandbox::{Engine, Limits, Toolbox};
///
/// let sandbox = Engine::new()?.sandbox(Toolbox::default(), Limits::default())?;
/// let run = sandbox.prepare("[Date.now(), Math.random()]").clock_ms(1_000).seed(1);
/// let again = sandbox.prepare("[Date.now(), Math.random()]").clock_ms(1_000).seed(1);
/// let (first, second) = (run.finish().await?, again.finish().await?);
/// assert_eq!(first.usage.fuel, second.usage.fuel);
/// assert_eq!(first.value::<[f64; 2]>().unwrap().unwrap(), second.value::<[f64; 2]>().unwrap().unwrap());
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct Run {
    sandbox: Sandbox,
    script: String,
    clock_ms: Option<u64>,
    seed: Option<u64>,
    literals: BTreeMap<String, String>,
    cancellation: CancellationToken,
    observer: Option<Observer>,
    watch: Watch,
    fuel_max: u64,
    calls_max: u32,
    session: Option<Arc<Shared>>,
    sink: Option<Box<dyn Sink>>,
    /// If the run may be put aside.
    suspension: Option<Suspension>,
    /// If the run was put aside, and goes on.
    suspended: Option<Box<Suspended>>,
    resolutions: BTreeMap<u32, Resolution>,
    once: Option<Arc<dyn Once>>,
    /// Of a run that is recorded.
    name: String,
    answers: Option<Answers>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Run").field("script", &self.script).finish_non_exhaustive()
    }
}

impl Run {
    pub(crate) fn new(sandbox: Sandbox, script: String) -> Self {
        Self {
            sandbox,
            script,
            clock_ms: None,
            seed: None,
            literals: BTreeMap::new(),
            cancellation: CancellationToken::new(),
            observer: None,
            watch: Watch::default(),
            fuel_max: u64::MAX,
            calls_max: u32::MAX,
            session: None,
            sink: None,
            suspension: None,
            suspended: None,
            resolutions: BTreeMap::new(),
            once: None,
            name: String::new(),
            answers: None,
        }
    }

    pub(crate) fn in_session(mut self, session: Arc<Shared>) -> Self {
        self.session = Some(session);
        self
    }

    /// What `Date.now()` answers, in milliseconds since 1970, until a timer fires. Default: the time at the start of the run.
    #[must_use]
    pub fn clock_ms(mut self, clock_ms: u64) -> Self {
        self.clock_ms = Some(clock_ms);
        self
    }

    /// The seed of `Math.random()`. Default: another one each time.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// A text that the script takes by `LiteralLoader(id)`. The last one of an id counts.
    #[must_use]
    pub fn literal(mut self, id: impl Into<String>, text: impl Into<String>) -> Self {
        self.literals.insert(id.into(), text.into());
        self
    }

    /// Ends the run as [`Ending::Cancelled`] when `token` is cancelled: at once while it waits, within about a
    /// millisecond while it computes. Running calls are dropped.
    #[must_use]
    pub fn cancel_on(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }

    /// Units of fuel that this script may use, where [`Limits::fuel_max`](Limits) allows more: the rest of a larger budget, say.
    #[must_use]
    pub fn fuel_max(mut self, units: u64) -> Self {
        self.fuel_max = units;
        self
    }

    /// Calls that this script may make, where [`Limits::calls_max`](Limits) allows more.
    #[must_use]
    pub fn calls_max(mut self, count: u32) -> Self {
        self.calls_max = count;
        self
    }

    /// Called for each line of console output as it is written, on the thread of the run. It must not block.
    #[must_use]
    pub fn on_console(mut self, observer: impl FnMut(&ConsoleLine) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Called for each thing that happens to a call, on the thread of the run, or on the thread that a tool reports its progress
    /// from. It must not block.
    #[must_use]
    pub fn on_call(mut self, observer: impl Fn(&CallEvent<'_>) + Send + Sync + 'static) -> Self {
        self.watch.observer = Some(Arc::new(observer));
        self
    }

    /// Asked before each call whose arguments match their schema: whether it is made, and with which arguments. The call waits
    /// for the verdict, and no timeout of the call runs; the script and its other calls go on. Nor does wall time count while the
    /// run waits for nothing but verdicts. A gate that panics refuses.
    ///
    /// ```
    /// # async fn example() -> Result<(), agentloop_sandbox::Error> {
    /// use agentloop_sandbox::{Engine, Limits, Tool, Toolbox, Verdict};
    ///
    /// let delete = Tool::instant("delete", "Deletes a file.", |_: serde_json::Value| Ok::<_, String>("gone"))?;
    /// let sandbox = Engine::new()?.sandbox(Toolbox::new([delete])?, Limits::default())?;
    /// let run = sandbox.prepare("await tools.delete({ path: '/' }).catch((error) => error.message)");
    /// let outcome = run.gate(|_| async { Verdict::Refuse("not on a Friday".to_owned()) }).finish().await?;
    /// assert_eq!(outcome.value::<String>().unwrap().unwrap(), "`delete` was not called: not on a Friday");
    /// # Ok(()) }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn gate<F>(mut self, gate: impl Fn(Attempt) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Verdict> + Send + 'static,
    {
        self.watch.gate = Some(Arc::new(move |attempt| Box::pin(gate(attempt))));
        self
    }

    /// Writes the [`Journal`](crate::Journal) of the run, ahead of each effect: when a tool is called that may change the world, the
    /// journal says so before. What cannot be written does not happen: the run ends as [`Ending::NotRecorded`].
    ///
    /// The journal holds the script, its literals, and all arguments and results in full: whoever reads it reads them.
    #[must_use]
    pub fn record(mut self, sink: impl Sink + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Lets the run be put aside while it waits: as soon as it does after `token` is cancelled, or when it waits for nothing but calls
    /// that its gate says [`Verdict::Suspend`] of. It then ends as [`Ending::Suspended`]. Calls that have begun are waited for first.
    ///
    /// Its journal is kept in memory meanwhile, up to [`Limits::report_bytes_max`](Limits). A run whose journal is larger is not put
    /// aside: it goes on, and what the gate would suspend is refused.
    #[must_use]
    pub fn suspend_on(mut self, token: CancellationToken) -> Self {
        self.suspension.get_or_insert_default().token = token;
        self
    }

    /// How long calls that have begun are waited for when the run is put aside. Default: as long as each may take. Those that are still
    /// not over are [in doubt](crate::SuspendedCallState::InDoubt).
    #[must_use]
    pub fn suspend_within(mut self, grace: Duration) -> Self {
        self.suspension.get_or_insert_default().grace = Some(grace);
        self
    }

    /// Says what becomes of a call that waits, of a run that is [resumed](Sandbox::resume). About calls that nothing is said of, the
    /// gate decides as it did before.
    #[must_use]
    pub fn resolve(mut self, call: u32, resolution: Resolution) -> Self {
        self.resolutions.insert(call, resolution);
        self
    }

    /// Where it is looked up whether the run was [resumed](Sandbox::resume) before, just before it goes on: then it is not.
    #[must_use]
    pub fn once(mut self, store: Arc<dyn Once>) -> Self {
        self.once = Some(store);
        self
    }

    /// Gives calls the answers that they got in an earlier run, instead of making them. Nobody is asked about such a call.
    #[must_use]
    pub fn answers(mut self, answers: Answers) -> Self {
        self.answers = Some(answers);
        self
    }

    /// Bytes of the journal that are kept, if the run may be put aside.
    fn kept_bytes_max(&self) -> Option<usize> {
        self.suspension.as_ref().map(|_| self.sandbox.limits().report_bytes_max)
    }

    /// Runs the script to its end. Waits for a free instance first, if all are in use.
    ///
    /// # Errors
    ///
    /// Only when the host broke; see [`Error`].
    pub async fn finish(mut self) -> Result<Outcome, Error> {
        if let Some(suspended) = self.suspended.take() {
            return Box::pin(self.go_on(*suspended)).await;
        }
        let Some(session) = self.session.clone() else { return self.finish_in(&mut None).await };
        let cancellation = self.cancellation.clone();
        let mut kept = tokio::select! {
            biased;
            () = cancellation.cancelled() => return Ok(*unstarted(Ending::Cancelled, Duration::ZERO)),
            kept = session.kept.lock() => kept,
        };
        // Whoever drops this future drops the realm with it.
        session.set_scripts(0);
        let outcome = self.finish_in(&mut kept).await;
        session.set_scripts(kept.as_ref().map_or(0, |kept| kept.live.script_number()));
        outcome
    }

    /// Runs the script in the instance that is kept, or in a fresh one, and keeps it if it is still good.
    async fn finish_in(self, kept: &mut Option<Kept>) -> Result<Outcome, Error> {
        let (mut begun, environment) = match self.begin(kept).await? {
            Ok(begun) => begun,
            Err(outcome) => return Ok(*outcome),
        };
        let ending = begun.live.run(environment).await.of_a_live_run()?;
        let is_at_rest = ending.leaves_the_guest_at_rest();
        let outcome = begun.live.outcome(*ending);
        *kept = is_at_rest.then_some(begun);
        Ok(outcome)
    }

    /// Looks at the script without running it: is it a program, and do the calls of tools that can be seen in it match what
    /// is on file? An empty list means that nothing was found, not that nothing can fail.
    ///
    /// The text is looked at inside a sandbox, under the limits of the run.
    ///
    /// # Errors
    ///
    /// Only when the host broke; see [`Error`].
    pub async fn check(self) -> Result<Vec<Finding>, Error> {
        let toolbox = self.sandbox.toolbox().clone();
        let (Kept { mut live, _slot }, environment) = match self.begin(&mut None).await? {
            Ok(begun) => begun,
            Err(outcome) => return Ok(vec![Finding::of_ending(&outcome.ending)]),
        };
        match live.survey(environment).await {
            Ok(survey) => check::findings(&survey, &toolbox, live.written()),
            Err(end) => Ok(vec![Finding::of_ending(&*end.of_a_live_run()?)]),
        }
    }

    /// An instance for the script, the one that is kept if there is one; or how the run ends without one.
    async fn begin(mut self, kept: &mut Option<Kept>) -> Result<Result<(Kept, Environment), Box<Outcome>>, Error> {
        instance::require_timer()?;
        let limits = self.sandbox.shared_limits();
        let source = match self.admit(&limits) {
            Ok(source) => source,
            Err(refusal) => return Ok(Err(unstarted(Ending::Refused(refusal), Duration::ZERO))),
        };
        let started = Instant::now();
        let environment = self.environment();
        let tape = self.tape(&source, &environment)?;
        if let Some(mut kept) = kept.take() {
            kept.live.next(source, (self.cancellation, started), self.observer, self.watch);
            kept.live.budget(self.fuel_max, self.calls_max);
            kept.live.remember(self.answers);
            return Ok(Ok((kept, environment)));
        }
        let (engine, clocks) = (self.sandbox.engine(), Clocks::new(self.cancellation, started));
        let slot = match instance::slot(engine, &clocks, limits.wall_time_max).await? {
            Ok(slot) => slot,
            Err(ending) => return Ok(Err(unstarted(ending, started.elapsed()))),
        };
        let state = State::new(limits, self.sandbox.toolbox().clone(), self.observer, self.watch, tape);
        let mut store = instance::store(engine, state);
        store.data_mut().suspension = self.suspension.unwrap_or_default();
        store.data_mut().calls.name_run(self.name);
        let mut kept = instance::fresh(engine, slot, store, source, clocks).await?;
        kept.live.budget(self.fuel_max, self.calls_max);
        kept.live.remember(self.answers);
        Ok(Ok((kept, environment)))
    }

    /// The journal, with its first line.
    fn tape(&mut self, source: &Source, environment: &Environment) -> Result<Tape, Error> {
        let tape = Tape::new(self.sink.take(), self.kept_bytes_max());
        if tape.is_blank() {
            return Ok(tape);
        }
        if self.session.is_some() {
            return Err(Error::Journal { reason: "a script of a session depends on those before it".to_owned() });
        }
        let toolbox = self.sandbox.toolbox();
        self.name = name_of_a_run();
        tape.note(|| {
            Entry::Begin(Box::new(Begin {
                format: FORMAT,
                run: self.name.as_str().into(),
                agentloop: resumed::VERSION.into(),
                component: fingerprint::COMPONENT.into(),
                script: source.written().into(),
                clock_ms: environment.clock_ms,
                seed: environment.seed,
                literals: environment.literals.iter().map(|text| (text.id.clone(), text.text.clone())).collect(),
                limits: self.sandbox.limits().clone(),
                fuel_max: Some(self.fuel_max).filter(|units| *units != u64::MAX),
                calls_max: Some(self.calls_max).filter(|count| *count != u32::MAX),
                tools: toolbox.terms(),
                continues: self.answers.iter().flat_map(Answers::runs).cloned().collect(),
                manifest: toolbox.manifest().into(),
            }))
        });
        Ok(tape)
    }

    fn environment(&mut self) -> Environment {
        let literals = std::mem::take(&mut self.literals);
        Environment {
            tools: self.sandbox.toolbox().signatures(),
            clock_ms: self.clock_ms.unwrap_or_else(now_ms),
            seed: self.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish()),
            literals: literals.into_iter().map(|(id, text)| Literal { id, text }).collect(),
            in_session: self.session.is_some(),
        }
    }

    /// Measures what goes in before anything else looks at it.
    fn admit(&mut self, limits: &Limits) -> Result<Source, Refusal> {
        let bytes = self.literals.iter().map(|(id, text)| id.len() + text.len()).sum();
        if bytes > limits.literals_bytes_max {
            return Err(Refusal::LiteralsTooLarge { bytes, bytes_max: limits.literals_bytes_max });
        }
        Source::new(std::mem::take(&mut self.script), limits.script_bytes_max)
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The outcome of a run that never had an instance.
fn unstarted(ending: Ending, wall_time: Duration) -> Box<Outcome> {
    Box::new(Outcome {
        ending,
        console: Vec::new(),
        console_dropped_bytes: 0,
        calls: Vec::new(),
        usage: Usage { wall_time, ..Usage::default() },
        resumed_from: None,
        journal_error: None,
    })
}
