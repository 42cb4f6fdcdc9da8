//! MCP servers of all kinds, each of them a real process: those of others, installed by `scripts/test.sh`, and
//! small ones that misbehave.

#![cfg(unix)]

#[path = "../calls/mod.rs"]
mod calls;
mod conformance;
mod faults;
mod http;
mod oauth;
mod real;
mod support;
