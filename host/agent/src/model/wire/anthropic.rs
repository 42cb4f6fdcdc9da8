//! Anthropic's messages.

use super::turns::{CallResult, TOOL_DESCRIPTION, Turn, arguments, schema, set, system, tools, turns};
use super::{Fault, number, text};
use crate::model::draft::Draft;
use crate::provider::{NativeCall, RUN_JS, Request, Stop};
use serde_json::{Value, json};

/// Where messages are asked for.
pub(super) const PATH: &str = "messages";

/// The tokens of one reply, unless the request or [`TOKENS_MAX`] says otherwise: a limit must be given.
const TOKENS_MAX_ELSEWHERE: u32 = 64_000;

/// The tokens of one reply, by what is in the name of the model, the first one wins. A model refuses more than it has.
const TOKENS_MAX: &[(&str, u32)] = &[
    ("claude-fable", 128_000),
    ("claude-mythos", 128_000),
    ("claude-haiku-5", 128_000),
    ("claude-opus-5", 128_000),
    ("claude-opus-4-8", 128_000),
    ("claude-opus-4-7", 64_000),
    ("claude-opus-4-6", 64_000),
    ("claude-opus-4-5", 64_000),
    ("claude-opus-4", 32_000),
    ("claude-3-5", 8192),
    ("claude-3-opus", 4096),
    ("claude-3-sonnet", 4096),
    ("claude-3-haiku", 4096),
];

/// The request. It is marked for the cache twice, since nothing is kept without being asked for: the marks cover the
/// rules, and the conversation up to here, which the next request repeats.
pub(super) fn body(model: &str, request: &Request) -> Value {
    let options = &request.options;
    let tokens_max = options.tokens_max.unwrap_or_else(|| tokens_max(model));
    let mut messages: Vec<Value> = turns(request).into_iter().map(message).collect();
    if let Some(last) = messages.last_mut().and_then(|last| last["content"].as_array_mut()?.last_mut()) {
        mark(last);
    }
    let mut body = json!({"model": model, "stream": true, "max_tokens": tokens_max, "messages": messages});
    let rules = system(request).map(|text| {
        let mut block = json!({"type": "text", "text": text});
        mark(&mut block);
        json!([block])
    });
    set(&mut body, "system", rules);
    let tool = json!({"name": RUN_JS, "description": TOOL_DESCRIPTION, "input_schema": schema()});
    set(&mut body, "tools", tools(request, tool));
    set(&mut body, "temperature", options.temperature);
    set(&mut body, "top_p", options.top_p);
    body
}

fn tokens_max(model: &str) -> u32 {
    let known = TOKENS_MAX.iter().find(|(part, _)| model.contains(part));
    known.map_or(TOKENS_MAX_ELSEWHERE, |(_, tokens_max)| *tokens_max)
}

fn mark(block: &mut Value) {
    block["cache_control"] = json!({"type": "ephemeral"});
}

/// A message. All results must be in the one that follows the calls.
fn message(turn: Turn<'_>) -> Value {
    let said = |text| json!({"type": "text", "text": text});
    let (role, content) = match turn {
        Turn::User(text) => ("user", vec![said(text)]),
        Turn::Model { text, calls } => {
            ("assistant", text.map(said).into_iter().chain(calls.iter().map(call)).collect())
        }
        Turn::Results(results) => {
            let block = |result: CallResult<'_>| json!({"type": "tool_result", "tool_use_id": result.call_id, "content": result.text});
            ("user", results.into_iter().map(block).collect())
        }
    };
    json!({"role": role, "content": content})
}

fn call(call: &NativeCall) -> Value {
    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": arguments(call)})
}

/// Reads one event. The reply is whole with `message_stop`, provided that a `message_delta` said why.
pub(super) fn read(event: &Value, draft: &mut Draft) -> Result<(), Fault> {
    let place = number(event, "/index").unwrap_or_default();
    match text(event, "/type") {
        "message_start" => read_usage(event, "/message/usage", draft),
        "content_block_start" => match text(event, "/content_block/type") {
            "tool_use" => draft.name_call(place, text(event, "/content_block/id"), text(event, "/content_block/name")),
            "text" => draft.push_text(text(event, "/content_block/text")),
            "thinking" => draft.push_reasoning(text(event, "/content_block/thinking")),
            _ => {}
        },
        "content_block_delta" => match text(event, "/delta/type") {
            "text_delta" => draft.push_text(text(event, "/delta/text")),
            "input_json_delta" => draft.push_arguments(place, text(event, "/delta/partial_json")),
            "thinking_delta" => draft.push_reasoning(text(event, "/delta/thinking")),
            _ => {}
        },
        "message_delta" => {
            read_usage(event, "/usage", draft);
            if let Some(reason) = event.pointer("/delta/stop_reason").and_then(Value::as_str) {
                draft.set_stop(stop(reason));
            }
        }
        "message_stop" => draft.close(),
        "error" => return Err(Fault::Reported(event.get("error").unwrap_or(event).clone())),
        "" => return Err(Fault::Broken("an event has no type".to_owned())),
        _ => {}
    }
    Ok(())
}

fn stop(reason: &str) -> Stop {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "refusal" => Stop::Refused,
        _ => Stop::Done,
    }
}

/// Anthropic counts what it reads from its cache, and what it writes to it, apart from the input.
fn read_usage(event: &Value, pointer: &str, draft: &mut Draft) {
    let Some(counts) = event.pointer(pointer) else { return };
    let usage = draft.usage();
    if let Some(output) = number(counts, "/output_tokens") {
        usage.output = output;
    }
    if let Some(input) = number(counts, "/input_tokens") {
        let written = number(counts, "/cache_creation_input_tokens").unwrap_or_default();
        let read = number(counts, "/cache_read_input_tokens").unwrap_or_default();
        usage.input = input.saturating_add(written).saturating_add(read);
        usage.cached = read;
    }
}
