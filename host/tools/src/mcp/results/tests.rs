use super::{Declared, of_call, of_prompt, of_resource};
use crate::mcp::errors::Voice;
use crate::mcp::text::Secrets;
use serde_json::{Value, json};

fn call(result: Value, declared: Declared) -> Result<Value, String> {
    let voice = Voice::new("s", Secrets::new(["hunter22".to_owned()]));
    let text = of_call(&voice, result, declared).map_err(|failure| failure.0)?;
    Ok(serde_json::from_str(&text).expect("results are JSON"))
}

#[test]
fn structured_content_comes_first() {
    let result = json!({ "content": [{ "type": "text", "text": "{}" }], "structuredContent": { "a": 1 } });
    assert_eq!(call(result, Declared::Yes), Ok(json!({ "a": 1 })));
}

#[test]
fn one_text_is_a_string_and_an_object_only_where_one_was_declared() {
    let result = |text: &str| json!({ "content": [{ "type": "text", "text": text, "annotations": {} }] });
    assert_eq!(call(result("hello"), Declared::No), Ok(json!("hello")));
    assert_eq!(call(result("{\"a\":1}"), Declared::No), Ok(json!("{\"a\":1}")));
    assert_eq!(call(result("{\"a\":1}"), Declared::Yes), Ok(json!({ "a": 1 })));
    assert_eq!(call(result("{a"), Declared::Yes), Ok(json!("{a")));
    assert_eq!(call(json!({ "content": [] }), Declared::No), Ok(Value::Null));
    assert_eq!(call(json!("odd"), Declared::No), Ok(Value::Null));
}

#[test]
fn several_blocks_are_a_list_of_what_matters() {
    let result = json!({ "content": [
        { "type": "text", "text": "a", "_meta": {} },
        { "type": "image", "data": "aGk=", "mimeType": "image/png", "annotations": {} },
        { "type": "resource", "resource": { "uri": "x://1", "mimeType": "a/b", "blob": "aGk=", "_meta": {} } },
        { "type": "resource_link", "uri": "x://2", "name": "two", "icons": [] },
        { "type": "later", "a": 1 },
    ] });
    let blocks = json!([
        { "type": "text", "text": "a" },
        { "type": "image", "data": "aGk=", "mimeType": "image/png" },
        { "type": "resource", "uri": "x://1", "mimeType": "a/b", "data": "aGk=" },
        { "type": "resource_link", "uri": "x://2", "name": "two" },
        { "type": "later", "a": 1 },
    ]);
    assert_eq!(call(result, Declared::No), Ok(blocks));
}

#[test]
fn failures_say_what_the_tool_said_without_secrets() {
    let failed = |content: Value| json!({ "isError": true, "content": content });
    let two = json!([{ "type": "text", "text": "no\u{7} hunter22" }, { "type": "text", "text": "way" }]);
    assert_eq!(call(failed(two), Declared::No), Err("no [secret]\nway".to_owned()));
    assert_eq!(call(failed(json!([])), Declared::No), Err("the tool failed without a message".to_owned()));
    let structured = json!({ "isError": true, "structuredContent": { "code": 3 } });
    assert_eq!(call(structured, Declared::No), Err("{\"code\":3}".to_owned()));
    let asks = json!({ "resultType": "input_required" });
    assert_eq!(call(asks, Declared::No), Err("the tool asks a person for input, which it cannot get here".to_owned()));
}

#[test]
fn results_over_4_mib_are_failures() {
    let result = |bytes: usize| json!({ "content": [{ "type": "text", "text": "x".repeat(bytes - 2) }] });
    assert!(call(result(4 * 1024 * 1024), Declared::No).is_ok());
    let message = "the result has 4194305 bytes, and at most 4 MiB are allowed; ask for less at a time";
    assert_eq!(call(result(4 * 1024 * 1024 + 1), Declared::No), Err(message.to_owned()));
}

#[test]
fn resources_and_prompts_have_their_shapes() {
    let read = |result| serde_json::from_str::<Value>(&of_resource(result).expect("it fits")).expect("it is JSON");
    assert_eq!(read(json!({ "contents": [{ "uri": "x://1", "text": "hi" }] })), json!("hi"));
    let both = json!({ "contents": [{ "uri": "x://1", "text": "hi" }, { "uri": "x://2", "blob": "aGk=" }] });
    let blocks = json!([
        { "type": "resource", "uri": "x://1", "text": "hi" },
        { "type": "resource", "uri": "x://2", "data": "aGk=" },
    ]);
    assert_eq!(read(both), blocks);
    let prompt = json!({ "description": "d", "messages": [
        { "role": "user", "content": { "type": "text", "text": "hi" } },
        { "role": "assistant", "content": { "type": "image", "data": "aGk=", "mimeType": "image/png" } },
    ] });
    let expected = json!({ "description": "d", "messages": [
        { "role": "user", "content": "hi" },
        { "role": "assistant", "content": [{ "type": "image", "data": "aGk=", "mimeType": "image/png" }] },
    ] });
    let got = of_prompt(prompt).expect("it fits");
    assert_eq!(serde_json::from_str::<Value>(&got).expect("it is JSON"), expected);
}
