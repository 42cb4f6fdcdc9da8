//! OpenAI's chat completions, and the dialects of those who are compatible with them.

use crate::conversation::{
    KEY, after_a_call, after_two_calls, ask, call, failure, hello, is_run_js_schema, model, orphan, reasoning, reply,
    text, with_options,
};
use crate::server::{Answer, Asked, Refusal, Server, events, header, list, rule, unknown_fields};
use agentloop::{Model, NativeCall, ProviderErrorKind, Reply, ReplyStyle, Stop, TokenUsage};
use serde_json::{Value, json};

const KNOWN: &[&str] = &[
    "model",
    "stream",
    "messages",
    "tools",
    "stream_options",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "seed",
];

fn refusal(status: u16, message: &str) -> Refusal {
    (status, json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": null}}))
}

/// OpenAI's own rules.
pub(crate) fn rules(asked: &Asked) -> Result<(), Refusal> {
    common_rules(asked)?;
    let unknown = unknown_fields(&asked.body, KNOWN);
    rule(unknown.is_empty(), || refusal(400, &format!("Unrecognized request arguments supplied: {unknown:?}")))
}

/// What holds for everyone.
fn common_rules(asked: &Asked) -> Result<(), Refusal> {
    let body = &asked.body;
    rule(asked.path == "/v1/chat/completions", || refusal(404, "Invalid URL"))?;
    rule(header(asked, "authorization") == Some(&format!("Bearer {KEY}")), || {
        refusal(401, "You didn't provide an API key.")
    })?;
    rule(body["stream"] == true, || refusal(400, "this server only streams"))?;
    rule(body["model"].as_str().is_some_and(|name| !name.is_empty()), || {
        refusal(400, "you must provide a model parameter")
    })?;
    for tool in list(body, "tools") {
        let function = &tool["function"];
        rule(
            tool["type"] == "function" && function["name"] == "run_js" && is_run_js_schema(&function["parameters"]),
            || refusal(400, "Invalid schema for function"),
        )?;
    }
    rule(list(body, "tools").len() == 1, || refusal(400, "Missing required parameter: 'tools'."))?;
    message_rules(list(body, "messages"))
}

fn message_rules(messages: &[Value]) -> Result<(), Refusal> {
    rule(messages.first().is_some_and(|first| first["role"] == "system"), || refusal(400, "no system message"))?;
    let mut open: Vec<String> = Vec::new();
    for message in messages {
        rule(message["content"].is_string(), || refusal(400, "Invalid type for 'messages.content'"))?;
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let position = open.iter().position(|one| one == id);
            let orphan = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
            open.remove(position.ok_or_else(|| refusal(400, orphan))?);
            continue;
        }
        let unanswered = "An assistant message with 'tool_calls' must be followed by tool messages";
        rule(open.is_empty(), || refusal(400, unanswered))?;
        for call in list(message, "tool_calls") {
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            let is_object = serde_json::from_str::<Value>(arguments).is_ok_and(|value| value.is_object());
            rule(message["role"] == "assistant" && call["type"] == "function" && is_object, || {
                refusal(400, "Invalid 'tool_calls'")
            })?;
            open.push(call["id"].as_str().unwrap_or_default().to_owned());
        }
    }
    rule(open.is_empty(), || refusal(400, "An assistant message with 'tool_calls' must be followed by tool messages"))
}

/// One chunk of a completion.
pub(crate) fn chunk(delta: Value, finish_reason: Value) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_750_000_000, "model": "gpt-x",
        "system_fingerprint": "fp_1", "usage": null,
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
    })
}

/// The chunk with what it cost.
fn usage(usage: Value) -> Value {
    json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "gpt-x", "choices": [], "usage": usage})
}

/// A stream that is closed as OpenAI closes it.
pub(crate) fn closed(chunks: &[Value]) -> String {
    format!("{}data: [DONE]\n\n", events(chunks))
}

/// A reply that only says hello.
pub(crate) fn greeting() -> String {
    closed(&[
        chunk(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null),
        chunk(json!({"content": "Grüß"}), Value::Null),
        chunk(json!({"content": " dich 🌍"}), Value::Null),
        chunk(json!({}), json!("stop")),
        usage(json!({
            "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 64, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 12},
        })),
    ])
}

/// What comes of it.
pub(crate) fn greeted() -> Reply {
    let usage = TokenUsage { input: 100, output: 20, cached: 64 };
    Reply { text: "Grüß dich 🌍".to_owned(), usage, ..Reply::default() }
}

fn calling(index: u32, id: &str, pieces: &[&str]) -> Vec<Value> {
    let name = json!({"tool_calls": [
        {"index": index, "id": id, "type": "function", "function": {"name": "run_js", "arguments": ""}}
    ]});
    let piece = |piece: &&str| json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]});
    let pieces = pieces.iter().map(piece);
    std::iter::once(name).chain(pieces).map(|delta| chunk(delta, Value::Null)).collect()
}

