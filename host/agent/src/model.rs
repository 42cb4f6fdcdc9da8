//! Models of real providers: `anthropic/claude-sonnet-4-5` and its like.
//!
//! This is the only place that talks to a provider. It never lets a key out other than to the provider, never takes
//! a reply that was cut for a whole one, and believes nothing that a provider says about sizes or times.

mod connection;
mod draft;
mod endpoint;
mod errors;
mod events;
mod names;
mod secret;
mod wire;

use crate::provider::{Delta, Message, Provider, ProviderError, ProviderErrorKind, Reply, ReplyStyle, Request};
use draft::{Draft, End};
use endpoint::Lookup;
use errors::Voice;
use events::Events;
use futures_util::future::BoxFuture;
use names::{Entry, PROVIDERS};
use reqwest::header::HeaderMap;
use reqwest::{Client, Response, Url};
use secret::Secret;
use std::fmt;
use std::time::Duration;
use wire::Fault;

/// A provider that says nothing for longer is given up, unless [`ModelBuilder::idle_timeout`] says otherwise.
const IDLE_MS_MAX: u64 = 5 * 60 * 1000;

/// A reply that is larger is given up.
const REPLY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// So much is read of an answer that is an error.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// A model of a real provider.
///
/// | provider | keys, the first one set wins | base URL | style |
/// | --- | --- | --- | --- |
/// | `openai` (chat completions) | `OPENAI_API_KEY` | `OPENAI_BASE_URL` | native tool |
/// | `openai-responses` | `OPENAI_API_KEY` | `OPENAI_BASE_URL` | native tool |
/// | `anthropic` | `ANTHROPIC_API_KEY` | `ANTHROPIC_BASE_URL` | native tool |
/// | `gemini` | `GEMINI_API_KEY`, `GOOGLE_API_KEY` | | native tool |
/// | `mistral` | `MISTRAL_API_KEY` | | native tool |
/// | `groq` | `GROQ_API_KEY` | | native tool |
/// | `deepseek` | `DEEPSEEK_API_KEY` | | native tool |
/// | `xai` | `XAI_API_KEY` | | native tool |
/// | `openrouter` | `OPENROUTER_API_KEY` | | native tool |
/// | `together` | `TOGETHER_API_KEY` | | native tool |
/// | `fireworks` | `FIREWORKS_API_KEY` | | native tool |
/// | `cohere` | `COHERE_API_KEY`, `CO_API_KEY` | | native tool |
/// | `perplexity` | `PERPLEXITY_API_KEY` | | fenced code |
/// | `azure` | `AZURE_OPENAI_API_KEY` | `AZURE_OPENAI_ENDPOINT`, must be set | native tool |
/// | `ollama` | none, or `OLLAMA_API_KEY` | `OLLAMA_HOST` | fenced code |
/// | `compatible` (chat completions) | none, or `AGENTLOOP_API_KEY` | `AGENTLOOP_BASE_URL`, must be set | fenced code |
///
/// A reply always arrives as a stream. One that is cut, empty, or larger than 16 MiB is an error, and so is a provider
/// that says nothing for five minutes.
///
/// ```
/// use agentloop::{Model, Provider};
///
/// let local = Model::new("ollama/qwen3")?;
/// let remote = Model::builder("anthropic/claude-sonnet-4-5").api_key("sk-ant-secret").build()?;
/// assert_eq!((local.model(), remote.model()), ("ollama/qwen3", "anthropic/claude-sonnet-4-5"));
/// # Ok::<(), agentloop::ProviderError>(())
/// ```
#[derive(Clone)]
pub struct Model {
    name: String,
    entry: &'static Entry,
    style: ReplyStyle,
    origin: String,
    idle: Duration,
    secret: Secret,
    client: Client,
    /// The name that the provider knows it by.
    bare_name: String,
    /// Where requests go.
    url: Url,
    headers: HeaderMap,
}

impl Model {
    /// The model of this name, `provider/model`, with everything else from the environment.
    ///
    /// # Errors
    /// [`ProviderErrorKind::InvalidRequest`] for a name that names no provider, with the names that do;
    /// [`ProviderErrorKind::Auth`] if there is no key, with the variable to set.
    ///
    /// ```
    /// let error = agentloop::Model::new("claude-sonnet-4-5").expect_err("the provider is missing");
    /// let expected = "`claude-sonnet-4-5` names no provider: did you mean `anthropic/claude-sonnet-4-5`?";
    /// assert_eq!(error.message, expected);
    /// ```
    pub fn new(name: impl Into<String>) -> Result<Self, ProviderError> {
        Self::builder(name).build()
    }

