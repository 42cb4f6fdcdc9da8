//! Attempts to get out of the sandbox, one module per family. Each test is a story: the attack, the proof that it works
//! where nothing defends against it, and the exact way in which it is refused here. After each, the same engine answers.

mod builtins;
mod clock;
mod code_injection;
mod envelope;
mod file_system;
mod forged_calls;
mod global_tampering;
mod globals;
mod network;
mod process;
mod prototype_pollution;
mod refusals;
mod thenables;
mod tool_names;
mod tool_results;

use agentloop_tests::{Expect, check, run_bare};

/// An attack through what Node has not: the proof that it works is the guest itself, without its hardening.
#[track_caller]
fn attack_unhardened(script: &str, unprotected: Expect, here: Expect) {
    assert_eq!(run_bare(script).0, unprotected, "the positive control of: {script}");
    check(script, here);
}
