//! OpenAI's chat completions, with the dialects of those who are compatible with them.

use super::turns::{CallResult, TOOL_DESCRIPTION, Turn, arguments, schema, set, system, tools, turns};
use super::{Fault, list, number, text};
use crate::model::draft::Draft;
use crate::model::names::Dialect;
use crate::provider::{NativeCall, RUN_JS, Request, Stop};
use serde_json::{Value, json};

/// Where completions are asked for.
pub(super) const PATH: &str = "chat/completions";

/// The request.
pub(super) fn body(dialect: Dialect, model: &str, request: &Request) -> Value {
    let rules = system(request).map(|text| json!({"role": "system", "content": text}));
    let said = turns(request).into_iter().flat_map(messages);
    let messages: Vec<Value> = rules.into_iter().chain(said).collect();
    let mut body = json!({"model": model, "stream": true, "messages": messages});
    let function = json!({"name": RUN_JS, "description": TOOL_DESCRIPTION, "parameters": schema(), "strict": false});
    set(&mut body, "tools", tools(request, json!({"type": "function", "function": function})));
    let options = &request.options;
    set(&mut body, "temperature", options.temperature);
    set(&mut body, "top_p", options.top_p);
    set(&mut body, dialect.length(), options.tokens_max);
    set(&mut body, dialect.seed(), options.seed);
    set(&mut body, "stream_options", dialect.is_asked_for_usage().then(|| json!({"include_usage": true})));
    body
}

fn messages(turn: Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Model { text, calls } => {
            let mut message = json!({"role": "assistant", "content": text.unwrap_or_default()});
            let calls: Vec<Value> = calls.iter().map(call).collect();
            set(&mut message, "tool_calls", (!calls.is_empty()).then_some(calls));
            vec![message]
        }
        Turn::Results(results) => {
            let message = |result: CallResult<'_>| json!({"role": "tool", "content": result.text, "tool_call_id": result.call_id});
            results.into_iter().map(message).collect()
        }
    }
}

fn call(call: &NativeCall) -> Value {
    let function = json!({"name": call.name, "arguments": arguments(call).to_string()});
    json!({"id": call.id, "type": "function", "function": function})
}

/// Reads one chunk. The reply is whole with its `finish_reason`; `[DONE]` closes the stream.
pub(super) fn read(chunk: &Value, draft: &mut Draft) -> Result<(), Fault> {
    if let Some(error) = chunk.get("error").filter(|error| !error.is_null()) {
        return Err(Fault::Reported(error.clone()));
    }
    if let Some(choice) = list(chunk, "/choices").first() {
        read_delta(choice, draft)?;
        // Some say with an empty reason that they are not done.
        let reason = text(choice, "/finish_reason");
        if !reason.is_empty() {
            draft.set_stop(stop(reason)?);
        }
    }
    // Groq wraps what the others put at the top.
    for usage in [chunk.get("usage"), chunk.pointer("/x_groq/usage")].into_iter().flatten() {
        read_usage(usage, draft);
    }
    Ok(())
}

fn read_delta(choice: &Value, draft: &mut Draft) -> Result<(), Fault> {
    // DeepSeek and xAI name thoughts one way, OpenRouter and Groq the other; some send both, with the same text.
    let thought = [text(choice, "/delta/reasoning_content"), text(choice, "/delta/reasoning")];
    draft.push_reasoning(thought.into_iter().find(|piece| !piece.is_empty()).unwrap_or_default());
    draft.push_text(text(choice, "/delta/content"));
    // Mistral's reasoning models send parts instead of a text.
    for part in list(choice, "/delta/content") {
        draft.push_text(text(part, "/text"));
        for thought in list(part, "/thinking") {
            draft.push_reasoning(text(thought, "/text"));
        }
    }
    let refusal = text(choice, "/delta/refusal");
    if !refusal.is_empty() {
        draft.push_text(refusal);
        draft.refuse();
    }
    for (position, call) in list(choice, "/delta/tool_calls").iter().enumerate() {
        // Who sends calls whole may leave the index out.
        let place = number(call, "/index").unwrap_or(position as u64);
        draft.name_call(place, text(call, "/id"), text(call, "/function/name"));
        match call.pointer("/function/arguments") {
            None | Some(Value::Null) => {}
            Some(Value::String(piece)) => draft.push_arguments(place, piece),
            Some(Value::Object(whole)) => draft.replace_arguments(place, &Value::Object(whole.clone()).to_string()),
            Some(_) => return Err(Fault::Broken("the arguments of a call are neither text nor an object".to_owned())),
        }
    }
    Ok(())
}

fn stop(reason: &str) -> Result<Stop, Fault> {
    match reason {
        "length" | "max_tokens" | "model_length" => Ok(Stop::Length),
        "content_filter" | "refusal" => Ok(Stop::Refused),
        "error" | "insufficient_system_resource" => {
            Err(Fault::Broken(format!("the provider gave up with the finish reason `{reason}`")))
        }
        _ => Ok(Stop::Done),
    }
}

fn read_usage(usage: &Value, draft: &mut Draft) {
    let Some(input) = number(usage, "/prompt_tokens") else { return };
    let output = number(usage, "/completion_tokens").unwrap_or_default();
    // xAI leaves reasoning out of the completion, and counts it in the total.
    let rest = number(usage, "/total_tokens").unwrap_or_default().saturating_sub(input);
    let cached =
        number(usage, "/prompt_tokens_details/cached_tokens").or_else(|| number(usage, "/prompt_cache_hit_tokens"));
    let sum = draft.usage();
    sum.input = input;
    sum.output = output.max(rest);
    sum.cached = cached.unwrap_or_default();
}
