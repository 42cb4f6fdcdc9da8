//! Gemini's `streamGenerateContent`.

use crate::conversation::{
    KEY, after_a_call, after_two_calls, call, failure, hello, is_run_js_schema, orphan, reasoning, reply, text,
    with_options,
};
use crate::server::{Answer, Asked, Refusal, Server, events, header, list, rule, unknown_fields};
use agentloop::{ProviderErrorKind, Reply, Stop, TokenUsage};
use serde_json::{Value, json};

const KNOWN: &[&str] = &["systemInstruction", "tools", "contents", "generationConfig"];

fn refusal(code: u16, status: &str, message: &str) -> Refusal {
    (code, json!([{"error": {"code": code, "message": message, "status": status}}]))
}

fn invalid(message: &str) -> Refusal {
    refusal(400, "INVALID_ARGUMENT", message)
}

/// Gemini's own rules.
pub(crate) fn rules(asked: &Asked) -> Result<(), Refusal> {
    let body = &asked.body;
    rule(asked.path.starts_with("/v1/models/gemini-") && asked.path.ends_with(":streamGenerateContent"), || {
        refusal(404, "NOT_FOUND", "models/x is not found for API version v1beta")
    })?;
    rule(asked.query == "alt=sse", || invalid("this server only sends events"))?;
    rule(header(asked, "x-goog-api-key") == Some(KEY), || {
        refusal(403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers")
    })?;
    let unknown = unknown_fields(body, KNOWN);
    rule(unknown.is_empty(), || invalid(&format!("Unknown names {unknown:?}")))?;
    let declared = &body["tools"][0]["functionDeclarations"];
    rule(declared[0]["name"] == "run_js" && is_run_js_schema(&declared[0]["parametersJsonSchema"]), || {
        invalid("not the function that is expected")
    })?;
    rule(body["systemInstruction"]["parts"][0]["text"].is_string(), || invalid("no system instruction"))?;
    content_rules(list(body, "contents"))
}

fn content_rules(contents: &[Value]) -> Result<(), Refusal> {
    let mut open = 0;
    for (position, content) in contents.iter().enumerate() {
        let role = if position % 2 == 0 { "user" } else { "model" };
        rule(content["role"] == role, || {
            invalid("Please ensure that multiturn requests alternate between user and model.")
        })?;
        rule(!list(content, "parts").is_empty(), || invalid("contents.parts must not be empty."))?;
        let count = |name: &str| list(content, "parts").iter().filter(|part| part.get(name).is_some()).count();
        let is_run_js = |part: &Value| part["functionCall"]["name"] == "run_js" || part.get("functionCall").is_none();
        rule(list(content, "parts").iter().all(is_run_js), || invalid("a call of a function that is not declared"))?;
        rule(count("functionResponse") == open, || {
            invalid(
                "Please ensure that the number of function response parts is equal to the number of function call \
                 parts of the function call turn.",
            )
        })?;
        open = count("functionCall");
    }
    rule(open == 0, || invalid("the last content must be of the user"))
}

fn chunk(parts: Value, finish_reason: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    if let Some(reason) = finish_reason {
        candidate["finishReason"] = json!(reason);
    }
    let usage = json!({
        "promptTokenCount": 100, "candidatesTokenCount": 8, "thoughtsTokenCount": 12, "totalTokenCount": 120,
        "cachedContentTokenCount": 64,
    });
    json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-x", "responseId": "r1"})
}

const USAGE: TokenUsage = TokenUsage { input: 100, output: 20, cached: 64 };

fn greeting() -> String {
    events(&[chunk(json!([{"text": "Grüß"}]), None), chunk(json!([{"text": " dich 🌍"}]), Some("STOP"))])
}

fn greeted() -> Reply {
    Reply { text: "Grüß dich 🌍".to_owned(), usage: USAGE, ..Reply::default() }
}

#[tokio::test]
async fn text_arrives_in_pieces_and_as_a_whole() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    let (reply, deltas) = reply("gemini/gemini-x", &server, &hello()).await;
    assert_eq!(reply, greeted());
    assert_eq!(deltas, [text("Grüß"), text(" dich 🌍")]);
}

