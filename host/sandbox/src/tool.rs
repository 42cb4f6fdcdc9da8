//! Tools: what a script may call. The list of them is the whole authority of the code.

use crate::journal::ToolTerms;
use crate::schema::Schema;
use crate::tether::Tether;
use crate::watch::Progress;
use crate::{Effect, Error, ToolName};
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why a call has no result. The script sees it as a `ToolError` that it may catch, with this `kind` and message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolError {
    /// What went wrong.
    pub kind: ToolErrorKind,
    /// For the author of the script.
    pub message: String,
}

/// What can go wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToolErrorKind {
    /// The run has no tool of this name.
    UnknownTool,
    /// The arguments do not match the tool's schema.
    InvalidArguments,
    /// The arguments or the result are over a limit.
    TooLarge,
    /// The tool took too long.
    Timeout,
    /// The tool failed, or panicked.
    Failed,
    /// The call was not made, because somebody refused it.
    Refused,
}

impl ToolErrorKind {
    /// As the script sees it: `unknown_tool`, `invalid_arguments`, `too_large`, `timeout`, `failed` or `refused`.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown_tool",
            Self::InvalidArguments => "invalid_arguments",
            Self::TooLarge => "too_large",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

impl ToolError {
    pub(crate) fn new(kind: ToolErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    fn failed(message: impl Display) -> Self {
        Self::new(ToolErrorKind::Failed, message.to_string())
    }
}

impl Display for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ToolError {}

/// What the handler of [`Tool::with_call`] gets, and with JSON for arguments that of [`Tool::untyped`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<A = Value> {
    /// Counts from 0 within the run.
    pub id: u32,
    /// The arguments, which match the tool's schema.
    pub arguments: A,
    /// By which the handler says how far it is.
    pub progress: Progress,
    pub(crate) tether: Arc<Tether>,
}

impl<A> Call<A> {
    /// Cancelled when the run ends or the call times out. The handler's future is dropped at the same moment; this is for
    /// work that it has started elsewhere.
    pub fn cancellation(&self) -> CancellationToken {
        self.tether.cancellation().clone()
    }

    /// Names the call, over all attempts to make it, also after its run was [resumed](crate::Sandbox::resume) in another process: what
    /// a service takes as an idempotency key. No two calls have the same.
    pub fn idempotency_key(&self) -> String {
        format!("{}-{}", self.tether.run(), self.id)
    }
}

impl Call {
    fn typed<A: DeserializeOwned>(self) -> Result<Call<A>, ToolError> {
        let Self { id, arguments, progress, tether } = self;
        Ok(Call { id, arguments: read_arguments(arguments)?, progress, tether })
    }
}

type Handled = Result<String, ToolError>;
type Asynchronous = dyn Fn(Call) -> BoxFuture<'static, Handled> + Send + Sync;
pub(crate) type Instant = dyn Fn(Call) -> Handled + Send + Sync;

pub(crate) type Filter = dyn Fn(String) -> String + Send + Sync;

#[derive(Clone)]
pub(crate) enum Handler {
    /// Runs beside the other calls of the run, on its task.
    Asynchronous(Arc<Asynchronous>),
    /// Answers inside the call itself: no second step.
    Instant(Arc<Instant>),
}

/// A tool: a name, a description, a JSON Schema for its arguments, and a handler. Cheap to clone.
///
/// ```
/// use agentloop_sandbox::Tool;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Add { x: f64, y: f64 }
///
/// let add = Tool::new("add", "Adds two numbers.", |add: Add| async move { Ok::<_, String>(add.x + add.y) })?;
/// assert_eq!(add.name().as_str(), "add");
/// # Ok::<(), agentloop_sandbox::Error>(())
/// ```
#[derive(Clone)]
pub struct Tool(Arc<Definition>);

#[derive(Clone)]
struct Definition {
    name: ToolName,
    description: Arc<str>,
    input: Arc<Schema>,
    output_schema: Option<Arc<Value>>,
    time_max: Option<Duration>,
    fuel_price: u64,
    retries_max: u32,
    effect: Effect,
    filter: Option<Arc<Filter>>,
    limits: Option<ToolLimits>,
    handler: Handler,
}

impl fmt::Debug for Tool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tool").field("name", self.name()).finish_non_exhaustive()
    }
}

