//! The flags of `agentloop mcp`.

use super::{LimitArguments, ToolArguments};
use crate::exit;
use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct McpArguments {
    #[command(flatten)]
    pub(crate) serve: ServeArguments,
}

/// What is served, and where.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) tools: ToolArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}
