//! What a call gives, in the shape that a script can use best.

use super::errors::Voice;
use super::text::{cut, one_line};
use agentloop_sandbox::ToolFailure;
use serde_json::{Map, Value};

/// A larger result is a failure.
const RESULT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The text of a failure is cut after so many characters.
const FAILURE_CHARS_MAX: usize = 8 * 1024;

/// Whether a server says what the results of a tool look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// It has an output schema.
    Yes,
    /// It has none.
    No,
}

/// The result of `tools/call`: its structured content if it has one; else nothing, one text, or a list of its blocks.
/// One text that is a JSON object is taken for the structured content that the server forgot, if it has declared some.
pub(super) fn of_call(voice: &Voice, mut result: Value, declared: Declared) -> Result<String, ToolFailure> {
    let structured = result.get_mut("structuredContent").map(Value::take).unwrap_or_default();
    let blocks = match result.get_mut("content").map(Value::take) {
        Some(Value::Array(blocks)) => blocks,
        _ => Vec::new(),
    };
    if result.get("isError").and_then(Value::as_bool) == Some(true) {
        return Err(failure(voice, &structured, &blocks));
    }
    if result.get("resultType").and_then(Value::as_str) == Some("input_required") {
        return Err("the tool asks a person for input, which it cannot get here".into());
    }
    if !structured.is_null() {
        return written(&structured);
    }
    match contents(blocks) {
        Value::String(text) if declared == Declared::Yes && text.trim_start().starts_with('{') => {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => written(&value),
                Err(_) => written(&Value::String(text)),
            }
        }
        contents => written(&contents),
    }
}

/// The result of `resources/read`: one text, or a list of what it consists of.
pub(super) fn of_resource(mut result: Value) -> Result<String, ToolFailure> {
    let parts = match result.get_mut("contents").map(Value::take) {
        Some(Value::Array(parts)) => parts,
        _ => Vec::new(),
    };
    let blocks = parts.into_iter().map(|part| with_type("resource", part)).collect::<Vec<_>>();
    match blocks.as_slice() {
        [only] if only.get("text").is_some_and(Value::is_string) => written(&only["text"]),
        _ => written(&Value::Array(blocks)),
    }
}

/// The result of `prompts/get`: its description, and its messages with their content.
pub(super) fn of_prompt(mut result: Value) -> Result<String, ToolFailure> {
    let mut prompt = Map::new();
    if let Some(description @ Value::String(_)) = result.get_mut("description").map(Value::take) {
        prompt.insert("description".to_owned(), description);
    }
    let messages = match result.get_mut("messages").map(Value::take) {
        Some(Value::Array(messages)) => messages,
        _ => Vec::new(),
    };
    let messages = messages.into_iter().map(|mut message| {
        let mut kept = kept(&mut message, &["role"]);
        let content = match message.get_mut("content").map(Value::take) {
            Some(Value::Array(blocks)) => contents(blocks),
            Some(block) => contents(vec![block]),
            None => Value::Null,
        };
        kept.insert("content".to_owned(), content);
        Value::Object(kept)
    });
    prompt.insert("messages".to_owned(), messages.collect());
    written(&Value::Object(prompt))
}

/// JSON text of a value.
///
/// # Errors
///
/// When it is too large.
pub(super) fn written(value: &Value) -> Result<String, ToolFailure> {
    let text = value.to_string();
    if text.len() > RESULT_BYTES_MAX {
        let message =
            format!("the result has {} bytes, and at most 4 MiB are allowed; ask for less at a time", text.len());
        return Err(message.into());
    }
    Ok(text)
}

fn contents(blocks: Vec<Value>) -> Value {
    let mut blocks: Vec<Value> = blocks.into_iter().map(block).collect();
    match blocks.as_mut_slice() {
        [] => Value::Null,
        [only] if only["type"] == "text" && only["text"].is_string() => only["text"].take(),
        _ => Value::Array(blocks),
    }
}

/// One block with what matters of it.
fn block(mut block: Value) -> Value {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    match kind.as_str() {
        "resource" => with_type("resource", block.get_mut("resource").map(Value::take).unwrap_or_default()),
        "text" => with_kept("text", &mut block, &["text"]),
        "image" | "audio" => with_kept(&kind, &mut block, &["data", "mimeType"]),
        "resource_link" => {
            with_kept("resource_link", &mut block, &["uri", "name", "title", "description", "mimeType", "size"])
        }
        // What comes with a later version of the protocol is passed on.
        _ => block,
    }
}

/// The contents of a resource. Bytes are called `data`, as in images.
fn with_type(kind: &str, mut resource: Value) -> Value {
    let blob = resource.get_mut("blob").map(Value::take);
    let Value::Object(mut out) = with_kept(kind, &mut resource, &["uri", "mimeType", "text"]) else {
        return Value::Null;
    };
    if let Some(blob) = blob {
        out.insert("data".to_owned(), blob);
    }
    Value::Object(out)
}

fn with_kept(kind: &str, value: &mut Value, names: &[&str]) -> Value {
    let mut out = kept(value, names);
    out.insert("type".to_owned(), Value::String(kind.to_owned()));
    Value::Object(out)
}

/// The members of these names, as far as there are any.
pub(super) fn kept(value: &mut Value, names: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| value.get_mut(*name).map(|member| ((*name).to_owned(), member.take()));
    names.iter().filter_map(member).filter(|(_, member)| !member.is_null()).collect()
}

fn failure(voice: &Voice, structured: &Value, blocks: &[Value]) -> ToolFailure {
    let texts = blocks.iter().filter_map(|block| block.get("text").and_then(Value::as_str));
    let mut text = texts.collect::<Vec<_>>().join("\n");
    if text.trim().is_empty() && !structured.is_null() {
        text = structured.to_string();
    }
    if text.trim().is_empty() {
        text = "the tool failed without a message".to_owned();
    }
    // Line breaks help to read it, what steers a terminal does not.
    let lines: Vec<String> = voice.scrub(&text).lines().map(|line| one_line(line, FAILURE_CHARS_MAX)).collect();
    cut(lines.join("\n").trim(), FAILURE_CHARS_MAX).into()
}

#[cfg(test)]
mod tests;