impl Tool {
    /// A tool with an async handler and typed arguments. Calls run in parallel on the task of the run: a handler that
    /// computes for long should move its work elsewhere (see [`Tool::blocking`]). The future is dropped when the call
    /// times out or the run ends.
    ///
    /// The error's text reaches the script and the model: put no secret and no host path in it.
    ///
    /// # Errors
    ///
    /// [`Error::ToolName`] for a name that no tool may have, [`Error::ToolSchema`] if the schema of `A` is none.
    pub fn new<A, R, E, F, Fut>(name: &str, description: &str, handler: F) -> Result<Self, Error>
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + Send + 'static,
        E: Display + Send + 'static,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
    {
        Self::with_call(name, description, move |call: Call<A>| handler(call.arguments))
    }

    /// The same for a handler that wants to know more of the call than its arguments: to say how far it is, or to stop what it
    /// has started elsewhere.
    ///
    /// ```
    /// use agentloop_sandbox::{Call, Tool};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Copy { files: Vec<String> }
    ///
    /// let copy = Tool::with_call("copy", "Copies files.", |call: Call<Copy>| async move {
    ///     for (number, file) in call.arguments.files.iter().enumerate() {
    ///         call.progress.report(Some(number as f64 / call.arguments.files.len() as f64), file);
    ///     }
    ///     Ok::<_, String>(call.arguments.files.len())
    /// })?;
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Tool::new`].
    pub fn with_call<A, R, E, F, Fut>(name: &str, description: &str, handler: F) -> Result<Self, Error>
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + Send + 'static,
        E: Display + Send + 'static,
        F: Fn(Call<A>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, E>> + Send + 'static,
    {
        let handler = move |call: Call| -> BoxFuture<'static, Handled> {
            match call.typed() {
                Ok(call) => {
                    let result = handler(call);
                    Box::pin(async move { write_result(result.await) })
                }
                Err(error) => Box::pin(std::future::ready(Err(error))),
            }
        };
        Self::build(name, description, schema_of::<A>(), Handler::Asynchronous(Arc::new(handler)))
    }

    /// A tool whose handler answers at once, on the thread of the run: for pure functions. It cannot time out and
    /// nothing else of the run happens meanwhile, so it must not wait.
    ///
    /// # Errors
    ///
    /// As [`Tool::new`].
    pub fn instant<A, R, E, F>(name: &str, description: &str, handler: F) -> Result<Self, Error>
    where
        A: DeserializeOwned + JsonSchema,
        R: Serialize,
        E: Display,
        F: Fn(A) -> Result<R, E> + Send + Sync + 'static,
    {
        let handler = move |call: Call| write_result(handler(read_arguments(call.arguments)?));
        Self::build(name, description, schema_of::<A>(), Handler::Instant(Arc::new(handler)))
    }

    /// A tool whose handler blocks or computes: it runs on Tokio's pool of blocking threads. Such a thread cannot be
    /// stopped from outside, so the handler is given a token and should look at it.
    ///
    /// # Errors
    ///
    /// As [`Tool::new`].
    pub fn blocking<A, R, E, F>(name: &str, description: &str, handler: F) -> Result<Self, Error>
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + Send + 'static,
        E: Display + Send + 'static,
        F: Fn(A, &CancellationToken) -> Result<R, E> + Send + Sync + 'static,
    {
        let handler = Arc::new(handler);
        let handler = move |call: Call| -> BoxFuture<'static, Handled> {
            let handler = Arc::clone(&handler);
            Box::pin(async move {
                let arguments = read_arguments(call.arguments)?;
                let work =
                    tokio::task::spawn_blocking(move || write_result(handler(arguments, call.tether.cancellation())));
                match work.await {
                    Ok(result) => result,
                    Err(_) => Err(ToolError::failed("the tool panicked")),
                }
            })
        };
        Self::build(name, description, schema_of::<A>(), Handler::Asynchronous(Arc::new(handler)))
    }

    /// A tool whose arguments and result are JSON, described by `input_schema`. The handler answers with JSON text.
    ///
    /// # Errors
    ///
    /// As [`Tool::new`], and [`Error::ToolSchema`] if `input_schema` is no JSON Schema.
    pub fn untyped<F, Fut>(name: &str, description: &str, input_schema: Value, handler: F) -> Result<Self, Error>
    where
        F: Fn(Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, ToolFailure>> + Send + 'static,
    {
        let handler = move |call: Call| -> BoxFuture<'static, Handled> {
            let result = handler(call);
            Box::pin(async move { result.await.map_err(|failure| ToolError::failed(failure.0)) })
        };
        Self::build(name, description, input_schema, Handler::Asynchronous(Arc::new(handler)))
    }

    fn build(name: &str, description: &str, input_schema: Value, handler: Handler) -> Result<Self, Error> {
        let name = ToolName::parse(name)?;
        let input = Schema::new(input_schema).map_err(|reason| Error::ToolSchema { name: name.clone(), reason })?;
        let input = Arc::new(input);
        Ok(Self(Arc::new(Definition {
            name,
            description: description.into(),
            input,
            output_schema: None,
            time_max: None,
            fuel_price: 0,
            retries_max: 0,
            effect: Effect::Unmarked,
            filter: None,
            limits: None,
            handler,
        })))
    }

    fn with(mut self, change: impl FnOnce(&mut Definition)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Says what results look like, for those who describe the tool to a model. Results are not checked against it.
    #[must_use]
    pub fn output_schema(self, schema: Value) -> Self {
        self.with(|tool| tool.output_schema = Some(Arc::new(schema)))
    }

    /// The same, from the type of the results.
    ///
    /// ```
    /// use agentloop_sandbox::Tool;
    ///
    /// let length = Tool::instant("length", "Counts.", |text: String| Ok::<_, String>(text.len()))?.returns::<usize>();
    /// assert_eq!(length.result_schema().unwrap()["type"], "integer");
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    #[must_use]
    pub fn returns<R: JsonSchema>(self) -> Self {
        self.output_schema(schema_of::<R>())
    }

