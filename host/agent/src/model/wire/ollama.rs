//! Ollama's `/api/chat`: lines of JSON.

use super::turns::{CallResult, TOOL_DESCRIPTION, Turn, arguments, schema, set, system, tools, turns};
use super::{Fault, list, number, text};
use crate::model::draft::Draft;
use crate::provider::{NativeCall, RUN_JS, Request, Stop};
use serde_json::{Value, json};

/// Where chats are asked for.
pub(super) const PATH: &str = "api/chat";

/// The request.
pub(super) fn body(model: &str, request: &Request) -> Value {
    let rules = system(request).map(|text| json!({"role": "system", "content": text}));
    let said = turns(request).into_iter().flat_map(messages);
    let messages: Vec<Value> = rules.into_iter().chain(said).collect();
    let mut body = json!({"model": model, "stream": true, "messages": messages});
    let function = json!({"name": RUN_JS, "description": TOOL_DESCRIPTION, "parameters": schema()});
    set(&mut body, "tools", tools(request, json!({"type": "function", "function": function})));
    let mut options = json!({});
    set(&mut options, "temperature", request.options.temperature);
    set(&mut options, "top_p", request.options.top_p);
    set(&mut options, "num_predict", request.options.tokens_max);
    set(&mut options, "seed", request.options.seed);
    set(&mut body, "options", Some(options).filter(|options| *options != json!({})));
    body
}

/// Each result is a message. Neither calls nor results have an id here: they go by their order.
fn messages(turn: Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Model { text, calls } => {
            let mut message = json!({"role": "assistant"});
            set(&mut message, "content", text);
            let calls: Vec<Value> = calls.iter().map(call).collect();
            set(&mut message, "tool_calls", (!calls.is_empty()).then_some(calls));
            vec![message]
        }
        Turn::Results(results) => {
            let message = |result: CallResult<'_>| json!({"role": "tool", "content": result.text});
            results.into_iter().map(message).collect()
        }
    }
}

fn call(call: &NativeCall) -> Value {
    json!({"function": {"name": call.name, "arguments": arguments(call)}})
}

/// Reads one line. The reply is whole, and over, with `done`.
pub(super) fn read(line: &Value, draft: &mut Draft) -> Result<(), Fault> {
    if let Some(error) = line.get("error") {
        return Err(Fault::Reported(error.clone()));
    }
    draft.push_reasoning(text(line, "/message/thinking"));
    draft.push_text(text(line, "/message/content"));
    for call in list(line, "/message/tool_calls") {
        let arguments = call.pointer("/function/arguments").cloned().unwrap_or_else(|| json!({}));
        draft.push_call(text(call, "/id").to_owned(), text(call, "/function/name"), arguments);
    }
    if line.get("done").and_then(Value::as_bool) == Some(true) {
        let usage = draft.usage();
        usage.input = number(line, "/prompt_eval_count").unwrap_or_default();
        usage.output = number(line, "/eval_count").unwrap_or_default();
        usage.cached = number(line, "/prompt_eval_cached_count").unwrap_or_default();
        draft.set_stop(if text(line, "/done_reason") == "length" { Stop::Length } else { Stop::Done });
        draft.close();
    }
    Ok(())
}
