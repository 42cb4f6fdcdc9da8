//! `--history`: a conversation goes on in another process, and no file is lost.

use crate::cassettes::{Says, converse};
use crate::harness::{Ran, folder};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder without a history.
fn empty(test: &str) -> PathBuf {
    let folder = folder(test);
    drop(std::fs::remove_file(folder.join("h.json")));
    folder
}

/// Names of files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("it is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Messages of the requests that the model got.
fn messages(jsonl: &str) -> Vec<u64> {
    let events = jsonl.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    events.filter(|event| event["type"] == "request").filter_map(|event| event["messages"].as_u64()).collect()
}

const KEEP: [&str; 4] = ["--history", "h.json", "--output", "jsonl"];

#[test]
fn a_conversation_goes_on_in_another_process() {
    let folder = empty("a_conversation_goes_on");
    let first = converse(&folder, &[Says::Script("return 'x'.repeat(20_000)"), Says::Text("Long.")], &KEEP);
    assert_eq!((first.code, messages(&first.stdout)), (Some(0), vec![1, 3]));
    // What the model was not told in full, the next script can still read, in this process as well.
    let script = "const text = LiteralLoader('result-1'); return text.length";
    let second = converse(&folder, &[Says::Script(script), Says::Text("20,002.")], &KEEP);
    assert_eq!((second.code, messages(&second.stdout)), (Some(0), vec![5, 7]));
    let text = std::fs::read_to_string(folder.join("h.json")).expect("it was written");
    let history: Value = serde_json::from_str(&text).expect("it is JSON");
    let types: Vec<&str> = history["interactions"]
        .as_array()
        .expect("they are a list")
        .iter()
        .filter_map(|interaction| interaction["type"].as_str())
        .collect();
    assert_eq!(types, ["user", "model", "script", "model", "answer"].repeat(2));
    assert_eq!(history["interactions"][7]["feedback"], "The script returned:\n20002\n\n(Left: 9 more replies.)");
    assert_eq!(files(&folder), ["c.jsonl", "h.json"]);
}

#[test]
fn a_turn_without_an_answer_is_kept_as_well() {
    let folder = empty("a_turn_without_an_answer_is_kept");
    let more = ["--history", "h.json", "--max-iterations", "1"];
    let stderr = "\
▸ script, 1 line
error: no answer after 1 reply
help: ask for less at a time, or allow more replies with --max-iterations
kept: the conversation is in `h.json`; --history h.json takes it up again
used: 1 of 1 replies, 110 tokens (100 in, 10 out), # fuel, 0 calls, # ms
";
    assert_eq!(converse(&folder, &[Says::Script("return 1")], &more), Ran::new(13, "", stderr));
    let next = converse(&folder, &[Says::Text("Done.")], &KEEP);
    assert_eq!((next.code, messages(&next.stdout)), (Some(0), vec![5]));
}

#[test]
fn json_names_the_file_instead_of_the_transcript() {
    let folder = empty("json_names_the_file");
    let ran = converse(&folder, &[Says::Text("Done.")], &["--history", "h.json", "--json"]);
    let report = crate::harness::turn_report(&ran.stdout);
    assert_eq!((report["history"].as_str(), report.get("transcript")), (Some("h.json"), None));
}

#[test]
fn a_file_that_is_no_conversation_is_refused_and_left_as_it_is() {
    let folder = empty("a_file_that_is_no_conversation");
    let path = folder.join("h.json");
    for (text, reason) in [
        ("{\"version\":1,\"interactions\":[{", "EOF while parsing an object at line 1 column 30"),
        ("{\"name\":\"package\"}", "missing field `version` at line 1 column 18"),
        ("{\"version\":2,\"interactions\":[]}", "a transcript of version 2 cannot be read, only of version 1"),
        (
            "{\"version\":1,\"interactions\":[{\"type\":\"dream\"}]}",
            "unknown variant `dream`, expected one of `user`, `model`, `script`, `note`, `answer`, `error` at line 1 column 44",
        ),
    ] {
        std::fs::write(&path, text).expect("the folder is writable");
        let stderr = format!(
            "error: history file `h.json` cannot be taken up: {reason}\n\
             help: it is left as it is; name another file, which need not exist\n"
        );
        assert_eq!(converse(&folder, &[Says::Text("Done.")], &KEEP), Ran::new(2, "", &stderr));
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text);
    }
    // Control: an empty file is a conversation that has not begun.
    std::fs::write(&path, "").expect("the folder is writable");
    assert_eq!(messages(&converse(&folder, &[Says::Text("Done.")], &KEEP).stdout), [1]);
    assert_ne!(std::fs::read_to_string(&path).expect("it is there"), "");
}

#[test]
fn a_history_that_cannot_be_written_is_found_before_the_model_is_asked() {
    let folder = empty("a_history_that_cannot_be_written");
    let stderr = "\
error: there is no folder for the history file `no/h.json`
help: name a file with --history in a folder that can be written to
";
    let replies = [Says::Text("Done.")];
    assert_eq!(converse(&folder, &replies, &["--history", "no/h.json"]), Ran::new(74, "", stderr));
    let stderr = "error: the history file `.` is a directory\nhelp: check the path given with --history\n";
    assert_eq!(converse(&folder, &replies, &["--history", "."]), Ran::new(66, "", stderr));
    assert_eq!(converse(&folder, &replies, &["--history", "h.json", "--quiet"]), Ran::new(0, "Done.\n", ""));
}

/// Attack on the machine: a history in place of a device. Control: `only_the_owner…` shows that a file is replaced.
#[cfg(unix)]
#[test]
fn what_is_no_ordinary_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;

    let folder = empty("what_is_no_ordinary_file");
    let path = folder.join("socket");
    drop(std::fs::remove_file(&path));
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("the folder is writable");
    let stderr = "\
error: the history file `socket` is no ordinary file, and it would be replaced by one
help: name another file, which need not exist
";
    assert_eq!(converse(&folder, &[Says::Text("Done.")], &["--history", "socket"]), Ran::new(2, "", stderr));
    assert!(std::fs::metadata(&path).expect("it is there").file_type().is_socket());
    drop(listener);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_a_new_history_and_a_link_stays_a_link() {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    let folder = empty("only_the_owner");
    drop(std::fs::remove_file(folder.join("link.json")));
    assert_eq!(converse(&folder, &[Says::Text("Done.")], &KEEP).code, Some(0));
    let mode = |name: &str| std::fs::symlink_metadata(folder.join(name)).expect("it is there").mode() & 0o170_777;
    assert_eq!(mode("h.json"), 0o100_600);
    symlink("h.json", folder.join("link.json")).expect("the folder is writable");
    let linked = converse(&folder, &[Says::Text("Done.")], &["--history", "link.json", "--output", "jsonl"]);
    assert_eq!(messages(&linked.stdout), [3]);
    assert_eq!((mode("link.json") & 0o170_000, mode("h.json")), (0o120_000, 0o100_600));
    assert_eq!(messages(&converse(&folder, &[Says::Text("Done.")], &KEEP).stdout), [5]);
}