#[tokio::test]
async fn calls_get_an_id_where_they_have_none() {
    let parts = json!([
        {"text": "Hm", "thought": true},
        {"functionCall": {"name": "run_js", "args": {"code": "1"}}, "thoughtSignature": "c2ln"},
        {"functionCall": {"id": "own", "name": "run_js", "args": {"code": "2"}}},
    ]);
    let answer = events(&[chunk(parts, None), chunk(json!([{"text": ""}]), Some("STOP"))]);
    let server = Server::start(rules, vec![Answer::Stream(answer); 2]).await;
    let (first, deltas) = reply("gemini/gemini-x", &server, &hello()).await;
    assert_eq!(
        first,
        Reply { calls: vec![call("call#run_js#0", "1"), call("own", "2")], usage: USAGE, ..Reply::default() }
    );
    assert_eq!(deltas, [reasoning("Hm")]);
    let (later, _) = reply("gemini/gemini-x", &server, &after_two_calls()).await;
    assert_eq!(later.calls[0].id, "call#run_js#2", "an id is never given twice in a conversation");
}

#[tokio::test]
async fn earlier_calls_and_results_keep_the_rules() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    assert_eq!(reply("gemini/gemini-x", &server, &after_a_call()).await.0, greeted());
    assert_eq!(reply("gemini/gemini-x", &server, &after_two_calls()).await.0, greeted());
    let error = failure("gemini/gemini-x", &server, &orphan()).await;
    let expected = "`gemini/gemini-x` answered 400: Please ensure that the number of function response parts is equal \
                    to the number of function call parts of the function call turn.";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::InvalidRequest, expected));
}

#[tokio::test]
async fn a_signature_is_stood_in_for_where_gemini_wants_one() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("gemini/gemini-3-pro", &server, &after_two_calls()).await;
    let parts = &server.body()["contents"][1]["parts"];
    assert_eq!(parts[0]["thoughtSignature"], "skip_thought_signature_validator");
    assert_eq!(parts[1]["thoughtSignature"], Value::Null);
    for (model, is_asked) in [("gemini-flash-latest", true), ("gemini-2.5-pro", false)] {
        let server = Server::start(rules, [Answer::Stream(greeting())]).await;
        reply(&format!("gemini/{model}"), &server, &after_two_calls()).await;
        let signature = &server.body()["contents"][1]["parts"][0]["thoughtSignature"];
        assert_eq!(signature.as_str().is_some(), is_asked, "{model}");
    }
}

#[tokio::test]
async fn options_are_sent() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("gemini/gemini-x", &server, &with_options()).await;
    let expected = json!({"temperature": 0.5, "maxOutputTokens": 321, "topP": 0.9, "seed": 7});
    assert_eq!(server.body()["generationConfig"], expected);
}

#[tokio::test]
async fn a_reply_says_why_it_ends() {
    for (reason, stop) in [("STOP", Stop::Done), ("MAX_TOKENS", Stop::Length), ("SAFETY", Stop::Refused)] {
        let server =
            Server::start(rules, [Answer::Stream(events(&[chunk(json!([{"text": "a"}]), Some(reason))]))]).await;
        let (reply, _) = reply("gemini/gemini-x", &server, &hello()).await;
        assert_eq!(reply, Reply { text: "a".to_owned(), stop, usage: USAGE, ..Reply::default() }, "{reason}");
    }
}

#[tokio::test]
async fn a_blocked_request_is_refused() {
    let blocked = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "gemini-x"});
    let server = Server::start(rules, [Answer::Stream(events(&[blocked]))]).await;
    let error = failure("gemini/gemini-x", &server, &hello()).await;
    let expected = "`gemini/gemini-x` broke off with an error: the request was blocked: PROHIBITED_CONTENT";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::Refused, expected));
}

#[tokio::test]
async fn a_call_that_gemini_could_not_write_is_no_reply() {
    let answer = events(&[chunk(json!([]), Some("MALFORMED_FUNCTION_CALL"))]);
    let server = Server::start(rules, [Answer::Stream(answer)]).await;
    let error = failure("gemini/gemini-x", &server, &hello()).await;
    let expected = "`gemini/gemini-x` failed: \
                    the provider gave up with the finish reason `MALFORMED_FUNCTION_CALL`";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::BadResponse, expected));
}
