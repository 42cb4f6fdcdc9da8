//! One message of a server, read leniently: only its outline is parsed here, so that a mistake within it costs one
//! call.

use rmcp::model::RequestId;
use serde::Deserialize;
use serde_json::{Value, json};

/// Longer ids are not answered.
const ID_BYTES_MAX: usize = 256;

/// The id of a message that cannot be read is looked for in so many bytes at either end of it.
const ENDS_BYTES: usize = 160;

/// What a server sent.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// The answer to a request.
    Answer(RequestId, Result<Value, Refusal>),
    /// A word in between.
    Notification(String, Value),
    /// It asks something itself.
    Question(Value, String),
    /// An error that belongs to no request.
    Stray,
}

/// The error that a server answers with.
#[derive(Debug, PartialEq, Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
    #[serde(default)]
    pub(super) data: Option<Value>,
}

#[derive(Deserialize)]
struct Outline {
    jsonrpc: Option<String>,
    id: Option<Value>,
    method: Option<String>,
    #[serde(default)]
    params: Value,
    #[serde(default)]
    result: Value,
    error: Option<Value>,
}

/// Reads a message. `None` if it is none.
pub(super) fn read(text: &[u8]) -> Option<Message> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let outline: Outline = serde_json::from_slice(text).ok()?;
    match (outline.method, outline.id, outline.error) {
        (Some(method), Some(id), _) => Some(Message::Question(id, method)),
        (Some(method), None, _) => Some(Message::Notification(method, outline.params)),
        (None, Some(id), Some(error)) => Some(Message::Answer(request_id(&id)?, Err(refusal(error)))),
        // A line of a log may well have an id.
        (None, Some(_), None) if outline.result.is_null() && outline.jsonrpc.is_none() => None,
        (None, Some(id), None) => Some(Message::Answer(request_id(&id)?, Ok(outline.result))),
        (None, None, Some(_)) => Some(Message::Stray),
        (None, None, None) => None,
    }
}

fn refusal(error: Value) -> Refusal {
    let message = error.to_string();
    serde_json::from_value(error).unwrap_or(Refusal { code: 0, message, data: None })
}

/// Some servers send numbers back as text.
fn request_id(id: &Value) -> Option<RequestId> {
    match id {
        Value::Number(number) => number.as_i64().map(RequestId::Number),
        Value::String(text) => {
            Some(text.parse().map_or_else(|_| RequestId::String(text.as_str().into()), RequestId::Number))
        }
        _ => None,
    }
}

/// What we answer when a server asks something: a ping is answered, all else is refused.
pub(super) fn reply(id: &Value, method: &str) -> Option<Vec<u8>> {
    let fits = match id {
        Value::Number(_) => true,
        Value::String(text) => text.len() <= ID_BYTES_MAX,
        _ => false,
    };
    let message = match method {
        "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
        _ => json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "Method not found" } }),
    };
    fits.then(|| message.to_string().into_bytes())
}

/// The id of an answer that is too long or too deep to be read, from its two ends. A server that plays tricks with it
/// only spoils its own answers.
pub(super) fn id_at_the_ends(head: &[u8], tail: &[u8]) -> Option<RequestId> {
    let head = String::from_utf8_lossy(&head[..head.len().min(ENDS_BYTES)]);
    let tail = String::from_utf8_lossy(&tail[tail.len().saturating_sub(ENDS_BYTES)..]);
    if !head.trim_start().starts_with('{') {
        return None;
    }
    let number = |text: &str, at: usize| -> Option<i64> {
        let rest = text[at + 4..].trim_start().strip_prefix(':')?.trim_start();
        rest[..rest.find(|letter: char| !letter.is_ascii_digit())?].parse().ok()
    };
    let first = head.find("\"id\"").filter(|at| !head[..*at].contains("\"result\"")).and_then(|at| number(&head, at));
    let last = || tail.rfind("\"id\"").and_then(|at| number(&tail, at));
    first.or_else(last).map(RequestId::Number)
}

#[cfg(test)]
mod tests {
    use super::{Message, Refusal, id_at_the_ends, read, reply};
    use rmcp::model::RequestId;
    use serde_json::json;

    #[test]
    fn messages_are_told_apart() {
        let answer = |result| Some(Message::Answer(RequestId::Number(3), result));
        assert_eq!(read(br#"{"jsonrpc":"2.0","id":3,"result":{"a":1}}"#), answer(Ok(json!({ "a": 1 }))));
        assert_eq!(read(br#"{"jsonrpc":"2.0","id":"3","result":null}"#), answer(Ok(json!(null))));
        let refusal = Refusal { code: -5, message: "no".to_owned(), data: None };
        assert_eq!(read(br#"{"id":3,"error":{"code":-5,"message":"no"}}"#), answer(Err(refusal)));
        let refusal = Refusal { code: 0, message: "\"no\"".to_owned(), data: None };
        assert_eq!(read(br#"{"id":3,"error":"no"}"#), answer(Err(refusal)));
        assert_eq!(read(br#"{"method":"m"}"#), Some(Message::Notification("m".to_owned(), json!(null))));
        assert_eq!(read(br#"{"method":"m","id":"x"}"#), Some(Message::Question(json!("x"), "m".to_owned())));
        assert_eq!(read(br#"{"error":{}}"#), Some(Message::Stray));
        for garbage in [
            "",
            "{}",
            "[1]",
            "listening on 80",
            r#"{"level":"info"}"#,
            r#"{"level":"info","id":3}"#,
            r#"{"id":{},"result":1}"#,
        ] {
            assert_eq!(read(garbage.as_bytes()), None, "{garbage}");
        }
    }

    #[test]
    fn only_a_ping_is_answered() {
        assert_eq!(reply(&json!(1), "ping"), Some(br#"{"id":1,"jsonrpc":"2.0","result":{}}"#.to_vec()));
        let refused = br#"{"error":{"code":-32601,"message":"Method not found"},"id":"a","jsonrpc":"2.0"}"#;
        assert_eq!(reply(&json!("a"), "sampling/createMessage"), Some(refused.to_vec()));
        assert_eq!(reply(&json!({}), "ping"), None);
        assert_eq!(reply(&json!("x".repeat(257)), "ping"), None);
    }

    #[test]
    fn the_id_of_a_long_message_is_found_at_either_end() {
        let id = |head: &str, tail: &str| id_at_the_ends(head.as_bytes(), tail.as_bytes());
        assert_eq!(id(r#"{"jsonrpc":"2.0","id":12,"result":{"#, "xxx"), Some(RequestId::Number(12)));
        assert_eq!(id(r#"{"result":{"id":4,"#, r#"xx"},"jsonrpc":"2.0","id": 7}"#), Some(RequestId::Number(7)));
        assert_eq!(id("xxx \"id\":3,", "\"id\":3}"), None);
        assert_eq!(id("{", "}"), None);
    }
}
