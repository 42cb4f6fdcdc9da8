//! The flags of `agentloop mcp`.

use super::{LimitArguments, ToolArguments};
use crate::exit;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = exit::help())]
pub(crate) struct McpArguments {
    #[command(subcommand)]
    pub(crate) command: Option<McpCommand>,

    #[command(flatten)]
    pub(crate) serve: ServeArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// Sign in to a server in the browser, and keep the token for all commands.
    Login(LoginArguments),
    /// Forget the token of a server.
    Logout(LoginArguments),
}

/// What is served, and where.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) tools: ToolArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

/// Which server is meant.
#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct LoginArguments {
    /// The name that the configuration gives it.
    #[arg(value_name = "NAME")]
    pub(crate) server: String,

    /// Configuration with the server in it (see docs/CONFIG.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// File that configures MCP servers: .mcp.json, or that of Cursor, VS Code or Codex. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) mcp: Vec<PathBuf>,
}
