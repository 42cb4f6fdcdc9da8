//! The tools of MCP servers, as tools that a script may call.
//!
//! [`Servers`] reads the configuration that users already have for other programs, a [`Server`] starts when it is first
//! used, and [`Server::tools`] lists what it offers:
//!
//! ```no_run
//! use agentloop_tools::mcp::Servers;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"{"mcpServers": {"files": {"command": "mcp-server-filesystem", "args": ["${HOME}/notes"]}}}"#;
//! let servers = Servers::read(text, &|name| std::env::var(name).ok())?;
//! for (server, listing) in servers.tools().await {
//!     match listing {
//!         Ok(listing) => assert!(listing.tools.len() <= 10_004),
//!         Err(error) => assert!(error.to_string().contains(server.name())),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Servers of standard input and output and servers of streamable HTTP are spoken to in protocol version 2026-07-28 or
//! 2025-11-25, or an older one that the server answers with. Servers behind an address are asked for the newer one first,
//! programs for the older one, since some of them never answer what they do not know.
//!
//! What a server can do at worst: fail the calls that are made to it. What it sends is bounded (16 MiB a message, 4 MiB
//! a result, 64 MiB, 10,000 tools and 1,000 pages a list), it never gets to ask anything of the host (sampling, roots
//! and elicitation are refused), and it gets no more of the environment than a program needs to run.

mod config;
mod errors;
mod group;
mod http;
mod listing;
mod message;
mod mirror;
mod names;
mod oauth;
mod process;
mod results;
mod schema;
mod server;
mod session;
mod shared;
mod sse;
mod stderr;
mod text;
mod wire;

pub use config::{ConfigError, ServerConfig, Servers};
pub use errors::{Error, ErrorKind};
pub use listing::Listing;
pub use oauth::Credentials;
pub use server::Server;