    /// The model of this name, `provider/model`, with some things said here rather than in the environment.
    ///
    /// ```
    /// let model = agentloop::Model::builder("compatible/my-model").base_url("http://localhost:8000/v1").build()?;
    /// # Ok::<(), agentloop::ProviderError>(())
    /// ```
    pub fn builder(name: impl Into<String>) -> ModelBuilder {
        ModelBuilder { name: name.into(), base_url: None, api_key: None, style: None, idle: None }
    }

    /// The names of all providers, for help texts.
    ///
    /// ```
    /// assert!(agentloop::Model::providers().any(|name| name == "anthropic"));
    /// ```
    pub fn providers() -> impl Iterator<Item = &'static str> {
        PROVIDERS.iter().map(|entry| entry.name)
    }

    fn voice(&self) -> Voice<'_> {
        Voice { model: &self.name, origin: &self.origin, secret: &self.secret }
    }

    /// Waits for the provider to say something, and no longer than it may be silent.
    async fn heard<T>(&self, saying: impl Future<Output = reqwest::Result<T>>) -> Result<T, ProviderError> {
        let heard = tokio::time::timeout(self.idle, saying).await.map_err(|_| {
            let text = format!("said nothing for {} ms ({})", self.idle.as_millis(), self.origin);
            self.voice().error(ProviderErrorKind::Network, &text)
        })?;
        heard.map_err(|error| self.voice().broken(&error))
    }

    /// Sends the request, and waits for an answer that is no error.
    async fn send(&self, request: &Request) -> Result<Response, ProviderError> {
        let body = wire::body(self.entry, &self.bare_name, request).to_string();
        let sending = self.client.post(self.url.clone()).headers(self.headers.clone()).body(body).send();
        let response = self.heard(sending).await?;
        if response.status().is_success() { Ok(response) } else { Err(self.refusal(response).await) }
    }

    /// The error that an answer is. Where its body breaks off, what there is of it tells enough.
    async fn refusal(&self, mut response: Response) -> ProviderError {
        let mut body = Vec::new();
        while body.len() < ERROR_BYTES_MAX
            && let Ok(Some(chunk)) = self.heard(response.chunk()).await
        {
            body.extend(chunk.iter().take(ERROR_BYTES_MAX - body.len()));
        }
        let text = String::from_utf8_lossy(&body);
        self.voice().answered(response.status().as_u16(), response.headers(), &text)
    }

    async fn ask(&self, request: &Request, on_delta: &mut (dyn FnMut(Delta) + Send)) -> Result<Reply, ProviderError> {
        let broken = |text: &str| self.voice().error(ProviderErrorKind::BadResponse, text);
        let mut response = self.send(request).await?;
        let mut draft = Draft::new(calls_before(request));
        let mut events = Events::new(self.entry.wire.framing(), REPLY_BYTES_MAX);
        while draft.end() != End::Closed {
            let Some(chunk) = self.heard(response.chunk()).await? else {
                self.read_rest(events, &mut draft, on_delta)?;
                break;
            };
            let mut bytes: &[u8] = &chunk;
            while draft.end() != End::Closed
                && let Some(event) = events.next(&mut bytes)
            {
                let event = event.map_err(|flaw| broken(&flaw.to_string()))?;
                self.read(&event, &mut draft, on_delta).map_err(|fault| self.fault(&fault))?;
            }
        }
        if draft.end() < self.entry.wire.end_needed() {
            return Err(broken("broke off in the middle of its reply"));
        }
        draft.into_reply().ok_or_else(|| broken("sent an empty reply"))
    }

    fn read(&self, event: &str, draft: &mut Draft, on_delta: &mut (dyn FnMut(Delta) + Send)) -> Result<(), Fault> {
        let read = wire::read(self.entry.wire, event, draft);
        draft.take_deltas().into_iter().for_each(on_delta);
        read
    }

    /// Reads an event that the end of the stream ends. One that makes no sense was cut, and is left out.
    fn read_rest(
        &self,
        events: Events,
        draft: &mut Draft,
        on_delta: &mut (dyn FnMut(Delta) + Send),
    ) -> Result<(), ProviderError> {
        let Some(Ok(event)) = events.rest() else { return Ok(()) };
        match self.read(&event, draft, on_delta) {
            Ok(()) | Err(Fault::Broken(_)) => Ok(()),
            Err(reported @ Fault::Reported(_)) => Err(self.fault(&reported)),
        }
    }

    fn fault(&self, fault: &Fault) -> ProviderError {
        match fault {
            Fault::Reported(error) => self.voice().reported(error),
            Fault::Broken(why) => self.voice().error(ProviderErrorKind::BadResponse, &format!("failed: {why}")),
        }
    }
}