    /// Says what calling it may do to the world. Default: [`Effect::Unmarked`].
    #[must_use]
    pub fn marked(self, effect: Effect) -> Self {
        self.with(|tool| tool.effect = effect)
    }

    /// Passes each text that the handler gives through `filter` before anything else sees it: the JSON text of a result, the
    /// message of an error, what it says about its progress. For taking out what scripts and logs must not see. Filters that are
    /// set later see what the earlier ones have left.
    #[must_use]
    pub fn filtered(self, filter: impl Fn(String) -> String + Send + Sync + 'static) -> Self {
        self.with(|tool| {
            tool.filter = Some(match tool.filter.take() {
                None => Arc::new(filter),
                Some(earlier) => Arc::new(move |text| filter(earlier(text))),
            });
        })
    }

    /// A timeout of this tool's own, instead of [`Limits::call_time_max`](crate::Limits::call_time_max).
    #[must_use]
    pub fn time_max(self, time_max: Duration) -> Self {
        self.with(|tool| tool.time_max = Some(time_max))
    }

    /// Units of fuel that each call costs, beside what every call costs. Default 0.
    #[must_use]
    pub fn fuel_price(self, units: u64) -> Self {
        self.with(|tool| tool.fuel_price = units)
    }

    /// Limits of this tool's own, for each run. Reaching one ends the run, as the limits of the run do.
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use agentloop_sandbox::{Ending, Engine, LimitKind, Limits, Tool, ToolLimits, Toolbox};
    ///
    /// let pay = Tool::instant("pay", "Pays.", |_: serde_json::Value| Ok::<_, String>("paid"))?;
    /// let pay = pay.limits(ToolLimits { calls_max: Some(1), ..ToolLimits::default() });
    /// let sandbox = Engine::new()?.sandbox(Toolbox::new([pay])?, Limits::default())?;
    /// let Ending::LimitExceeded(exceeded) = sandbox.run("await tools.pay(1); await tools.pay(2)").await?.ending else { panic!() };
    /// assert_eq!((exceeded.limit, exceeded.tool.as_deref()), (LimitKind::ToolCalls, Some("pay")));
    /// # Ok(()) }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
    /// ```
    #[must_use]
    pub fn limits(self, limits: ToolLimits) -> Self {
        self.with(|tool| tool.limits = (limits != ToolLimits::default()).then_some(limits))
    }

