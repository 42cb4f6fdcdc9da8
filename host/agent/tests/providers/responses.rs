//! OpenAI's responses.

use crate::conversation::{
    KEY, after_a_call, after_two_calls, call, failure, hello, is_run_js_schema, orphan, reasoning, reply, text,
    with_options,
};
use crate::server::{Answer, Asked, Refusal, Server, header, list, named_events, rule, unknown_fields};
use agentloop::{NativeCall, ProviderErrorKind, Reply, Stop, TokenUsage};
use serde_json::{Value, json};

const KNOWN: &[&str] =
    &["store", "model", "stream", "instructions", "tools", "input", "temperature", "top_p", "max_output_tokens"];

fn refusal(status: u16, message: &str) -> Refusal {
    (status, json!({"error": {"message": message, "type": "invalid_request_error", "param": "input", "code": null}}))
}

/// The rules of the responses.
pub(crate) fn rules(asked: &Asked) -> Result<(), Refusal> {
    let body = &asked.body;
    rule(asked.path == "/v1/responses", || refusal(404, "Invalid URL"))?;
    rule(header(asked, "authorization") == Some(&format!("Bearer {KEY}")), || {
        refusal(401, "Missing bearer authentication in header")
    })?;
    let unknown = unknown_fields(body, KNOWN);
    rule(unknown.is_empty(), || refusal(400, &format!("Unknown parameters: {unknown:?}")))?;
    rule(body["stream"] == true && body["store"] == false, || refusal(400, "nothing is kept here"))?;
    rule(body["instructions"].is_string(), || refusal(400, "no instructions"))?;
    let tools = list(body, "tools");
    rule(
        tools.len() == 1
            && tools[0]["type"] == "function"
            && tools[0]["name"] == "run_js"
            && is_run_js_schema(&tools[0]["parameters"]),
        || refusal(400, "Invalid schema for function"),
    )?;
    input_rules(list(body, "input"))
}

fn input_rules(items: &[Value]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for item in items {
        let id = item["call_id"].as_str().unwrap_or_default();
        match item["type"].as_str() {
            Some("function_call") => {
                rule(item["arguments"].is_string() && item["name"].is_string(), || refusal(400, "Invalid item"))?;
                open.push(id);
            }
            Some("function_call_output") => {
                let position = open.iter().position(|one| *one == id);
                let orphan = format!("No tool call found for function call output with call_id {id}.");
                open.remove(position.ok_or_else(|| refusal(400, &orphan))?);
            }
            Some("message") | None => {
                let unanswered = "No tool output found for function call.";
                rule(open.is_empty(), || refusal(400, unanswered))?;
                rule(matches!(item["role"].as_str(), Some("user" | "assistant")), || refusal(400, "Invalid role"))?;
            }
            Some(_) => return Err(refusal(400, "Invalid item")),
        }
    }
    rule(open.is_empty(), || refusal(400, "No tool output found for function call."))
}

fn finish(kind: &str, status: &str, details: Value) -> Value {
    json!({"type": kind, "response": {
        "id": "resp_1", "object": "response", "status": status, "model": "gpt-x", "output": [],
        "incomplete_details": details, "error": null,
        "usage": {
            "input_tokens": 100, "input_tokens_details": {"cached_tokens": 64}, "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 12}, "total_tokens": 120,
        },
    }})
}

const USAGE: TokenUsage = TokenUsage { input: 100, output: 20, cached: 64 };

fn says(piece: &str) -> Value {
    json!({
        "type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": piece,
    })
}