/// How many calls the conversation has.
fn calls_before(request: &Request) -> usize {
    let calls = request.messages.iter().map(|message| match message {
        Message::Assistant { calls, .. } => calls.len(),
        Message::User { .. } | Message::Result { .. } => 0,
    });
    calls.sum()
}

impl Provider for Model {
    fn model(&self) -> &str {
        &self.name
    }

    fn style(&self) -> ReplyStyle {
        self.style
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        Box::pin(self.ask(request, on_delta))
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Model");
        debug.field("name", &self.name).field("style", &self.style).field("origin", &self.origin);
        debug.field("key", &self.secret).finish_non_exhaustive()
    }
}

/// A [`Model`] in the making.
///
/// ```
/// use agentloop::{Model, Provider, ReplyStyle};
/// use std::time::Duration;
///
/// let model = Model::builder("compatible/my-model")
///     .base_url("https://models.example/v1")
///     .api_key("secret")
///     .style(ReplyStyle::NativeTool)
///     .idle_timeout(Duration::from_secs(60))
///     .build()?;
/// assert_eq!(model.style(), ReplyStyle::NativeTool);
/// assert!(!format!("{model:?}").contains("secret"));
/// # Ok::<(), agentloop::ProviderError>(())
/// ```
#[derive(Clone)]
pub struct ModelBuilder {
    name: String,
    base_url: Option<String>,
    api_key: Option<String>,
    style: Option<ReplyStyle>,
    idle: Option<Duration>,
}

impl ModelBuilder {
    /// Where the provider is, with the version: `https://models.example/v1`. It goes before the environment, and must
    /// be `https` or `http`, without a password or a query.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The key, which goes before the environment.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// How the model gives its scripts. Without this, it is [`ReplyStyle::FencedCode`] for `ollama`, `perplexity` and
    /// `compatible`, whose models often cannot call tools, and [`ReplyStyle::NativeTool`] for all others.
    #[must_use]
    pub fn style(mut self, style: ReplyStyle) -> Self {
        self.style = Some(style);
        self
    }

    /// How long the provider may say nothing before it is given up: five minutes, unless this says otherwise.
    #[must_use]
    pub fn idle_timeout(mut self, wait: Duration) -> Self {
        self.idle = Some(wait);
        self
    }

    /// The model, with the environment of this process for what has not been said.
    ///
    /// # Errors
    /// As [`Model::new`], and [`ProviderErrorKind::InvalidRequest`] for a base URL that is none.
    ///
    /// ```
    /// let error = agentloop::Model::builder("openai/x").base_url("ftp://host").api_key("secret").build();
    /// assert_eq!(error.expect_err("not a web address").kind, agentloop::ProviderErrorKind::InvalidRequest);
    /// ```
    pub fn build(self) -> Result<Model, ProviderError> {
        self.build_with(&|name| std::env::var(name).ok())
    }

    /// The model, with something else in place of the environment.
    ///
    /// # Errors
    /// As [`ModelBuilder::build`].
    ///
    /// ```
    /// let model = agentloop::Model::builder("groq/x").build_with(&|name| match name {
    ///     "GROQ_API_KEY" => Some("from-the-vault".to_owned()),
    ///     _ => None,
    /// })?;
    /// # Ok::<(), agentloop::ProviderError>(())
    /// ```
    pub fn build_with(self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Model, ProviderError> {
        let lookup: Lookup<'_> = environment;
        let (entry, bare_name) = names::parse(&self.name)?;
        let url = endpoint::base_url(entry, self.base_url.as_deref(), lookup)?;
        let secret = endpoint::key(entry, self.api_key.as_deref(), lookup)?;
        Ok(Model {
            style: self.style.unwrap_or(entry.style),
            origin: url.origin().ascii_serialization(),
            idle: self.idle.unwrap_or(Duration::from_millis(IDLE_MS_MAX)),
            client: connection::client(&self.name, &url)?,
            headers: connection::headers(entry.name, entry.wire, &secret)?,
            url: entry.wire.url(&url, bare_name),
            bare_name: bare_name.to_owned(),
            name: self.name,
            entry,
            secret,
        })
    }
}

impl fmt::Debug for ModelBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ModelBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}
