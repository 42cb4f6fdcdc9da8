//! An agent: a provider, tools, a prompt and budgets. It keeps nothing between two turns.

use crate::budget::{Budgets, Prices};
use crate::event::Event;
use crate::prompt::{Parts, Template, system_prompt};
use crate::provider::{CompletionOptions, Provider, ReplyStyle, Request};
use crate::retry::Retries;
use crate::turn::Rules;
use crate::{AgentError, Session, Transcript};
use agentloop_sandbox::{Attempt, CancellationToken, Engine, Limits, Sandbox, Tool, Toolbox, Verdict};
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::sync::Arc;

/// The tool by which a script ends the task. The loop's own: see [`AgentError::ReservedToolName`].
pub const FINISH: &str = "finish";

type RequestHook = dyn Fn(&mut Request) + Send + Sync;
type Gate = dyn Fn(Attempt) -> BoxFuture<'static, Verdict> + Send + Sync;
/// Makes the gate of a script.
pub(crate) type Gates = dyn Fn() -> Arc<Gate> + Send + Sync;
pub(crate) type Observer = Arc<dyn Fn(&Event) + Send + Sync>;

/// A model with tools, which it calls by writing code.
///
/// ```
/// use agentloop::{Agent, Answer, Scripted, Tool, Turn};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let now = Tool::instant("now", "The time of day.", |_: serde_json::Value| Ok::<_, String>("noon"))?;
/// // Stands in for a model: it says these two things, one after the other.
/// let model = Scripted::new().script("return await tools.now({})").text("It is noon.");
/// let agent = Agent::builder(model).tool(now).build()?;
/// let output = agent.run(Turn::new("How late is it?")).await?;
/// assert_eq!(output.answer, Answer::Text("It is noon.".to_owned()));
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Agent {
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) sandbox: Sandbox,
    pub(crate) declarations: Arc<str>,
    pub(crate) system: Arc<str>,
    pub(crate) template: Template,
    pub(crate) budgets: Budgets,
    pub(crate) prices: Option<Prices>,
    pub(crate) retries: Retries,
    pub(crate) rules: Rules,
    pub(crate) options: CompletionOptions,
    pub(crate) history_bytes_max: usize,
    pub(crate) feedback_bytes_max: usize,
    pub(crate) request_hook: Option<Arc<RequestHook>>,
    pub(crate) gates: Option<Arc<Gates>>,
    pub(crate) trace_contents: bool,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Agent").field("model", &self.provider.model()).finish_non_exhaustive()
    }
}

impl Agent {
    /// An agent in the making, with every default.
    pub fn builder(provider: impl Provider) -> AgentBuilder {
        let style = provider.style();
        AgentBuilder {
            provider: Arc::new(provider),
            tools: Vec::new(),
            limits: Limits::default(),
            system: String::new(),
            template: Template::default(),
            budgets: Budgets::default(),
            prices: None,
            retries: Retries::default(),
            rules: Rules { style, ..Rules::default() },
            options: CompletionOptions::default(),
            history_bytes_max: 256 << 10,
            feedback_bytes_max: 8 << 10,
            tools_bytes_max: 16 << 10,
            request_hook: None,
            gates: None,
            trace_contents: false,
        }
    }

    /// A conversation whose scripts share a realm.
    pub fn session(&self) -> Session {
        Session::new(self.clone())
    }

    /// The system prompt of a turn: the same, byte for byte, for the same agent and context.
    pub fn system_prompt(&self, context: &[(String, String)]) -> String {
        self.prompt_of_turn(context, false)
    }

    pub(crate) fn prompt_of_turn(&self, context: &[(String, String)], in_session: bool) -> String {
        let (system, style, declarations) = (&self.system, self.rules.style, &self.declarations);
        system_prompt(&self.template, &Parts { system, style, declarations, in_session, context })
    }
}

/// What an agent is made of.
#[must_use]
pub struct AgentBuilder {
    provider: Arc<dyn Provider>,
    tools: Vec<Tool>,
    limits: Limits,
    system: String,
    template: Template,
    budgets: Budgets,
    prices: Option<Prices>,
    retries: Retries,
    rules: Rules,
    options: CompletionOptions,
    history_bytes_max: usize,
    feedback_bytes_max: usize,
    tools_bytes_max: usize,
    request_hook: Option<Arc<RequestHook>>,
    gates: Option<Arc<Gates>>,
    trace_contents: bool,
}