#[tokio::test]
async fn text_arrives_in_pieces_and_as_a_whole() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    let (reply, deltas) = reply("openai/gpt-x", &server, &hello()).await;
    assert_eq!(reply, greeted());
    assert_eq!(deltas, [text("Grüß"), text(" dich 🌍")]);
    assert_eq!(server.body()["stream_options"], json!({"include_usage": true}));
}

#[tokio::test]
async fn a_call_in_pieces_is_put_together() {
    let mut chunks = vec![chunk(json!({"role": "assistant", "content": "Adding."}), Value::Null)];
    chunks.extend(calling(0, "call_1", &["{\"co", "de\":\"1", "+1\"}"]));
    chunks.push(chunk(json!({}), json!("tool_calls")));
    let server = Server::start(rules, [Answer::Stream(closed(&chunks))]).await;
    let (reply, deltas) = reply("openai/gpt-x", &server, &hello()).await;
    assert_eq!(reply, Reply { text: "Adding.".to_owned(), calls: vec![call("call_1", "1+1")], ..Reply::default() });
    assert_eq!(deltas, [text("Adding.")]);
}

#[tokio::test]
async fn two_calls_in_mixed_pieces_are_told_apart() {
    let mut one = calling(0, "call_1", &["{\"code\":", "\"1\"}"]);
    let two = calling(1, "call_2", &["{\"code\":", "\"2\"}"]);
    let last = one.pop().expect("a last piece");
    let chunks = [one, two, vec![last, chunk(json!({}), json!("tool_calls"))]].concat();
    let server = Server::start(rules, [Answer::Stream(closed(&chunks))]).await;
    let (reply, _) = reply("openai/gpt-x", &server, &hello()).await;
    assert_eq!(reply.calls, [call("call_1", "1"), call("call_2", "2")]);
}

#[tokio::test]
async fn earlier_calls_and_results_keep_the_rules() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    assert_eq!(reply("openai/gpt-x", &server, &after_a_call()).await.0, greeted());
    assert_eq!(reply("openai/gpt-x", &server, &after_two_calls()).await.0, greeted());
    let error = failure("openai/gpt-x", &server, &orphan()).await;
    let expected = "`openai/gpt-x` answered 400: \
                    messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::InvalidRequest, expected));
}

#[tokio::test]
async fn options_are_sent_under_the_names_that_openai_knows() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("openai/gpt-x-high", &server, &with_options()).await;
    let body = server.body();
    assert_eq!(body["model"], "gpt-x-high", "the end of the name is no effort");
    assert_eq!(body["max_completion_tokens"], 321);
    assert_eq!((&body["temperature"], &body["top_p"], &body["seed"]), (&json!(0.5), &json!(0.9), &json!(7)));
}

#[tokio::test]
async fn a_reply_says_why_it_ends() {
    for (delta, reason, stop, said) in [
        (json!({"content": "a"}), "stop", Stop::Done, "a"),
        (json!({"content": "a"}), "length", Stop::Length, "a"),
        (json!({}), "length", Stop::Length, ""),
        (json!({"content": "a"}), "content_filter", Stop::Refused, "a"),
        (json!({"refusal": "I will not."}), "stop", Stop::Refused, "I will not."),
    ] {
        let answer = closed(&[chunk(delta, Value::Null), chunk(json!({}), json!(reason))]);
        let server = Server::start(rules, [Answer::Stream(answer)]).await;
        let (reply, _) = reply("openai/gpt-x", &server, &hello()).await;
        assert_eq!(reply, Reply { text: said.to_owned(), stop, ..Reply::default() }, "{reason}");
    }
}

#[tokio::test]
async fn a_call_that_was_cut_keeps_what_there_is() {
    let chunks = [calling(0, "call_1", &["{\"code\":\"1"]), vec![chunk(json!({}), json!("length"))]].concat();
    let server = Server::start(rules, [Answer::Stream(closed(&chunks))]).await;
    let (reply, _) = reply("openai/gpt-x", &server, &hello()).await;
    let cut = NativeCall { arguments: json!("{\"code\":\"1"), ..call("call_1", "") };
    assert_eq!(reply, Reply { calls: vec![cut], stop: Stop::Length, ..Reply::default() });
}

/// The last chunk of a reply that says `Hi`, with what else it has.
fn hi(reason: &str, rest: Value) -> Value {
    let mut last = json!({"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": reason}]});
    for (name, value) in rest.as_object().into_iter().flatten() {
        last[name] = value.clone();
    }
    last
}

