//! Ctrl-C and worse in the middle of a conversation, with real signals.

use crate::cassettes::{Says, conversation, converse};
use crate::harness::{Ran, folder, leveled, root, turn_report};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;

/// Says that it is there, then waits a minute for its tool.
const SCRIPT: Says<'_> = Says::Script("console.log('called'); await tools.stock.count({ sku: 'lamp' })");

/// Sends a signal once the script has spoken: after that it does nothing but call.
fn signalled(folder: &Path, signal: Signal, more: &[&str]) -> Ran {
    let fixtures = root().join("examples/errors.fixtures.json");
    let fixtures = ["--verbose", "--fixtures", fixtures.to_str().expect("the path is text")];
    let mut command = conversation(folder, &[SCRIPT], &[&fixtures[..], more].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut spoken = String::new();
    while !spoken.ends_with("    called\n") {
        assert_ne!(stderr.read_line(&mut spoken).expect("it is text"), 0, "{spoken}");
    }
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
    kill_process(pid, signal).expect("the process is there");
    stderr.read_to_string(&mut spoken).expect("it is text");
    let mut ran: Ran = child.wait_with_output().expect("it ends").into();
    ran.stderr = leveled(&spoken);
    ran
}

const BEGUN: &str = "\
▸ script, 1 line
    1 | console.log('called'); await tools.stock.count({ sku: 'lamp' })
    called
";
const CANCELLED: &str = "  · stock.count({\"sku\":\"lamp\"}): cancelled
  ✗ The script was cancelled.
error: the turn was cancelled
";
const USED: &str = "used: 1 of 10 replies, 110 tokens (100 in, 10 out), # fuel, 1 call, # ms\n";

#[test]
fn a_cancelled_conversation_goes_on_in_another_process() {
    let folder = folder("a_cancelled_conversation");
    drop(std::fs::remove_file(folder.join("h.json")));
    let ran = signalled(&folder, Signal::INT, &["--history", "h.json"]);
    let kept = "kept: the conversation is in `h.json`; --history h.json takes it up again\n";
    assert_eq!(ran, Ran::new(130, "", &format!("{BEGUN}{CANCELLED}{kept}{USED}")));

    let next = converse(&folder, &[Says::Text("There are 3.")], &["--history", "h.json", "--output", "jsonl"]);
    let events: Vec<Value> = next.stdout.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    // The prompt, the script, what came of it, how the turn ended, the next prompt.
    assert_eq!((next.code, &events[1]["messages"]), (Some(0), &json!(5)));
    let text = std::fs::read_to_string(folder.join("h.json")).expect("it is there");
    let history: Value = serde_json::from_str(&text).expect("it is JSON");
    let interactions = history["interactions"].as_array().expect("they are a list");
    let types: Vec<&str> = interactions.iter().filter_map(|interaction| interaction["type"].as_str()).collect();
    assert_eq!(types, ["user", "model", "script", "error", "user", "model", "answer"]);
    assert_eq!(interactions[2]["ending"], "cancelled");
    assert_eq!(interactions[3], json!({ "type": "error", "kind": "cancelled", "message": "the turn was cancelled" }));
}

#[test]
fn without_a_history_a_cancelled_conversation_says_that_it_is_gone() {
    let folder = folder("without_a_history");
    let ran = signalled(&folder, Signal::INT, &[]);
    let kept = "kept: nothing: with --history FILE the conversation could be taken up again\n";
    assert_eq!(ran, Ran::new(130, "", &format!("{BEGUN}{CANCELLED}{kept}{USED}")));
}

#[test]
fn the_report_of_a_cancelled_turn_is_whole() {
    let ran = signalled(&folder("the_report_of_a_cancelled_turn"), Signal::INT, &["--json"]);
    let report = turn_report(&ran.stdout);
    assert_eq!(ran.code, Some(130));
    assert_eq!(report["error"], json!({ "kind": "cancelled", "message": "the turn was cancelled", "hint": null }));
    assert_eq!(report["transcript"]["interactions"].as_array().map(Vec::len), Some(4));
}

/// Attack on the file: the process dies in the middle of a turn. Control: `a_cancelled_conversation…` shows that a turn does
/// change the file.
#[test]
fn a_process_that_is_killed_leaves_the_history_as_it_was() {
    let folder = folder("a_process_that_is_killed");
    drop(std::fs::remove_file(folder.join("h.json")));
    let keep = ["--history", "h.json"];
    assert_eq!(converse(&folder, &[Says::Text("Hello.")], &keep).code, Some(0));
    let before = std::fs::read(folder.join("h.json")).expect("it was written");
    assert_eq!(signalled(&folder, Signal::KILL, &keep).code, None);
    assert_eq!(std::fs::read(folder.join("h.json")).expect("it is there"), before);
    assert_eq!(std::fs::read_dir(&folder).expect("it is there").count(), 2, "a cassette and a history");
    assert_eq!(converse(&folder, &[Says::Text("Hello again.")], &keep).code, Some(0));
}