impl std::fmt::Debug for AgentBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("AgentBuilder").field("model", &self.provider.model()).finish_non_exhaustive()
    }
}

impl AgentBuilder {
    /// A tool that scripts may call.
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Tools that scripts may call.
    pub fn tools(mut self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// What the application tells the model: who it is, what it is for. Default: nothing.
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system = text.into();
        self
    }

    /// How the system prompt is put together.
    pub fn template(mut self, template: Template) -> Self {
        self.template = template;
        self
    }

    /// Limits of each script; in a [`Session`], of all its scripts together.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Budgets of each turn, over all its scripts and requests.
    pub fn budgets(mut self, budgets: Budgets) -> Self {
        self.budgets = budgets;
        self
    }

    /// Replies of the model in a turn. Default 10. The same as [`Budgets::iterations_max`].
    pub fn iterations_max(mut self, count: u32) -> Self {
        self.budgets.iterations_max = count;
        self
    }

    /// What tokens cost, for [`Budgets::cost_max`] and [`Spent::cost`](crate::Spent::cost).
    pub fn prices(mut self, prices: Prices) -> Self {
        self.prices = Some(prices);
        self
    }

    /// How requests are made again after an error.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// How scripts are given. Default: as the provider says.
    pub fn style(mut self, style: ReplyStyle) -> Self {
        self.rules.style = style;
        self
    }

    /// Replies in a row that cannot be used before the turn ends. Default 2: the third ends it.
    pub fn repairs_max(mut self, count: u32) -> Self {
        self.rules.repairs_max = count;
        self
    }

    /// The same script, or the same failing call, so many times ends the turn. Default 3.
    pub fn repeats_max(mut self, count: u32) -> Self {
        self.rules.repeats_max = count;
        self
    }

    /// What the model is asked to keep to.
    pub fn options(mut self, options: CompletionOptions) -> Self {
        self.options = options;
        self
    }

    /// Bytes of earlier turns that are sent with a request. Default 256 KiB. The current turn is sent whole.
    pub fn history_bytes_max(mut self, bytes: usize) -> Self {
        self.history_bytes_max = bytes;
        self
    }

    /// Bytes of the prompt that declare the tools. More tools than that are listed in a line each, or by namespace, and scripts
    /// look for them: see [`Toolbox::outline`]. Default: 16 KiB, about 4,000 tokens.
    pub fn tools_bytes_max(mut self, bytes: usize) -> Self {
        self.tools_bytes_max = bytes;
        self
    }

    /// Bytes of a script's value, and as many of its console, that the model is told. Default 8 KiB. The rest it can read in
    /// its next script.
    pub fn feedback_bytes_max(mut self, bytes: usize) -> Self {
        self.feedback_bytes_max = bytes;
        self
    }

    /// Called with each request before it is sent, and may change it.
    pub fn on_request(mut self, hook: impl Fn(&mut Request) + Send + Sync + 'static) -> Self {
        self.request_hook = Some(Arc::new(hook));
        self
    }

