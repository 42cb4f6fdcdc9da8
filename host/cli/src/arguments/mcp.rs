//! The flags of `agentloop mcp`.

use super::{LimitArguments, ToolArguments};
use crate::{exit, units};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct McpArguments {
    #[command(flatten)]
    pub(crate) serve: ServeArguments,
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
