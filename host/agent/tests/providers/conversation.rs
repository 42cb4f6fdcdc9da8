//! What is asked, and how: the same few conversations for every provider.

use crate::server::Server;
use agentloop::{
    CompletionOptions, Delta, Message, Model, NativeCall, Provider, ProviderError, Reply, ReplyStyle, Request,
};
use serde_json::{Value, json};

/// The key that every server expects, and that nobody else may see.
pub(crate) const KEY: &str = "sk-canary-4f1c9a7e2b";

/// The model at this server.
pub(crate) fn model(name: &str, server: &Server) -> Model {
    let builder = Model::builder(name).base_url(server.base_url()).api_key(KEY).style(ReplyStyle::NativeTool);
    builder.build_with(&|_| None).expect("the model can be built")
}

/// Asks, and gives what came in pieces beside what came in the end.
pub(crate) async fn ask(model: &Model, request: &Request) -> (Result<Reply, ProviderError>, Vec<Delta>) {
    let mut deltas = Vec::new();
    let reply = model.reply(request, &mut |delta| deltas.push(delta)).await;
    (reply, deltas)
}

/// Asks a model of this name at this server, which must reply.
pub(crate) async fn reply(name: &str, server: &Server, request: &Request) -> (Reply, Vec<Delta>) {
    let (reply, deltas) = ask(&model(name, server), request).await;
    (reply.expect("the model replies"), deltas)
}

/// Asks a model of this name at this server, which must not reply.
pub(crate) async fn failure(name: &str, server: &Server, request: &Request) -> ProviderError {
    ask(&model(name, server), request).await.0.expect_err("the model must not reply")
}

/// One question.
pub(crate) fn hello() -> Request {
    conversation(vec![user("Hello?")])
}

/// A call, its result, and nothing after it.
pub(crate) fn after_a_call() -> Request {
    conversation(vec![user("Add."), assistant("Adding.", vec![call("a1", "1+1")]), result("a1", "2")])
}

/// Two calls at once and their results, a reply, and another question.
pub(crate) fn after_two_calls() -> Request {
    conversation(vec![
        user("Add twice."),
        assistant("", vec![call("a1", "1+1"), call("a2", "2+2")]),
        result("a1", "2"),
        result("a2", "4"),
        assistant("It is 2 and 4.", vec![]),
        user("And now?"),
    ])
}

/// A result without a call.
pub(crate) fn orphan() -> Request {
    conversation(vec![user("Add."), assistant("No.", vec![]), result("a1", "2")])
}

/// A request with everything that may be asked for.
pub(crate) fn with_options() -> Request {
    let options = CompletionOptions { tokens_max: Some(321), temperature: Some(0.5), top_p: Some(0.9), seed: Some(7) };
    Request { options, ..hello() }
}

/// The declaration of the one tool, without its descriptions.
pub(crate) fn is_run_js_schema(schema: &Value) -> bool {
    let mut bare = schema.clone();
    let described = bare.pointer_mut("/properties/code").and_then(Value::as_object_mut).is_some_and(|code| {
        code.remove("description").is_some_and(|description| description.as_str().is_some_and(|text| !text.is_empty()))
    });
    let expected = json!({
        "type": "object",
        "properties": {"code": {"type": "string"}},
        "required": ["code"],
        "additionalProperties": false,
    });
    described && bare == expected
}

pub(crate) fn call(id: &str, code: &str) -> NativeCall {
    NativeCall { id: id.to_owned(), name: "run_js".to_owned(), arguments: json!({"code": code}) }
}

pub(crate) fn text(piece: &str) -> Delta {
    Delta::Text { text: piece.to_owned() }
}

pub(crate) fn reasoning(piece: &str) -> Delta {
    Delta::Reasoning { text: piece.to_owned() }
}

fn conversation(messages: Vec<Message>) -> Request {
    Request {
        system: "You are tested.".to_owned(),
        messages,
        style: ReplyStyle::NativeTool,
        options: CompletionOptions::default(),
    }
}

fn user(text: &str) -> Message {
    Message::User { text: text.to_owned() }
}

fn assistant(text: &str, calls: Vec<NativeCall>) -> Message {
    Message::Assistant { text: text.to_owned(), calls }
}

fn result(call_id: &str, text: &str) -> Message {
    Message::Result { call_id: call_id.to_owned(), text: text.to_owned() }
}
