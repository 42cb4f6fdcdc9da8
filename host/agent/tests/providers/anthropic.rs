//! Anthropic's messages.

use crate::conversation::{
    KEY, after_a_call, after_two_calls, call, failure, hello, is_run_js_schema, orphan, reasoning, reply, text,
    with_options,
};
use crate::server::{Answer, Asked, Refusal, Server, header, list, named_events, rule, unknown_fields};
use agentloop::{NativeCall, ProviderErrorKind, Reply, Stop, TokenUsage};
use serde_json::{Value, json};

const KNOWN: &[&str] = &["model", "stream", "system", "tools", "messages", "max_tokens", "temperature", "top_p"];

fn refusal(status: u16, kind: &str, message: &str) -> Refusal {
    (status, json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}))
}

fn invalid(message: &str) -> Refusal {
    refusal(400, "invalid_request_error", message)
}

/// Anthropic's own rules.
pub(crate) fn rules(asked: &Asked) -> Result<(), Refusal> {
    let body = &asked.body;
    rule(asked.path == "/v1/messages", || refusal(404, "not_found_error", "Not found"))?;
    rule(header(asked, "x-api-key") == Some(KEY) && !asked.headers.contains_key("authorization"), || {
        refusal(401, "authentication_error", "invalid x-api-key")
    })?;
    rule(header(asked, "anthropic-version") == Some("2023-06-01"), || {
        invalid("anthropic-version: header is required")
    })?;
    rule(body["max_tokens"].as_u64().is_some_and(|tokens| tokens > 0), || invalid("max_tokens: Field required"))?;
    rule(body["stream"] == true, || invalid("this server only streams"))?;
    let unknown = unknown_fields(body, KNOWN);
    rule(unknown.is_empty(), || invalid(&format!("{unknown:?}: Extra inputs are not permitted")))?;
    let tools = list(body, "tools");
    rule(tools.len() == 1 && tools[0]["name"] == "run_js" && is_run_js_schema(&tools[0]["input_schema"]), || {
        invalid("tools.0: not the tool that is expected")
    })?;
    rule(body.to_string().matches("cache_control").count() <= 4, || invalid("A maximum of 4 blocks may be cached"))?;
    message_rules(list(body, "messages"))
}

fn message_rules(messages: &[Value]) -> Result<(), Refusal> {
    let mut open: Vec<String> = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let role = if position % 2 == 0 { "user" } else { "assistant" };
        rule(message["role"] == role, || invalid("messages: roles must alternate between \"user\" and \"assistant\""))?;
        let mut results = Vec::new();
        for block in list(message, "content") {
            match block["type"].as_str() {
                Some("text") => rule(block["text"].as_str().is_some_and(|text| !text.is_empty()), || {
                    invalid("messages: text content blocks must be non-empty")
                })?,
                Some("tool_use") => {
                    rule(block["input"].is_object(), || invalid("tool_use.input: Input should be a valid dictionary"))?;
                }
                Some("tool_result") => results.push(block["tool_use_id"].as_str().unwrap_or_default().to_owned()),
                _ => return Err(invalid("messages.content: Input tag is not known")),
            }
        }
        rule(results.iter().all(|id| open.contains(id)), || {
            invalid("messages: unexpected `tool_use_id` found in `tool_result` blocks")
        })?;
        rule(open.iter().all(|id| results.contains(id)), || {
            invalid("messages: `tool_use` ids were found without `tool_result` blocks immediately after")
        })?;
        let calls = list(message, "content").iter().filter(|block| block["type"] == "tool_use");
        open = calls.map(|block| block["id"].as_str().unwrap_or_default().to_owned()).collect();
    }
    rule(open.is_empty() && messages.len() % 2 == 1, || invalid("the last message must be of the user"))
}

