//! Ollama's `/api/chat`.

use crate::conversation::{
    KEY, after_a_call, after_two_calls, ask, call, failure, hello, is_run_js_schema, orphan, reasoning, reply, text,
    with_options,
};
use crate::server::{Answer, Asked, Refusal, Server, header, lines, list, rule, unknown_fields};
use agentloop::{Model, Provider, ProviderErrorKind, Reply, ReplyStyle, Request, Stop, TokenUsage};
use serde_json::{Value, json};

const KNOWN: &[&str] = &["model", "stream", "options", "tools", "messages"];

fn refusal(status: u16, message: &str) -> Refusal {
    (status, json!({"error": message}))
}

/// Ollama's rules, behind a proxy that wants the key.
pub(crate) fn rules(asked: &Asked) -> Result<(), Refusal> {
    rule(header(asked, "authorization") == Some(&format!("Bearer {KEY}")), || refusal(401, "unauthorized"))?;
    let tools = list(&asked.body, "tools");
    rule(tools.len() == 1 && is_run_js_schema(&tools[0]["function"]["parameters"]), || refusal(400, "no such tool"))?;
    common_rules(asked)
}

fn common_rules(asked: &Asked) -> Result<(), Refusal> {
    let body = &asked.body;
    rule(asked.path.ends_with("/api/chat"), || refusal(404, "404 page not found"))?;
    rule(body["stream"] == true, || refusal(400, "this server only streams"))?;
    let unknown = unknown_fields(body, KNOWN);
    rule(unknown.is_empty(), || refusal(400, &format!("unknown fields {unknown:?}")))?;
    let mut open = 0;
    for message in list(body, "messages") {
        match message["role"].as_str() {
            Some("tool") => {
                rule(open > 0 && message["content"].is_string(), || refusal(400, "a result without a call"))?;
                open -= 1;
            }
            Some("system" | "user" | "assistant") => rule(open == 0, || refusal(400, "a call without a result"))?,
            _ => return Err(refusal(400, "invalid role")),
        }
        let calls = list(message, "tool_calls");
        rule(calls.iter().all(|call| call["function"]["arguments"].is_object()), || refusal(400, "bad arguments"))?;
        open += calls.len();
    }
    rule(open == 0, || refusal(400, "a call without a result"))
}

fn line(message: Value) -> Value {
    json!({"model": "qwen-x", "created_at": "2025-01-01T00:00:00Z", "message": message, "done": false})
}

fn says(piece: &str) -> Value {
    line(json!({"role": "assistant", "content": piece}))
}

fn done(reason: &str) -> Value {
    json!({
        "model": "qwen-x", "created_at": "2025-01-01T00:00:00Z", "message": {"role": "assistant", "content": ""},
        "done": true, "done_reason": reason, "total_duration": 1, "prompt_eval_count": 100, "eval_count": 20,
    })
}

const USAGE: TokenUsage = TokenUsage { input: 100, output: 20, cached: 0 };

fn greeting() -> String {
    lines(&[says("Grüß"), says(" dich 🌍"), done("stop")])
}

fn greeted() -> Reply {
    Reply { text: "Grüß dich 🌍".to_owned(), usage: USAGE, ..Reply::default() }
}

#[tokio::test]
async fn text_arrives_in_pieces_and_as_a_whole() {
    let thought = line(json!({"role": "assistant", "content": "", "thinking": "Hm"}));
    let answer = lines(&[thought, says("Grüß"), says(" dich 🌍"), done("stop")]);
    let server = Server::start(rules, [Answer::Stream(answer)]).await;
    let (reply, deltas) = reply("ollama/qwen-x", &server, &hello()).await;
    assert_eq!(reply, greeted());
    assert_eq!(deltas, [reasoning("Hm"), text("Grüß"), text(" dich 🌍")]);
}

#[tokio::test]
async fn without_a_key_and_without_tools_it_is_ollama_as_it_comes() {
    fn keyless(asked: &Asked) -> Result<(), Refusal> {
        rule(!asked.headers.contains_key("authorization"), || refusal(401, "no key expected"))?;
        rule(asked.path == "/api/chat" && asked.body.get("tools").is_none(), || refusal(400, "no tools expected"))?;
        common_rules(asked)
    }
    let server = Server::start(keyless, [Answer::Stream(greeting())]).await;
    let host = server.origin();
    let environment = |name: &str| (name == "OLLAMA_HOST").then(|| host.clone());
    let model = Model::builder("ollama/qwen-x").build_with(&environment).expect("the model can be built");
    assert_eq!(model.style(), ReplyStyle::FencedCode);
    let request = Request { style: ReplyStyle::FencedCode, ..hello() };
    assert_eq!(ask(&model, &request).await.0, Ok(greeted()));
}

#[tokio::test]
async fn calls_get_an_id_where_they_have_none() {
    let calls = line(json!({"role": "assistant", "content": "", "tool_calls": [
        {"function": {"name": "run_js", "arguments": {"code": "1"}}},
        {"id": "own", "function": {"name": "run_js", "arguments": {"code": "2"}}},
    ]}));
    let answer = lines(&[calls, done("stop")]);
    let server = Server::start(rules, vec![Answer::Stream(answer); 2]).await;
    let (first, _) = reply("ollama/qwen-x", &server, &hello()).await;
    assert_eq!(first, Reply { calls: vec![call("call_0", "1"), call("own", "2")], usage: USAGE, ..Reply::default() });
    let (later, _) = reply("ollama/qwen-x", &server, &after_two_calls()).await;
    assert_eq!(later.calls[0].id, "call_2", "an id is never given twice in a conversation");
}

#[tokio::test]
async fn earlier_calls_and_results_keep_the_rules() {
    let server = Server::start(rules, vec![Answer::Stream(greeting()); 2]).await;
    assert_eq!(reply("ollama/qwen-x", &server, &after_a_call()).await.0, greeted());
    assert_eq!(reply("ollama/qwen-x", &server, &after_two_calls()).await.0, greeted());
    let error = failure("ollama/qwen-x", &server, &orphan()).await;
    let expected = "`ollama/qwen-x` answered 400: a result without a call";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::InvalidRequest, expected));
}

#[tokio::test]
async fn options_are_sent() {
    let server = Server::start(rules, [Answer::Stream(greeting())]).await;
    reply("ollama/qwen-x", &server, &with_options()).await;
    assert_eq!(server.body()["options"], json!({"temperature": 0.5, "top_p": 0.9, "num_predict": 321, "seed": 7}));
}

#[tokio::test]
async fn a_reply_says_why_it_ends() {
    for (reason, stop) in [("stop", Stop::Done), ("length", Stop::Length)] {
        let server = Server::start(rules, [Answer::Stream(lines(&[says("a"), done(reason)]))]).await;
        let (reply, _) = reply("ollama/qwen-x", &server, &hello()).await;
        assert_eq!(reply, Reply { text: "a".to_owned(), stop, usage: USAGE, ..Reply::default() }, "{reason}");
    }
}

#[tokio::test]
async fn an_error_in_the_middle_is_one() {
    let answer = lines(&[says("a"), json!({"error": "an error was encountered while running the model"})]);
    let server = Server::start(rules, [Answer::Stream(answer)]).await;
    let error = failure("ollama/qwen-x", &server, &hello()).await;
    let expected = "`ollama/qwen-x` broke off with an error: an error was encountered while running the model";
    assert_eq!((error.kind, error.message.as_str()), (ProviderErrorKind::BadResponse, expected));
}
