//! The binary as its users meet it: real processes, whole outputs.

mod agent;
mod agent_history;
mod agent_input;
#[cfg(unix)]
mod agent_interrupts;
#[cfg(unix)]
mod agent_terminal;
mod bad_input;
mod cassettes;
mod check;
mod documentation;
mod endings;
mod examples;
mod exit_codes;
mod fixtures;
mod harness;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod interrupts;
mod journals;
#[cfg(unix)]
mod login;
mod mcp_asks;
mod mcp_client;
mod mcp_http;
mod mcp_server;
mod report;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod tools;
#[cfg(unix)]
mod types;
mod values;
