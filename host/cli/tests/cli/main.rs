//! The binary as its users meet it: real processes, whole outputs.

mod bad_input;
mod check;
mod documentation;
mod endings;
mod examples;
mod exit_codes;
mod fixtures;
mod harness;
#[cfg(unix)]
mod interrupts;
mod report;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod types;
mod values;
