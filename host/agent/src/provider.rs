//! What the loop needs of a model: a request goes in, deltas come out, then the whole reply.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// How a model gives its scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyStyle {
    /// By a call of the one native tool `run_js`.
    #[default]
    NativeTool,
    /// By a fenced block in its text. For models without tool calls.
    FencedCode,
}

/// The name of the one native tool.
pub const RUN_JS: &str = "run_js";

/// One request to a model. Everything it should know is in it: providers keep nothing between two requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The rules, and the tools that scripts may call.
    pub system: String,
    /// The conversation, the oldest first. It begins with a message of the user, and each script is followed by its result.
    pub messages: Vec<Message>,
    /// How scripts are to be given. With [`ReplyStyle::NativeTool`], the provider declares [`RUN_JS`].
    pub style: ReplyStyle,
    /// What the model is asked to keep to.
    pub options: CompletionOptions,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Message {
    /// Of the user, or of the loop where the style has no results.
    User {
        /// The text.
        text: String,
    },
    /// Of the model.
    Assistant {
        /// Text before, or instead of, the calls.
        text: String,
        /// Calls of [`RUN_JS`]. Empty with [`ReplyStyle::FencedCode`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<NativeCall>,
    },
    /// What a call of [`RUN_JS`] came to.
    Result {
        /// The call.
        call_id: String,
        /// What the model is told of it.
        text: String,
    },
}

/// A call of a native tool, as the model made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NativeCall {
    /// The provider's name for the call.
    pub id: String,
    /// The tool: [`RUN_JS`], if the model kept to what was declared.
    pub name: String,
    /// Its arguments.
    pub arguments: serde_json::Value,
}

/// What the model is asked to keep to. `None` leaves it to the provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompletionOptions {
    /// Tokens of one reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_max: Option<u32>,
    /// Sampling temperature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Nucleus sampling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Seed of the sampling, where the provider has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// A piece of a reply, as it arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Delta {
    /// Text for the user.
    Text {
        /// The piece.
        text: String,
    },
    /// What the model thinks, where the provider shows it.
    Reasoning {
        /// The piece.
        text: String,
    },
}

/// A whole reply.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The text.
    #[serde(default)]
    pub text: String,
    /// Calls of native tools.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<NativeCall>,
    /// Why it ends.
    #[serde(default)]
    pub stop: Stop,
    /// What it cost.
    #[serde(default)]
    pub usage: TokenUsage,
}

/// Why a reply ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model was done.
    #[default]
    Done,
    /// It reached the limit of its length: what it says may be cut off anywhere.
    Length,
    /// The provider refused to go on.
    Refused,
}

/// Tokens, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUsage {
    /// Of the requests, those read from a cache included.
    pub input: u64,
    /// Of the replies, reasoning included.
    pub output: u64,
    /// Of the requests, read from the provider's cache.
    pub cached: u64,
}

impl TokenUsage {
    /// Input and output together.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl std::ops::AddAssign for TokenUsage {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cached = self.cached.saturating_add(other.cached);
    }
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProviderError {
    /// What kind of thing.
    pub kind: ProviderErrorKind,
    /// For a person. It contains no key.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// An error without a wish to wait.
    pub fn new(kind: ProviderErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }

    /// The same, with what the provider asks for.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.sentence(), self.message)
    }
}

impl std::error::Error for ProviderError {}

/// What can go wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProviderErrorKind {
    /// Too many requests or tokens for now.
    RateLimit,
    /// The provider has too much to do, or broke.
    Overload,
    /// No key, or one that is not accepted.
    Auth,
    /// The conversation is longer than the model reads.
    ContextTooLong,
    /// The provider does not answer this request as a matter of policy.
    Refused,
    /// The request is one that the provider does not understand: an unknown model, for example.
    InvalidRequest,
    /// No connection, or it broke.
    Network,
    /// An answer that is none: malformed, empty, or cut off.
    BadResponse,
}

impl ProviderErrorKind {
    /// `rate_limit`, `overload`, `auth`, `context_too_long`, `refused`, `invalid_request`, `network` or `bad_response`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::Overload => "overload",
            Self::Auth => "auth",
            Self::ContextTooLong => "context_too_long",
            Self::Refused => "refused",
            Self::InvalidRequest => "invalid_request",
            Self::Network => "network",
            Self::BadResponse => "bad_response",
        }
    }

    /// Whether the same request may well succeed later.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::RateLimit | Self::Overload | Self::Network | Self::BadResponse)
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::RateLimit => "the provider's rate limit is reached",
            Self::Overload => "the provider is overloaded",
            Self::Auth => "the provider does not accept the key",
            Self::ContextTooLong => "the conversation is longer than the model reads",
            Self::Refused => "the provider refused",
            Self::InvalidRequest => "the provider does not take the request",
            Self::Network => "the provider could not be reached",
            Self::BadResponse => "the provider's answer is broken",
        }
    }
}

/// A model behind some interface. One request at a time is enough: the loop asks, waits, and asks again.
pub trait Provider: Send + Sync + 'static {
    /// Who answers, as `provider/model`: for events, spans and price tables.
    fn model(&self) -> &str;

    /// How this model gives its scripts best.
    fn style(&self) -> ReplyStyle {
        ReplyStyle::NativeTool
    }

    /// Asks for a reply. Pieces of it go to `on_delta` while it arrives; dropping the future gives the request up.
    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>>;
}

impl<P: Provider + ?Sized> Provider for std::sync::Arc<P> {
    fn model(&self) -> &str {
        (**self).model()
    }

    fn style(&self) -> ReplyStyle {
        (**self).style()
    }

    fn reply<'a>(
        &'a self,
        request: &'a Request,
        on_delta: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        (**self).reply(request, on_delta)
    }
}
