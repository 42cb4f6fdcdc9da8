//! The binary as its users meet it: real processes, whole outputs.

mod bad_input;
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
mod values;