    /// Asked before each call that a script makes: whether it is made, and with which arguments. A refusal reaches the script as a
    /// `ToolError` with the reason. Ending the task by `finish(value)` is not asked about.
    ///
    /// All scripts share the gate. One that counts the calls of a script is made by [`gate_of_each_script`](Self::gate_of_each_script).
    pub fn gate<F>(self, gate: impl Fn(Attempt) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Verdict> + Send + 'static,
    {
        let gate: Arc<Gate> = Arc::new(move |attempt| Box::pin(gate(attempt)));
        Self { gates: Some(Arc::new(move || Arc::clone(&gate))), ..self }
    }

    /// Makes a [`gate`](Self::gate) for each script. Of these two methods, the last one that is called counts.
    ///
    /// ```
    /// use agentloop::{Agent, Scripted, Verdict};
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// let agent = Agent::builder(Scripted::new().text("done")).gate_of_each_script(|| {
    ///     let has_called = AtomicBool::new(false);
    ///     move |_| {
    ///         let is_first = !has_called.swap(true, Ordering::Relaxed);
    ///         async move { if is_first { Verdict::Allow } else { Verdict::Refuse("one call a script".to_owned()) } }
    ///     }
    /// });
    /// assert!(agent.build().is_ok());
    /// ```
    pub fn gate_of_each_script<G, F>(self, make: impl Fn() -> G + Send + Sync + 'static) -> Self
    where
        G: Fn(Attempt) -> F + Send + Sync + 'static,
        F: Future<Output = Verdict> + Send + 'static,
    {
        let make = move || -> Arc<Gate> {
            let gate = make();
            Arc::new(move |attempt| Box::pin(gate(attempt)))
        };
        Self { gates: Some(Arc::new(make)), ..self }
    }

    /// Puts prompts, replies and scripts into the spans of `tracing`. Default: names, numbers and kinds of error only.
    pub fn trace_contents(mut self, contents: bool) -> Self {
        self.trace_contents = contents;
        self
    }

    /// The agent. Everything that is wrong with it is found here, before the first request.
    ///
    /// # Errors
    ///
    /// [`AgentError::ReservedToolName`], [`AgentError::Sandbox`] for tools that cannot be together and limits that cannot be
    /// enforced, [`AgentError::Configuration`] for budgets that allow nothing.
    pub fn build(self) -> Result<Agent, AgentError> {
        if self.tools.iter().any(|tool| tool.name().as_str() == FINISH) {
            return Err(AgentError::ReservedToolName(FINISH.to_owned()));
        }
        if self.budgets.iterations_max == 0 {
            return Err(AgentError::Configuration("`iterations_max` of 0 would let no model answer".to_owned()));
        }
        if self.budgets.cost_max.is_some() && self.prices.is_none() {
            return Err(AgentError::Configuration("`cost_max` needs a price table: give `prices`".to_owned()));
        }
        if self.rules.repeats_max < 2 {
            return Err(AgentError::Configuration(
                "`repeats_max` below 2 would end every turn at its first script".to_owned(),
            ));
        }
        let finish = Tool::instant(FINISH, "Ends the task.", |_: Value| Ok::<_, String>(Value::Null))?;
        let declarations = Toolbox::new(self.tools.iter().cloned())?.outline(self.tools_bytes_max);
        let scripts_tools = Toolbox::new(self.tools.into_iter().chain([finish]))?;
        let sandbox = Engine::new()?.sandbox(scripts_tools, self.limits)?;
        Ok(Agent {
            provider: self.provider,
            sandbox,
            declarations: declarations.into(),
            system: self.system.into(),
            template: self.template,
            budgets: self.budgets,
            prices: self.prices,
            retries: self.retries,
            rules: self.rules,
            options: self.options,
            history_bytes_max: self.history_bytes_max,
            feedback_bytes_max: self.feedback_bytes_max,
            request_hook: self.request_hook,
            gates: self.gates,
            trace_contents: self.trace_contents,
        })
    }
}

/// One turn of a conversation: a prompt, and everything the agent should know for it.
#[must_use]
pub struct Turn {
    pub(crate) prompt: String,
    pub(crate) history: Transcript,
    pub(crate) context: Vec<(String, String)>,
    pub(crate) options: Option<CompletionOptions>,
    pub(crate) seed: Option<u64>,
    pub(crate) clock_ms: Option<u64>,
    pub(crate) cancellation: CancellationToken,
    pub(crate) observer: Option<Observer>,
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Turn").field("prompt", &self.prompt).finish_non_exhaustive()
    }
}

impl Turn {
    /// A turn that begins a conversation.
    pub fn new(prompt: impl Into<String>) -> Self {
        Self {
            prompt: prompt.into(),
            history: Transcript::default(),
            context: Vec::new(),
            options: None,
            seed: None,
            clock_ms: None,
            cancellation: CancellationToken::new(),
            observer: None,
        }
    }

    /// What was said before: the transcript of an earlier turn's output, or failure.
    pub fn history(mut self, history: Transcript) -> Self {
        self.history = history;
        self
    }

    /// A section that the model is told in this turn only: a document, the state of the application.
    pub fn context(mut self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.context.push((title.into(), text.into()));
        self
    }

    /// What the model is asked to keep to in this turn, instead of the agent's own options.
    pub fn options(mut self, options: CompletionOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// The seed of `Math.random()` in each script of this turn. Default: another one each time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What `Date.now()` answers in each script of this turn, in milliseconds since 1970. Default: the time when it starts.
    pub fn clock_ms(mut self, clock_ms: u64) -> Self {
        self.clock_ms = Some(clock_ms);
        self
    }

    /// Ends the turn as [`AgentError::Cancelled`] when `token` is cancelled: at once while it waits for the model or a tool.
    pub fn cancel_on(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }

    /// Called with each event as it happens, on the task of the turn. It must not block.
    pub fn on_event(mut self, observer: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}
