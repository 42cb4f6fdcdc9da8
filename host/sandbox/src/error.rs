//! When the host, not the script, is at fault.

use crate::{ResumeError, ToolName};

/// The host broke, or was asked for something it cannot enforce. What a script does wrong is never an `Error`: it is an
/// [`Ending`](crate::Ending) of the [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The machine cannot run the sandbox.
    #[error("the sandbox cannot start on this machine: {reason}")]
    Unsupported {
        /// What is missing, and what to do.
        reason: String,
        /// What Wasmtime says.
        #[source]
        source: wasmtime::Error,
    },
    /// A limit that cannot be enforced.
    #[error("limit `{limit}`: {reason}")]
    Limit {
        /// The field of [`Limits`](crate::Limits), or `instances` (see [`Engine::with_instances`](crate::Engine::with_instances)).
        limit: &'static str,
        /// Why it was refused.
        reason: String,
    },
    /// A name that cannot be a tool's.
    #[error("`{}` cannot be the name of a tool: {reason}", name.escape_debug())]
    ToolName {
        /// The name as it came, cut to 100 characters.
        name: String,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// Two tools that cannot both be in one toolbox.
    #[error("tool `{name}` {reason}")]
    ToolConflict {
        /// The tool that was refused.
        name: ToolName,
        /// What it collides with.
        reason: String,
    },
    /// A tool's JSON Schema that is no schema.
    #[error("the input schema of tool `{name}` is not a JSON Schema: {reason}")]
    ToolSchema {
        /// The tool.
        name: ToolName,
        /// What the validator says.
        reason: String,
    },
    /// A run that cannot be recorded.
    #[error("the run cannot be recorded: {reason}")]
    Journal {
        /// Why not.
        reason: String,
    },
    /// A run that was put aside and cannot be resumed.
    #[error("the run was not resumed: {0}")]
    Resume(#[from] ResumeError),
    /// There is no Tokio runtime with a timer around the run.
    #[error(
        "a run needs a Tokio runtime with time enabled around it: build it with `enable_time()` or `#[tokio::main]`"
    )]
    NoRuntime,
    /// No instance could be made.
    #[error("no sandbox instance could be made: {0}")]
    Instance(#[source] wasmtime::Error),
    /// The guest broke the contract or crashed for another reason than a limit. The instance is gone; no other run is
    /// affected.
    #[error("the sandbox crashed and was discarded: {reason}")]
    Guest {
        /// What was observed.
        reason: String,
    },
}