    /// Says that making a call twice is the same as making it once. A call that failed or timed out is then made again, up to
    /// `retries_max` times, after 100 ms, 200 ms, 400 ms and so on. Each attempt has the whole timeout. Default: no call is made
    /// twice.
    #[must_use]
    pub fn idempotent(self, retries_max: u32) -> Self {
        self.with(|tool| tool.retries_max = retries_max)
    }

    /// The name.
    pub fn name(&self) -> &ToolName {
        &self.0.name
    }

    /// What it does, in words.
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// The JSON Schema of its arguments.
    pub fn input_schema(&self) -> &Value {
        self.0.input.value()
    }

    /// The JSON Schema of its results, if it was given.
    pub fn result_schema(&self) -> Option<&Value> {
        self.0.output_schema.as_deref()
    }

    /// What calling it may do to the world, as far as its source says.
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    pub(crate) fn filter(&self) -> Option<&Arc<Filter>> {
        self.0.filter.as_ref()
    }

    pub(crate) fn check_arguments(&self, arguments: &Value) -> Result<(), ToolError> {
        let Some(mismatch) = self.0.input.mismatch("the arguments", arguments) else { return Ok(()) };
        let message = format!("the arguments of `{}` do not match its schema; {mismatch}", self.0.name);
        Err(ToolError::new(ToolErrorKind::InvalidArguments, message))
    }

    pub(crate) fn handler(&self) -> &Handler {
        &self.0.handler
    }

    pub(crate) fn own_time_max(&self) -> Option<Duration> {
        self.0.time_max
    }

    /// Its [limits](Self::limits), if it has any.
    pub fn own_limits(&self) -> Option<&ToolLimits> {
        self.0.limits.as_ref()
    }

    pub(crate) fn retries_max(&self) -> u32 {
        self.0.retries_max
    }

    /// Under what it can be called, for a journal.
    pub(crate) fn terms(&self) -> ToolTerms {
        let is_read_only = self.0.effect == Effect::ReadOnly;
        ToolTerms { price: self.0.fuel_price, is_read_only, limits: self.0.limits.clone() }
    }

    /// The same tool as it could be called when a journal was written.
    pub(crate) fn under(self, terms: &ToolTerms) -> Self {
        self.with(|tool| {
            tool.fuel_price = terms.price;
            tool.limits.clone_from(&terms.limits);
        })
    }

    pub(crate) fn price(&self) -> u64 {
        self.0.fuel_price
    }
}

/// What one tool may be used for in a run. Default: no limits beside those of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolLimits {
    /// Calls of it.
    pub calls_max: Option<u32>,
    /// Bytes of JSON text of its arguments and results.
    pub bytes_max: Option<u64>,
}

/// Why an untyped handler has no result. The text reaches the script and the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolFailure(
    /// For the author of the script.
    pub String,
);

impl<T: Into<String>> From<T> for ToolFailure {
    fn from(message: T) -> Self {
        Self(message.into())
    }
}

fn schema_of<A: JsonSchema>() -> Value {
    schemars::schema_for!(A).to_value()
}

fn read_arguments<A: DeserializeOwned>(arguments: Value) -> Result<A, ToolError> {
    // The schema matched; what a type refuses beyond its schema is the script's mistake all the same.
    serde_json::from_value(arguments)
        .map_err(|error| ToolError::new(ToolErrorKind::InvalidArguments, format!("the arguments do not fit: {error}")))
}

fn write_result<R: Serialize, E: Display>(result: Result<R, E>) -> Handled {
    let value = result.map_err(ToolError::failed)?;
    serde_json::to_string(&value).map_err(|error| ToolError::failed(format!("the result has no JSON form: {error}")))
}
