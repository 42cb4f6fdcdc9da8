//! Runs a model's JavaScript in a fresh, hardened realm inside its own WebAssembly instance, under exact budgets, where
//! the only door out is the list of tools it was given.
//!
//! An [`Engine`] (one per process) makes a [`Sandbox`] (tools and limits), which makes a [`Run`] (one instance, one
//! script), which ends in an [`Outcome`]. Nothing a script does is an `Err`: each way it can end is an [`Ending`].
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct City { name: String }
//!
//! let weather = Tool::new("weather", "Degrees in a city.", |city: City| async move {
//!     match city.name.as_str() { "Oslo" => Ok(4), "Rome" => Ok(21), other => Err(format!("no station in {other}")) }
//! })?;
//! let sandbox = Engine::new()?.sandbox(Toolbox::new([weather])?, Limits::default())?;
//! let outcome = sandbox
//!     .run("const [a, b] = await Promise.all(['Oslo', 'Rome'].map((name) => tools.weather({ name }))); return b - a")
//!     .await?;
//! assert_eq!(outcome.value::<i32>().unwrap()?, 17);
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! This crate opens no socket and no file, and depends on nothing that could.

mod answers;
mod bindings;
mod calls;
mod check;
mod config;
mod declarations;
mod discovery;
mod effect;
mod engine;
mod error;
mod execute;
mod fingerprint;
mod image;
mod instance;
mod journal;
mod json;
mod ledger;
mod limits;
mod live;
mod meter;
mod name;
mod outcome;
mod outline;
mod parking;
mod replay;
mod resume;
mod run;
mod sandbox;
mod schema;
mod script_error;
mod seal;
mod search;
mod session;
mod shape;
mod slice;
mod snapshot;
mod source;
mod state;
mod suspend;
mod tether;
mod timers;
mod tool;
mod toolbox;
mod watch;

pub use answers::{Answers, RecordedCall};
pub use check::{Finding, Rule};
pub use effect::Effect;
pub use engine::Engine;
pub use error::Error;
pub use journal::{Divergence, Journal, JournalCall, JournalCallState, JournalError, Moment, Sink};
pub use ledger::{StepUsage, ToolUsage, Usage};
pub use limits::{CALL_BYTE_FUEL, CALL_FUEL, CONSOLE_BYTE_FUEL, CONSOLE_WRITE_FUEL, DEPTH_MAX, Limits, TIMER_FUEL};
pub use name::ToolName;
pub use outcome::{
    CallReport, CallStatus, ConsoleLevel, ConsoleLine, Ending, LimitExceeded, LimitKind, Outcome, Refusal, ResumedFrom,
};
pub use replay::Replayed;
pub use resume::{Resolution, ResumeError};
pub use run::Run;
pub use sandbox::Sandbox;
pub use schema::Schema;
pub use script_error::{Position, RelatedError, ScriptError};
pub use seal::{Key, Once, OnceInMemory, Terms, Unsealable};
pub use session::Session;
pub use suspend::{Suspended, SuspendedCall, SuspendedCallState};
pub use tokio_util::sync::CancellationToken;
pub use tool::{Call, Tool, ToolError, ToolErrorKind, ToolFailure, ToolLimits};
pub use toolbox::Toolbox;
pub use watch::{Attempt, CallChange, CallEvent, Progress, Verdict};
