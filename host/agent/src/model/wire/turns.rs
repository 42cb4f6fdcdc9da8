//! What all requests have in common: who said what, and the one tool.

use crate::provider::{Message, NativeCall, ReplyStyle, Request};
use serde_json::{Value, json};

/// What the model reads about the one tool.
pub(super) const TOOL_DESCRIPTION: &str =
    "Runs a script in the sandbox that the system prompt describes, and answers with what came of it.";

/// What the model reads about the tool's one argument.
const CODE_DESCRIPTION: &str = "The script, in plain JavaScript.";

/// A turn of the conversation. It is never empty.
#[derive(Debug, PartialEq)]
pub(super) enum Turn<'a> {
    /// The user says something.
    User(&'a str),
    /// The model says something, calls something, or both.
    Model {
        /// What it says.
        text: Option<&'a str>,
        /// What it calls.
        calls: &'a [NativeCall],
    },
    /// All results that stand together.
    Results(Vec<CallResult<'a>>),
}

/// What a call came to.
#[derive(Debug, PartialEq)]
pub(super) struct CallResult<'a> {
    /// The call.
    pub(super) call_id: &'a str,
    /// What the model is told of it.
    pub(super) text: &'a str,
}

/// The conversation in turns. A model that said nothing is left out: an empty text is refused by Anthropic.
pub(super) fn turns(request: &Request) -> Vec<Turn<'_>> {
    let mut turns = Vec::new();
    for message in &request.messages {
        match message {
            Message::User { text } => turns.push(Turn::User(text)),
            Message::Assistant { text, calls } => {
                let text = Some(text.as_str()).filter(|text| !text.trim().is_empty());
                if text.is_some() || !calls.is_empty() {
                    turns.push(Turn::Model { text, calls });
                }
            }
            Message::Result { call_id, text } => {
                let result = CallResult { call_id, text };
                match turns.last_mut() {
                    Some(Turn::Results(results)) => results.push(result),
                    _ => turns.push(Turn::Results(vec![result])),
                }
            }
        }
    }
    turns
}

/// The rules, if there are any.
pub(super) fn system(request: &Request) -> Option<&str> {
    Some(request.system.as_str()).filter(|system| !system.is_empty())
}

/// The list of tools: this declaration of the one tool, if the model is to call it.
pub(super) fn tools(request: &Request, declaration: Value) -> Option<Value> {
    match request.style {
        ReplyStyle::NativeTool => Some(json!([declaration])),
        ReplyStyle::FencedCode => None,
    }
}

/// What the tool takes.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {"code": {"type": "string", "description": CODE_DESCRIPTION}},
        "required": ["code"],
        "additionalProperties": false,
    })
}

/// The arguments of a call, as an object: providers refuse all others, also those that their own model made.
pub(super) fn arguments(call: &NativeCall) -> Value {
    match &call.arguments {
        Value::Object(object) => Value::Object(object.clone()),
        other => json!({"malformed": other}),
    }
}

/// Puts a member in, if there is a value for it.
pub(super) fn set(object: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[name] = value.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::CompletionOptions;

    #[test]
    fn results_stand_together_and_silence_is_left_out() {
        let call = NativeCall { id: "a".into(), name: "run_js".into(), arguments: json!("1") };
        assert_eq!(arguments(&call), json!({"malformed": "1"}));
        let result = |call_id: &str| Message::Result { call_id: call_id.into(), text: "2".into() };
        let silence = Message::Assistant { text: " \n".into(), calls: vec![] };
        let messages = vec![
            Message::User { text: "Add.".into() },
            Message::Assistant { text: String::new(), calls: vec![call.clone()] },
            result("a"),
            silence,
            result("b"),
            Message::User { text: "Go on.".into() },
        ];
        let options = CompletionOptions::default();
        let request = Request { system: String::new(), messages, style: ReplyStyle::FencedCode, options };
        let results = ["a", "b"].map(|call_id| CallResult { call_id, text: "2" });
        let expected = [
            Turn::User("Add."),
            Turn::Model { text: None, calls: &[call] },
            Turn::Results(results.into()),
            Turn::User("Go on."),
        ];
        assert_eq!(turns(&request), expected);
        assert_eq!((system(&request), tools(&request, schema())), (None, None));
    }
}