/// A stream of these blocks, which ends for this reason.
pub(crate) fn stream(blocks: &[Vec<Value>], stop_reason: &str) -> String {
    let start = json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "content": [], "stop_reason": null,
        "usage": {
            "input_tokens": 40, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 50, "output_tokens": 1,
        },
    }});
    let mut all = vec![start, json!({"type": "ping"})];
    for (index, block) in blocks.iter().enumerate() {
        all.extend(block.iter().cloned().map(|mut event| {
            event["index"] = json!(index);
            event
        }));
        all.push(json!({"type": "content_block_stop", "index": index}));
    }
    all.push(json!({
        "type": "message_delta", "delta": {"stop_reason": stop_reason, "stop_sequence": null},
        "usage": {"output_tokens": 20},
    }));
    all.push(json!({"type": "message_stop"}));
    named_events(&all)
}

/// A block of text in these pieces.
pub(crate) fn says(pieces: &[&str]) -> Vec<Value> {
    let start = json!({"type": "content_block_start", "content_block": {"type": "text", "text": ""}});
    let piece = |piece: &&str| json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": piece}});
    std::iter::once(start).chain(pieces.iter().map(piece)).collect()
}

fn calls(id: &str, pieces: &[&str]) -> Vec<Value> {
    let block = json!({"type": "tool_use", "id": id, "name": "run_js", "input": {}});
    let start = json!({"type": "content_block_start", "content_block": block});
    let piece = |piece: &&str| {
        let delta = json!({"type": "input_json_delta", "partial_json": piece});
        json!({"type": "content_block_delta", "delta": delta})
    };
    std::iter::once(start).chain(pieces.iter().map(piece)).collect()
}

/// What it costs: what is read from the cache and what is written to it is counted apart from the input.
pub(crate) const USAGE: TokenUsage = TokenUsage { input: 100, output: 20, cached: 50 };

/// A reply that only says hello.
pub(crate) fn greeting() -> String {
    stream(&[says(&["Grüß", " dich 🌍"])], "end_turn")
}

/// What comes of it.
pub(crate) fn greeted() -> Reply {
    Reply { text: "Grüß dich 🌍".to_owned(), usage: USAGE, ..Reply::default() }
}

#[tokio::test]
async fn text_arrives_in_pieces_and_as_a_whole() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    let (reply, deltas) = reply("anthropic/claude-x", &server, &hello()).await;
    assert_eq!(reply, greeted());
    assert_eq!(deltas, [text("Grüß"), text(" dich 🌍")]);
}

#[tokio::test]
async fn thoughts_are_shown_and_not_kept() {
    let thought = vec![
        json!({"type": "content_block_start", "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "Hm"}}),
        json!({"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "c2ln"}}),
    ];
    let server = Server::start(rules, [Answer::Stream(stream(&[thought, says(&["Hi"])], "end_turn"))]).await;
    let (reply, deltas) = reply("anthropic/claude-x", &server, &hello()).await;
    assert_eq!(reply, Reply { text: "Hi".to_owned(), usage: USAGE, ..Reply::default() });
    assert_eq!(deltas, [reasoning("Hm"), text("Hi")]);
}

#[tokio::test]
async fn calls_in_pieces_are_put_together() {
    let blocks = [
        says(&["Adding."]),
        calls("toolu_1", &["", "{\"co", "de\": \"1+1\"}"]),
        calls("toolu_2", &["{\"code\":\"2\"}"]),
    ];
    let server = Server::start(rules, [Answer::Stream(stream(&blocks, "tool_use"))]).await;
    let (reply, _) = reply("anthropic/claude-x", &server, &hello()).await;
    let calls = vec![call("toolu_1", "1+1"), call("toolu_2", "2")];
    assert_eq!(reply, Reply { text: "Adding.".to_owned(), calls, usage: USAGE, ..Reply::default() });
}

#[tokio::test]
async fn another_tool_than_the_declared_one_is_passed_on() {
    let mut block = calls("toolu_1", &[]);
    block[0]["content_block"]["name"] = json!("rm_rf");
    let server = Server::start(rules, [Answer::Stream(stream(&[block], "tool_use"))]).await;
    let (reply, _) = reply("anthropic/claude-x", &server, &hello()).await;
    let expected = NativeCall { id: "toolu_1".to_owned(), name: "rm_rf".to_owned(), arguments: json!({}) };
    assert_eq!(reply.calls, [expected]);
}

#[tokio::test]
async fn earlier_calls_and_results_keep_the_rules() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    assert_eq!(reply("anthropic/claude-x", &server, &after_a_call()).await.0, greeted());
    assert_eq!(reply("anthropic/claude-x", &server, &after_two_calls()).await.0, greeted());
    let error = failure("anthropic/claude-x", &server, &orphan()).await;
    let expected = "`anthropic/claude-x` answered 400: \
                    messages: unexpected `tool_use_id` found in `tool_result` blocks";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::InvalidRequest, expected));
}

#[tokio::test]
async fn the_rules_and_the_conversation_are_marked_for_the_cache() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("anthropic/claude-x", &server, &after_two_calls()).await;
    let body = server.body();
    let mark = json!({"type": "ephemeral"});
    assert_eq!(body["system"], json!([{"type": "text", "text": "You are tested.", "cache_control": mark}]));
    assert_eq!(body["messages"][4]["content"], json!([{"type": "text", "text": "And now?", "cache_control": mark}]));
    assert_eq!(body.to_string().matches("cache_control").count(), 2);
}

