//! Tools for the scripts of `agentloop`: the files of one folder ([`Files`]), requests to named hosts ([`Http`]), and the
//! tools of MCP servers ([`mcp`]). And what holds for tools of any kind: a [`policy`] over them, and [`secrets`] that are
//! taken out of what they say. And a file for the [`journal`] of a run.
//!
//! A toolkit is opened with what it may reach, and gives tools. Nothing is granted by default: a folder is read-only until
//! [`Files::read_write`] is said, and a host is out of reach until it is named to [`Http::allow`]. Each tool is marked with
//! its [`Effect`](agentloop_sandbox::Effect), so that the application can ask somebody before one is called that changes
//! something.
//!
//! What a script passes and what a server says is not trusted. Sizes, depths, names and times are bounded before anything
//! is allocated for them, and what a script is told of a failure names neither a path outside of the folder nor a secret.

#[cfg(any(feature = "http", feature = "mcp"))]
mod address;
mod error;
#[cfg(feature = "files")]
mod files;
#[cfg(feature = "http")]
mod http;
pub mod journal;
#[cfg(feature = "mcp")]
pub mod mcp;
mod message;
pub mod policy;
mod scrub;
pub mod secrets;

pub use error::Error;
#[cfg(feature = "files")]
pub use files::{Files, FilesLimits};
#[cfg(feature = "http")]
pub use http::{Http, HttpLimits, Resolver};
