//! Conversations written down for a test: what a model would say, at 100 tokens in and 10 out a reply.

use crate::harness::{Ran, agentloop, leveled};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// One reply.
pub(crate) enum Says<'a> {
    Text(&'a str),
    Script(&'a str),
    /// Words, and a script.
    Both(&'a str, &'a str),
}

fn reply(index: usize, says: &Says<'_>) -> Value {
    let call = |code: &str| json!([{ "id": format!("call-{index}"), "name": "run_js", "arguments": { "code": code } }]);
    let (text, calls) = match says {
        Says::Text(text) => (*text, json!([])),
        Says::Script(code) => ("", call(code)),
        Says::Both(text, code) => (*text, call(code)),
    };
    json!({ "text": text, "calls": calls, "usage": { "input": 100, "output": 10 } })
}

/// A cassette as it stands in a file.
pub(crate) fn cassette(replies: &[Says<'_>]) -> String {
    let header = json!({ "cassette": 1, "model": "test/model", "style": "native_tool" });
    let replies = replies.iter().enumerate().map(|(index, says)| reply(index, says));
    std::iter::once(header).chain(replies).map(|line| format!("{line}\n")).collect()
}

/// The flags of a conversation in `folder`, in which the model says this.
pub(crate) fn flags<'a>(folder: &Path, replies: &[Says<'_>], more: &[&'a str]) -> Vec<&'a str> {
    std::fs::write(folder.join("c.jsonl"), cassette(replies)).expect("the folder is writable");
    [&["run", "--prompt", "ask", "--cassette", "c.jsonl"], more].concat()
}

/// The process of that conversation.
pub(crate) fn conversation(folder: &Path, replies: &[Says<'_>], more: &[&str]) -> Command {
    let mut command = agentloop(&flags(folder, replies, more));
    command.current_dir(folder);
    command
}

/// What comes of it.
pub(crate) fn converse(folder: &Path, replies: &[Says<'_>], more: &[&str]) -> Ran {
    let mut ran: Ran = conversation(folder, replies, more).output().expect("the binary starts").into();
    ran.stderr = leveled(&ran.stderr);
    ran
}
