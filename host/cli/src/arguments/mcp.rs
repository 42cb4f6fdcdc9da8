//! The flags of `agentloop mcp`.

use super::{LimitArguments, ToolArguments};
use crate::{exit, units};
use clap::{Args, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = exit::help(), args_conflicts_with_subcommands = true)]
pub(crate) struct McpArguments {
    #[command(subcommand)]
    pub(crate) command: Option<McpCommand>,

    #[command(flatten)]
    pub(crate) serve: ServeArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// Write the server into the configuration of a client, with the flags that it is to be started with.
    Install(Box<InstallArguments>),
    /// Take the server out of the configuration of a client, and put moved servers back.
    Uninstall(UninstallArguments),
    /// Sign in to a server in the browser, and keep the token for all commands.
    Login(LoginArguments),
    /// Forget the token of a server.
    Logout(LoginArguments),
}

/// What is served, and where.
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// Serve HTTP at this address, as in 127.0.0.1:8000, instead of standard input and output. Port 0 is any that is free.
    #[arg(long, value_name = "ADDRESS", value_parser = units::parse_address)]
    pub(crate) http: Option<SocketAddr>,

    /// File with the token that clients must send; it is made if it is not there. Default: a new token with each start.
    #[arg(long, value_name = "FILE", requires = "http")]
    pub(crate) token_file: Option<PathBuf>,

    /// Name that clients reach the server by, besides localhost. May be repeated.
    #[arg(long, value_name = "HOST", requires = "http")]
    pub(crate) server_name: Vec<String>,

    #[command(flatten)]
    pub(crate) tools: ToolArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct InstallArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,

    /// Move the other servers of the client behind agentloop: scripts call their tools, the client no longer sees them.
    #[arg(long)]
    pub(crate) move_servers: bool,

    #[command(flatten)]
    pub(crate) tools: ToolArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct UninstallArguments {
    #[command(flatten)]
    pub(crate) target: TargetArguments,
}

/// Whose configuration is changed.
#[derive(Debug, Args)]
pub(crate) struct TargetArguments {
    /// The program that is to use agentloop.
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) client: Client,

    /// Its configuration, as a project's .mcp.json or .vscode/mcp.json. Default: the one that holds for all of your projects.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// A program that starts MCP servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    ClaudeCode,
    Codex,
    Cursor,
    #[value(name = "vscode")]
    VsCode,
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
