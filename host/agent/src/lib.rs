//! The agent loop: prompt, model, code, tools, result, until done.
//!
//! A model that writes code calls tools better than one that calls them one by one. An [`Agent`] asks a model (a [`Provider`])
//! for a script, runs it in a fresh sandbox where the agent's tools are all it can reach, tells the model what came of it, and
//! asks again, until there is an answer. Everything a conversation needs goes in and comes out as a [`Transcript`].
//!
//! What is in the sandbox is in [`agentloop_sandbox`], which is re-exported here.

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/FROM_AGENTLOOP_TS.md")]
struct FromAgentLoop;

mod agent;
mod asked;
mod budget;
mod cassette;
mod error;
mod event;
mod feedback;
mod messages;
#[cfg(feature = "models")]
mod model;
mod prompt;
mod provider;
mod reply;
mod retry;
mod run;
mod scripted;
mod scripts;
mod session;
mod spans;
#[cfg(feature = "otel")]
mod telemetry;
mod transcript;
pub mod turn;
mod typed;

pub use agent::{Agent, AgentBuilder, FINISH, Turn};
pub use agentloop_sandbox as sandbox;
pub use agentloop_sandbox::{Attempt, CancellationToken, Limits, Tool, ToolError, ToolErrorKind, Toolbox, Verdict};
pub use budget::{Budgets, Prices, Spent};
pub use cassette::{CASSETTE_VERSION, Cassette, Recorder};
pub use error::{AgentError, Failure};
pub use event::Event;
#[cfg(feature = "models")]
pub use model::{Model, ModelBuilder};
pub use prompt::Template;
pub use provider::{
    CompletionOptions, Delta, Message, NativeCall, Provider, ProviderError, ProviderErrorKind, RUN_JS, Reply,
    ReplyStyle, Request, Stop, TokenUsage,
};
pub use reply::{Meaning, Script, meaning};
pub use retry::Retries;
pub use run::Output;
pub use scripted::Scripted;
pub use session::Session;
#[cfg(feature = "otel")]
pub use telemetry::Telemetry;
pub use transcript::{Answer, CallError, CallNote, Interaction, ScriptReport, Transcript, VERSION};