#[tokio::test]
async fn both_results_are_in_the_message_that_follows_the_calls() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("anthropic/claude-x", &server, &after_two_calls()).await;
    let results = json!([
        {"type": "tool_result", "content": "2", "tool_use_id": "a1"},
        {"type": "tool_result", "content": "4", "tool_use_id": "a2"},
    ]);
    assert_eq!(server.body()["messages"][2], json!({"role": "user", "content": results}));
}

#[tokio::test]
async fn options_are_sent_and_a_limit_always() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    reply("anthropic/claude-x", &server, &with_options()).await;
    reply("anthropic/claude-x", &server, &hello()).await;
    let bodies: Vec<Value> = server.asked().into_iter().map(|asked| asked.body).collect();
    assert_eq!((&bodies[0]["max_tokens"], &bodies[0]["temperature"]), (&json!(321), &json!(0.5)));
    assert_eq!(bodies[1]["max_tokens"], 64_000, "the limit for a model that is not known");
}

#[tokio::test]
async fn the_limit_is_one_that_the_model_takes() {
    for (model, tokens_max) in [
        ("claude-sonnet-4-5", 64_000),
        ("claude-haiku-4-5-20251001", 64_000),
        ("claude-opus-4-8", 128_000),
        ("claude-opus-4-5-20251101", 64_000),
        ("claude-opus-4-1", 32_000),
        ("claude-opus-4-20250514", 32_000),
        ("claude-3-7-sonnet-latest", 64_000),
        ("claude-3-5-haiku-20241022", 8192),
        ("claude-3-opus-20240229", 4096),
    ] {
        let server = Server::start(rules, [Answer::Stream(greeting())]).await;
        reply(&format!("anthropic/{model}"), &server, &hello()).await;
        assert_eq!(server.body()["max_tokens"], tokens_max, "{model}");
    }
}

#[tokio::test]
async fn a_reply_says_why_it_ends() {
    for (reason, stop) in [
        ("end_turn", Stop::Done),
        ("stop_sequence", Stop::Done),
        ("max_tokens", Stop::Length),
        ("model_context_window_exceeded", Stop::Length),
        ("refusal", Stop::Refused),
    ] {
        let server = Server::start(rules, [Answer::Stream(stream(&[says(&["a"])], reason))]).await;
        let (reply, _) = reply("anthropic/claude-x", &server, &hello()).await;
        assert_eq!(reply, Reply { text: "a".to_owned(), stop, usage: USAGE, ..Reply::default() }, "{reason}");
    }
}

#[tokio::test]
async fn a_call_that_was_cut_keeps_what_there_is() {
    let answer = stream(&[calls("toolu_1", &["{\"code\":\"1"])], "max_tokens");
    let server = Server::start(rules, [Answer::Stream(answer)]).await;
    let (reply, _) = reply("anthropic/claude-x", &server, &hello()).await;
    let cut = NativeCall { arguments: json!("{\"code\":\"1"), ..call("toolu_1", "") };
    assert_eq!((reply.calls, reply.stop), (vec![cut], Stop::Length));
}
