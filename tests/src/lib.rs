//! Helpers shared by the suites: one engine for the process, tools to be attacked with, and one way to say how a run must
//! end. It decides nothing about what is right; the suites do.

mod bare;
mod expect;
pub mod fuzzing;
mod memory;
mod naive;
mod sandbox;
mod tools;

pub use bare::{run_bare, survey};
pub use expect::{Expect, cancelled, finished, limit, refused, stuck, syntax, threw};
pub use memory::resident_bytes;
pub use naive::{check_naive, ending_in_node};
pub use sandbox::{attack, block_on, check, check_console, check_with, engine, run, run_with, still_answers};
pub use tools::toolbox;
