//! Positive controls: the same script in a sandbox without defences, on the Node that the project needs anyway.

use crate::{Expect, finished, syntax, threw};
use std::process::Command;

/// What a first attempt at a sandbox looks like: the script spliced into a function, live builtins, one output channel.
const NAIVE: &str = include_str!("naive.js");

/// Runs `script` where nothing defends against it, and compares how it ends there.
#[track_caller]
pub fn check_naive(script: &str, expect: &Expect) {
    assert_eq!(&ending_in_node(script), expect, "the positive control of: {script}");
}

/// How `script` ends where nothing defends against it.
pub fn ending_in_node(script: &str) -> Expect {
    let output = Command::new("node")
        .args(["-e", NAIVE, "--", script])
        .output()
        .expect("the positive controls run on Node 20 or newer: put `node` on the PATH");
    let text = String::from_utf8_lossy(&output.stdout);
    // The first line that looks like an ending is believed: this sandbox is naive.
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("finished", json)) => return finished(json),
            Some(("threw", error)) => return threw(error),
            Some(("syntax", error)) => return syntax(error),
            _ => {}
        }
    }
    Expect::Unknown(format!("{text}{}", String::from_utf8_lossy(&output.stderr)))
}
