//! Gemini's `streamGenerateContent`.

use super::turns::{CallResult, TOOL_DESCRIPTION, Turn, arguments, schema, set, system, tools, turns};
use super::{Fault, list, number, text};
use crate::model::draft::Draft;
use crate::provider::{NativeCall, RUN_JS, Request, Stop};
use serde_json::{Value, json};
use std::collections::HashMap;

/// What follows the path, for a stream of events instead of one long list.
pub(super) const QUERY: &str = "alt=sse";

/// What begins the id of a call that came without one. Such an id is not sent back.
const STAND_IN_ID: &str = "call#";

/// What Google documents for calls that are sent back without the signature of the thought behind them.
const STAND_IN_SIGNATURE: &str = "skip_thought_signature_validator";

/// Models that ask for no signature. Nothing says that they would take the stand-in.
const WITHOUT_SIGNATURES: &[&str] = &["gemini-1.", "gemini-2.", "gemma-"];

/// Where a model is asked.
pub(super) fn path(model: &str) -> String {
    format!("models/{model}:streamGenerateContent")
}

/// The request. The model is in the path.
pub(super) fn body(model: &str, request: &Request) -> Value {
    let turns = turns(request);
    let names: HashMap<&str, &str> = turns.iter().flat_map(called).collect();
    let signature = (!WITHOUT_SIGNATURES.iter().any(|part| model.contains(part))).then_some(STAND_IN_SIGNATURE);
    let contents: Vec<Value> = turns.into_iter().map(|turn| content(turn, &names, signature)).collect();
    let mut body = json!({"contents": contents});
    set(&mut body, "systemInstruction", system(request).map(|text| json!({"parts": [{"text": text}]})));
    let function = json!({"name": RUN_JS, "description": TOOL_DESCRIPTION, "parametersJsonSchema": schema()});
    set(&mut body, "tools", tools(request, json!({"functionDeclarations": [function]})));
    let mut config = json!({});
    set(&mut config, "temperature", request.options.temperature);
    set(&mut config, "topP", request.options.top_p);
    set(&mut config, "maxOutputTokens", request.options.tokens_max);
    set(&mut config, "seed", request.options.seed);
    set(&mut body, "generationConfig", Some(config).filter(|config| *config != json!({})));
    body
}

/// The ids and the names of the calls of a turn.
fn called<'a>(turn: &Turn<'a>) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
    let calls: &'a [NativeCall] = match turn {
        Turn::Model { calls, .. } => calls,
        Turn::User(_) | Turn::Results(_) => &[],
    };
    calls.iter().map(|call| (call.id.as_str(), call.name.as_str()))
}

fn content(turn: Turn<'_>, names: &HashMap<&str, &str>, signature: Option<&str>) -> Value {
    let said = |text| json!({"text": text});
    let (role, parts) = match turn {
        Turn::User(text) => ("user", vec![said(text)]),
        Turn::Model { text, calls } => {
            // Of several calls at once, the first one carries the signature.
            let signatures = std::iter::once(signature).chain(std::iter::repeat(None));
            let calls = calls.iter().zip(signatures).map(|(call, signature)| call_part(call, signature));
            ("model", text.map(said).into_iter().chain(calls).collect())
        }
        Turn::Results(results) => ("user", results.iter().map(|result| result_part(result, names)).collect()),
    };
    json!({"role": role, "parts": parts})
}

fn call_part(call: &NativeCall, signature: Option<&str>) -> Value {
    let mut function = json!({"name": call.name, "args": arguments(call)});
    set(&mut function, "id", own_id(&call.id));
    let mut part = json!({"functionCall": function});
    set(&mut part, "thoughtSignature", signature);
    part
}

/// The result of a call. A result without a call says so by its name, for Gemini to refuse.
fn result_part(result: &CallResult<'_>, names: &HashMap<&str, &str>) -> Value {
    let name = names.get(result.call_id);
    let id = name.and_then(|_| own_id(result.call_id));
    let name = name.unwrap_or(&result.call_id);
    let mut response = json!({"name": name, "response": {"name": name, "content": result.text}});
    set(&mut response, "id", id);
    json!({"functionResponse": response})
}

fn own_id(id: &str) -> Option<&str> {
    Some(id).filter(|id| !id.is_empty() && !id.starts_with(STAND_IN_ID))
}

/// Reads one chunk. The reply is whole, and over, with its `finishReason`.
pub(super) fn read(chunk: &Value, draft: &mut Draft) -> Result<(), Fault> {
    if let Some(error) = chunk.get("error") {
        return Err(Fault::Reported(error.clone()));
    }
    let blocked = text(chunk, "/promptFeedback/blockReason");
    if !blocked.is_empty() {
        let message = format!("the request was blocked: {blocked}");
        return Err(Fault::Reported(json!({"code": "content_filter", "message": message})));
    }
    for part in list(chunk, "/candidates/0/content/parts") {
        read_part(part, draft);
    }
    read_usage(chunk, draft);
    let reason = text(chunk, "/candidates/0/finishReason");
    if !reason.is_empty() {
        draft.set_stop(stop(reason)?);
        draft.close();
    }
    Ok(())
}

fn read_part(part: &Value, draft: &mut Draft) {
    if let Some(call) = part.get("functionCall") {
        let name = text(call, "/name");
        let id = match text(call, "/id") {
            "" => format!("{STAND_IN_ID}{name}#{}", draft.next_call()),
            id => id.to_owned(),
        };
        draft.push_call(id, name, call.get("args").cloned().unwrap_or_else(|| json!({})));
    } else if part.get("thought").and_then(Value::as_bool) == Some(true) {
        draft.push_reasoning(text(part, "/text"));
    } else {
        draft.push_text(text(part, "/text"));
    }
}

fn stop(reason: &str) -> Result<Stop, Fault> {
    match reason {
        "STOP" => Ok(Stop::Done),
        "MAX_TOKENS" => Ok(Stop::Length),
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY" => {
            Ok(Stop::Refused)
        }
        _ => Err(Fault::Broken(format!("the provider gave up with the finish reason `{reason}`"))),
    }
}

fn read_usage(chunk: &Value, draft: &mut Draft) {
    let Some(counts) = chunk.get("usageMetadata") else { return };
    let count = |pointer: &str| number(counts, pointer).unwrap_or_default();
    let usage = draft.usage();
    usage.input = count("/promptTokenCount").saturating_add(count("/toolUsePromptTokenCount"));
    usage.output = count("/candidatesTokenCount").saturating_add(count("/thoughtsTokenCount"));
    usage.cached = count("/cachedContentTokenCount");
}