fn stream(middle: &[Value]) -> String {
    let start =
        json!({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress", "output": []}});
    let end = finish("response.completed", "completed", Value::Null);
    named_events(&[&[start], middle, &[end]].concat())
}

fn calls(place: u32, id: &str, pieces: &[&str]) -> Vec<Value> {
    let item = |arguments: &str, status: &str| {
        json!({
            "type": "function_call", "id": format!("fc_{id}"), "call_id": id, "name": "run_js",
            "arguments": arguments, "status": status,
        })
    };
    let added = json!({"type": "response.output_item.added", "output_index": place, "item": item("", "in_progress")});
    let done = json!({
        "type": "response.output_item.done", "output_index": place, "item": item(&pieces.concat(), "completed"),
    });
    let piece =
        |piece: &&str| json!({"type": "response.function_call_arguments.delta", "output_index": place, "delta": piece});
    std::iter::once(added).chain(pieces.iter().map(piece)).chain([done]).collect()
}

fn greeting() -> String {
    stream(&[says("Grüß"), says(" dich 🌍")])
}

fn greeted() -> Reply {
    Reply { text: "Grüß dich 🌍".to_owned(), usage: USAGE, ..Reply::default() }
}

#[tokio::test]
async fn text_arrives_in_pieces_and_as_a_whole() {
    let thought = json!({"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "Hm"});
    let answer = stream(&[thought, says("Grüß"), says(" dich 🌍")]);
    let server = Server::start(rules, [Answer::Stream(answer)]).await;
    let (reply, deltas) = reply("openai-responses/gpt-x", &server, &hello()).await;
    assert_eq!(reply, greeted());
    assert_eq!(deltas, [reasoning("Hm"), text("Grüß"), text(" dich 🌍")]);
}

#[tokio::test]
async fn calls_in_pieces_are_put_together() {
    let middle =
        [calls(1, "call_1", &["{\"co", "de\":\"1\"}"]), calls(2, "call_2", &["{\"code\":", "\"2\"}"])].concat();
    let server = Server::start(rules, [Answer::Stream(stream(&middle))]).await;
    let (reply, _) = reply("openai-responses/gpt-x", &server, &hello()).await;
    let calls = vec![call("call_1", "1"), call("call_2", "2")];
    assert_eq!(reply, Reply { calls, usage: USAGE, ..Reply::default() });
}

#[tokio::test]
async fn calls_that_only_come_at_the_end_are_found() {
    let mut end = finish("response.completed", "completed", Value::Null);
    end["response"]["output"] =
        json!([{"type": "function_call", "call_id": "call_1", "name": "run_js", "arguments": "{\"code\":\"1\"}"}]);
    let server = Server::start(rules, [Answer::Stream(named_events(&[end]))]).await;
    let (reply, _) = reply("openai-responses/gpt-x", &server, &hello()).await;
    assert_eq!(reply.calls, [call("call_1", "1")]);
}

#[tokio::test]
async fn earlier_calls_and_results_keep_the_rules() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    assert_eq!(reply("openai-responses/gpt-x", &server, &after_a_call()).await.0, greeted());
    assert_eq!(reply("openai-responses/gpt-x", &server, &after_two_calls()).await.0, greeted());
    let error = failure("openai-responses/gpt-x", &server, &orphan()).await;
    let expected =
        "`openai-responses/gpt-x` answered 400: No tool call found for function call output with call_id a1.";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::InvalidRequest, expected));
}

#[tokio::test]
async fn options_are_sent_under_the_names_that_the_responses_know() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("openai-responses/gpt-x-low", &server, &with_options()).await;
    let body = server.body();
    assert_eq!((&body["model"], &body["max_output_tokens"]), (&json!("gpt-x-low"), &json!(321)));
}

#[tokio::test]
async fn an_incomplete_response_says_why() {
    for (reason, stop) in [("max_output_tokens", Stop::Length), ("content_filter", Stop::Refused)] {
        let mut cut = calls(1, "call_1", &["{\"code\":\"1"]);
        cut.pop();
        let end = finish("response.incomplete", "incomplete", json!({"reason": reason}));
        let answer = named_events(&[vec![says("a")], cut, vec![end]].concat());
        let server = Server::start(rules, [Answer::Stream(answer)]).await;
        let (reply, _) = reply("openai-responses/gpt-x", &server, &hello()).await;
        let calls = vec![NativeCall { arguments: json!("{\"code\":\"1"), ..call("call_1", "") }];
        assert_eq!(reply, Reply { text: "a".to_owned(), calls, stop, usage: USAGE }, "{reason}");
    }
}

#[tokio::test]
async fn a_refusal_is_one_although_the_response_is_complete() {
    let refusal = json!({"type": "response.refusal.delta", "output_index": 0, "delta": "I will not."});
    let server = Server::start(rules, [Answer::Stream(stream(&[refusal]))]).await;
    let (reply, _) = reply("openai-responses/gpt-x", &server, &hello()).await;
    assert_eq!((reply.text.as_str(), reply.stop), ("I will not.", Stop::Refused));
}

#[tokio::test]
async fn a_failed_response_tells_the_kind_by_its_code() {
    for (code, kind) in [
        ("server_error", ProviderErrorKind::Overload),
        ("rate_limit_exceeded", ProviderErrorKind::RateLimit),
        ("context_length_exceeded", ProviderErrorKind::ContextTooLong),
    ] {
        let failed = json!({"type": "response.failed", "response": {
            "id": "resp_1", "status": "failed", "output": [], "error": {"code": code, "message": "It failed."},
        }});
        let error = json!({"type": "error", "code": code, "message": "It failed.", "param": null});
        for end in [failed, error] {
            let server = Server::start(rules, [Answer::Stream(named_events(&[says("a"), end]))]).await;
            let error = failure("openai-responses/gpt-x", &server, &hello()).await;
            let expected = "`openai-responses/gpt-x` broke off with an error: It failed.";
            assert_eq!((error.kind, error.message.as_str()), (kind, expected));
        }
    }
}