/// Whose dialect it is, the chunks that think `Hm` and say `Hi`, why the reply ends and what it costs.
fn dialects() -> [(&'static str, Vec<Value>, Stop, TokenUsage); 4] {
    let counts = json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, "prompt_cache_hit_tokens": 4});
    let thinks = |name: &str| chunk(json!({name: "Hm"}), Value::Null);
    let parts = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]);
    let costs = |output, cached| TokenUsage { input: 5, output, cached };
    [
        // Thoughts as parts, the cost with the last chunk, and a word of its own for the length.
        (
            "mistral/magistral-medium",
            vec![chunk(json!({"content": parts}), Value::Null), hi("model_length", json!({"usage": counts}))],
            Stop::Length,
            costs(2, 4),
        ),
        // Cache hits under a name of its own.
        (
            "deepseek/deepseek-x",
            vec![thinks("reasoning_content"), hi("stop", json!({"usage": counts}))],
            Stop::Done,
            costs(2, 4),
        ),
        // Reasoning is missing from the completion, and counted in the total.
        (
            "xai/grok-x",
            vec![
                thinks("reasoning_content"),
                hi("stop", json!({})),
                usage(json!({"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 27})),
            ],
            Stop::Done,
            costs(22, 0),
        ),
        // The cost in a wrapping.
        (
            "groq/x",
            vec![thinks("reasoning"), hi("stop", json!({"x_groq": {"usage": counts}}))],
            Stop::Done,
            costs(2, 4),
        ),
    ]
}

#[tokio::test]
async fn the_dialects_of_others_are_understood() {
    for (name, chunks, stop, usage) in dialects() {
        // OpenRouter sends comments to keep the connection alive.
        let answer = format!(": PROCESSING\n\n{}", closed(&chunks));
        let server = Server::start(common_rules, [Answer::Stream(answer)]).await;
        let (reply, deltas) = reply(name, &server, &hello()).await;
        assert_eq!(deltas, [reasoning("Hm"), text("Hi")], "{name}");
        assert_eq!(reply, Reply { text: "Hi".to_owned(), stop, usage, ..Reply::default() }, "{name}");
    }
}

#[tokio::test]
async fn whole_calls_at_one_place_are_understood() {
    let whole = |id: &str, code: &str| {
        let arguments = json!({"code": code}).to_string();
        json!({"tool_calls": [{"id": id, "type": "function", "function": {"name": "run_js", "arguments": arguments}}]})
    };
    let chunks = [
        chunk(whole("one", "1"), json!("")),
        chunk(whole("two", "2"), json!("")),
        chunk(json!({}), json!("tool_calls")),
    ];
    let server = Server::start(common_rules, [Answer::Stream(closed(&chunks))]).await;
    let (reply, _) = reply("compatible/x", &server, &hello()).await;
    assert_eq!(reply, Reply { calls: vec![call("one", "1"), call("two", "2")], ..Reply::default() });
}

#[tokio::test]
async fn nothing_is_sent_that_a_dialect_refuses() {
    let common = ["model", "stream", "messages", "tools", "max_tokens", "temperature", "top_p"];
    for (name, extra) in [
        ("mistral/mistral-medium", &["random_seed"][..]),
        ("cohere/command-a", &["seed"]),
        ("perplexity/sonar", &["seed"]),
        ("groq/x", &["seed", "stream_options"]),
        ("openrouter/openai/gpt-x", &["seed", "stream_options"]),
    ] {
        let server = Server::start(common_rules, [Answer::Stream(greeting())]).await;
        reply(name, &server, &with_options()).await;
        let body = server.body();
        assert_eq!(Some(body["model"].as_str().expect("a model")), name.split_once('/').map(|(_, model)| model));
        assert_eq!(unknown_fields(&body, &[&common[..], extra].concat()), Vec::<String>::new(), "{name}");
        assert_eq!(body["max_tokens"], 321, "{name}");
    }
}

#[tokio::test]
async fn azure_is_openai_at_another_place() {
    let server = Server::start(
        |asked| {
            let path = asked.path.replace("/openai/v1/", "/v1/");
            rules(&Asked { path, ..asked.clone() })
        },
        [Answer::Stream(greeting())],
    )
    .await;
    let origin = server.origin();
    let environment = |name: &str| match name {
        "AZURE_OPENAI_ENDPOINT" => Some(origin.clone()),
        "AZURE_OPENAI_API_KEY" => Some(KEY.to_owned()),
        _ => None,
    };
    let azure = Model::builder("azure/my-deployment").build_with(&environment).expect("the model can be built");
    assert_eq!(ask(&azure, &hello()).await.0, Ok(greeted()));
    assert_eq!(server.asked()[0].path, "/openai/v1/chat/completions");
}

#[tokio::test]
async fn compatible_goes_without_a_key_and_without_tools() {
    fn keyless(asked: &Asked) -> Result<(), Refusal> {
        rule(asked.path == "/v1/chat/completions", || refusal(404, "Invalid URL"))?;
        rule(!asked.headers.contains_key("authorization"), || refusal(401, "no key expected"))?;
        rule(asked.body.get("tools").is_none(), || refusal(400, "no tools known"))
    }
    let server = Server::start(keyless, [Answer::Stream(greeting())]).await;
    let builder = Model::builder("compatible/my-model").base_url(server.base_url());
    let compatible = builder.build_with(&|_| None).expect("the model can be built");
    assert_eq!(agentloop::Provider::style(&compatible), ReplyStyle::FencedCode);
    let request = agentloop::Request { style: ReplyStyle::FencedCode, ..hello() };
    assert_eq!(ask(&compatible, &request).await.0, Ok(greeted()));
    let error = ask(&model("compatible/my-model", &server), &request).await.0.expect_err("a key is refused here");
    let expected = "`compatible/my-model` answered 401: no key expected";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::Auth, expected));
}
