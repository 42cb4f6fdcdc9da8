//! Ctrl-C, with a real signal.

use crate::harness::{Ran, agentloop, report};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Stdio};

const FIXTURES: &str = "examples/errors.fixtures.json";
/// Says that it is there, then waits a minute for its tool.
const SCRIPT: &str = "console.log('called'); await tools.stock.count({ sku: 'lamp' })";

fn spawn(arguments: &[&str]) -> Child {
    let mut command = agentloop(&[&["run", "--fixtures", FIXTURES], arguments].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary starts")
}

fn interrupt(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
    kill_process(pid, Signal::INT).expect("the process is there");
}

/// Presses Ctrl-C once the script has spoken: after that it does nothing but call.
fn interrupted(arguments: &[&str]) -> Ran {
    let mut child = spawn(arguments);
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut spoken = String::new();
    stderr.read_line(&mut spoken).expect("it is text");
    interrupt(&child);
    stderr.read_to_string(&mut spoken).expect("it is text");
    let mut ran: Ran = child.wait_with_output().expect("it ends").into();
    ran.stderr = spoken;
    ran
}

#[test]
fn ctrl_c_in_the_middle_of_a_call_cancels_it() {
    let stderr = "called\nerror: the run was cancelled\n";
    assert_eq!(interrupted(&["-e", SCRIPT]), Ran::new(130, "", stderr));
}

#[test]
fn ctrl_c_stops_a_script_that_computes() {
    let stderr = "called\nerror: the run was cancelled\n";
    let script = "console.log('called'); for (;;);";
    assert_eq!(interrupted(&["-e", script, "--timeout", "1h", "--fuel", "1000000G"]), Ran::new(130, "", stderr));
}

#[test]
fn the_report_of_a_cancelled_run_is_whole() {
    let ran = interrupted(&["--json", "-e", SCRIPT]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(130), "called\n"));
    assert_eq!(
        report(&ran.stdout),
        serde_json::json!({
            "version": 1,
            "status": "cancelled",
            "error": {
                "name": "cancelled",
                "message": "the run was cancelled",
                "line": null,
                "column": null,
                "frame": null,
                "stack": null,
                "hint": null,
            },
            "console": [{ "level": "log", "text": "called" }],
            "console_dropped_bytes": 0,
            "calls": [{
                "id": 0, "tool": "stock.count", "arguments": { "sku": "lamp" }, "status": "cancelled",
                "duration_us": 0, "fuel": 0,
            }],
            "usage": {
                "fuel": 0, "fuel_per_step": [0], "memory_peak_bytes": 0, "tool_calls": 1,
                "guest_us": 0, "wall_us": 0, "waited_us": 0, "bytes_in": 63, "bytes_out": 20,
                "steps": [{ "fuel": 0, "calls": 1, "bytes_in": 63, "bytes_out": 20, "waited_us": 0 }],
                "tools": {
                    "stock.count": { "calls": 1, "failed": 0, "fuel": 0, "bytes_out": 14, "bytes_in": 0, "time_us": 0 },
                },
            },
        })
    );
}

/// The process waits for somebody to read more of its output than a pipe holds; the run itself is over.
#[test]
fn ctrl_c_ends_a_process_that_nobody_listens_to() {
    let mut child = spawn(&["-e", "'x'.repeat(1_000_000)"]);
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_exact(&mut [0]).expect("it has begun to write");
    interrupt(&child);
    let status = child.wait().expect("it ends");
    assert_eq!((status.code(), status.signal()), (None, Some(Signal::INT.as_raw())));
}
