//! OpenAI's responses.

use super::turns::{CallResult, TOOL_DESCRIPTION, Turn, arguments, schema, set, system, tools, turns};
use super::{Fault, list, number, text};
use crate::model::draft::Draft;
use crate::provider::{NativeCall, RUN_JS, Request, Stop};
use serde_json::{Value, json};

/// Where responses are asked for.
pub(super) const PATH: &str = "responses";

/// The request. The responses have no seed, and refuse requests with one.
pub(super) fn body(model: &str, request: &Request) -> Value {
    let input: Vec<Value> = turns(request).into_iter().flat_map(items).collect();
    let mut body = json!({"model": model, "stream": true, "store": false, "input": input});
    set(&mut body, "instructions", system(request));
    let tool = json!({"type": "function", "name": RUN_JS, "description": TOOL_DESCRIPTION, "parameters": schema()});
    set(&mut body, "tools", tools(request, tool));
    let options = &request.options;
    set(&mut body, "temperature", options.temperature);
    set(&mut body, "top_p", options.top_p);
    set(&mut body, "max_output_tokens", options.tokens_max);
    body
}

fn items(turn: Turn<'_>) -> Vec<Value> {
    match turn {
        Turn::User(text) => vec![json!({"role": "user", "content": text})],
        Turn::Model { text, calls } => {
            let said = text.map(|text| {
                json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]})
            });
            said.into_iter().chain(calls.iter().map(call)).collect()
        }
        Turn::Results(results) => {
            let item = |result: CallResult<'_>| json!({"type": "function_call_output", "call_id": result.call_id, "output": result.text});
            results.into_iter().map(item).collect()
        }
    }
}

fn call(call: &NativeCall) -> Value {
    let arguments = arguments(call).to_string();
    json!({"type": "function_call", "call_id": call.id, "name": call.name, "arguments": arguments})
}

/// Reads one event. The reply is whole with `response.completed` or `response.incomplete`, which is also the last one.
pub(super) fn read(event: &Value, draft: &mut Draft) -> Result<(), Fault> {
    let place = number(event, "/output_index").unwrap_or_default();
    match text(event, "/type") {
        "" => match event.get("error") {
            Some(error) => return Err(Fault::Reported(error.clone())),
            None => return Err(Fault::Broken("an event has no type".to_owned())),
        },
        "response.output_text.delta" => draft.push_text(text(event, "/delta")),
        "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
            draft.push_reasoning(text(event, "/delta"));
        }
        "response.refusal.delta" => {
            draft.push_text(text(event, "/delta"));
            draft.refuse();
        }
        "response.output_item.added" | "response.output_item.done" => read_item(place, event, draft),
        "response.function_call_arguments.delta" => draft.push_arguments(place, text(event, "/delta")),
        "response.completed" => finish(event, Stop::Done, draft),
        "response.incomplete" => {
            let stop = match text(event, "/response/incomplete_details/reason") {
                "content_filter" => Stop::Refused,
                _ => Stop::Length,
            };
            finish(event, stop, draft);
        }
        "response.failed" => {
            let error = event.pointer("/response/error").cloned().unwrap_or(Value::Null);
            return Err(Fault::Reported(error));
        }
        // The error's own members stand beside the type, or in an object below it.
        "error" => return Err(Fault::Reported(event.get("error").unwrap_or(event).clone())),
        _ => {}
    }
    Ok(())
}

fn read_item(place: u64, event: &Value, draft: &mut Draft) {
    let Some(item) = event.get("item") else { return };
    if text(item, "/type") == "function_call" {
        draft.name_call(place, text(item, "/call_id"), text(item, "/name"));
        let arguments = text(item, "/arguments");
        if !arguments.is_empty() {
            draft.replace_arguments(place, arguments);
        }
    }
}

fn finish(event: &Value, stop: Stop, draft: &mut Draft) {
    let Some(response) = event.get("response") else { return };
    // Some gateways send no events for items, only the whole list at the end.
    if draft.calls() == 0 {
        for (place, item) in list(response, "/output").iter().enumerate() {
            if text(item, "/type") == "function_call" {
                draft.name_call(place as u64, text(item, "/call_id"), text(item, "/name"));
                draft.replace_arguments(place as u64, text(item, "/arguments"));
            }
        }
    }
    let usage = draft.usage();
    usage.input = number(response, "/usage/input_tokens").unwrap_or_default();
    usage.output = number(response, "/usage/output_tokens").unwrap_or_default();
    usage.cached = number(response, "/usage/input_tokens_details/cached_tokens").unwrap_or_default();
    draft.set_stop(stop);
    draft.close();
}
