//! A transcript as the messages of a request: always valid, never longer than the history may be.

use crate::provider::{Message, NativeCall, ReplyStyle};
use crate::transcript::{Answer, Interaction, Transcript};

/// Bytes of an answer by value that the model is reminded of.
const VALUE_BYTES_MAX: usize = 2 << 10;

/// The messages of a transcript. Turns before the current one are shortened, the oldest first, until they fit `history_bytes_max`.
pub(crate) fn messages(transcript: &Transcript, style: ReplyStyle, history_bytes_max: usize) -> Vec<Message> {
    let mut messages = history(transcript, style, history_bytes_max);
    messages.extend(of_turn(transcript.turn(), style));
    messages
}

/// Bytes of the messages before those of the current turn.
pub(crate) fn history_bytes(transcript: &Transcript, style: ReplyStyle, history_bytes_max: usize) -> usize {
    history(transcript, style, history_bytes_max).iter().map(bytes).sum()
}

fn history(transcript: &Transcript, style: ReplyStyle, bytes_max: usize) -> Vec<Message> {
    let history = &transcript.interactions()[..transcript.turn_start()];
    let mut turns: Vec<Vec<Message>> = turns(history).map(|turn| of_turn(turn, style)).collect();
    let mut size: usize = turns.iter().flatten().map(bytes).sum();
    let mut index = 0;
    // First what was said between prompt and answer goes, then whole turns.
    while size > bytes_max && index < turns.len() {
        let before: usize = turns[index].iter().map(bytes).sum();
        turns[index] = ends_of(std::mem::take(&mut turns[index]));
        size = size - before + turns[index].iter().map(bytes).sum::<usize>();
        index += 1;
    }
    let mut dropped = 0;
    while size > bytes_max && dropped < turns.len() {
        size -= turns[dropped].iter().map(bytes).sum::<usize>();
        dropped += 1;
    }
    turns.into_iter().skip(dropped).flatten().collect()
}

fn turns(history: &[Interaction]) -> impl Iterator<Item = &[Interaction]> {
    history.chunk_by(|_, next| !matches!(next, Interaction::User { .. }))
}

/// The prompt of a turn, and what came of it.
fn ends_of(turn: Vec<Message>) -> Vec<Message> {
    let prompt = turn.iter().find(|message| matches!(message, Message::User { .. })).cloned();
    let answer = turn.into_iter().rev().find_map(|message| match message {
        Message::Assistant { text, .. } if !text.trim().is_empty() => {
            Some(Message::Assistant { text, calls: Vec::new() })
        }
        _ => None,
    });
    let unanswered = || Message::Assistant { text: "(left out)".to_owned(), calls: Vec::new() };
    prompt.into_iter().chain(std::iter::once_with(|| answer.unwrap_or_else(unanswered))).collect()
}

fn bytes(message: &Message) -> usize {
    match message {
        Message::User { text } | Message::Result { text, .. } => text.len(),
        Message::Assistant { text, calls } => {
            text.len() + calls.iter().map(|call| call.arguments.to_string().len()).sum::<usize>()
        }
    }
}

/// Messages in the making: no call stays without a result, no two messages of the user follow each other.
struct Builder {
    style: ReplyStyle,
    messages: Vec<Message>,
    open: Vec<NativeCall>,
}

fn of_turn(turn: &[Interaction], style: ReplyStyle) -> Vec<Message> {
    let mut builder = Builder { style, messages: Vec::new(), open: Vec::new() };
    for interaction in turn {
        builder.add(interaction);
    }
    builder.close_calls();
    builder.messages
}

impl Builder {
    fn add(&mut self, interaction: &Interaction) {
        match interaction {
            Interaction::User { text } => self.user(text),
            Interaction::Model { text, calls, .. } => self.assistant(text, calls),
            Interaction::Script(report) => self.result(report.call_id.as_deref(), &report.feedback),
            Interaction::Note { text, call_id } => self.result(call_id.as_deref(), text),
            // What the model said in words is in its own message, unless the history comes from elsewhere.
            Interaction::Answer(Answer::Text(text)) => match self.messages.last() {
                Some(Message::Assistant { .. }) => {}
                _ => self.assistant(text, &[]),
            },
            Interaction::Answer(Answer::Value(value)) => {
                let value = value.to_string();
                let shown = &value[..value.floor_char_boundary(VALUE_BYTES_MAX)];
                self.assistant(&format!("Finished with: {shown}"), &[]);
            }
            Interaction::Error { message, .. } => self.assistant(&format!("(This turn ended early: {message})"), &[]),
        }
    }

    fn user(&mut self, text: &str) {
        self.close_calls();
        match self.messages.last_mut() {
            Some(Message::User { text: last }) => {
                last.push_str("\n\n");
                last.push_str(text);
            }
            _ => self.messages.push(Message::User { text: text.to_owned() }),
        }
    }

    fn assistant(&mut self, text: &str, calls: &[NativeCall]) {
        self.close_calls();
        let (text, calls) = match self.style {
            ReplyStyle::NativeTool => (text.to_owned(), calls.to_vec()),
            // The conversation began with a model that has tools: its scripts are shown as this one gives them.
            ReplyStyle::FencedCode => {
                (calls.iter().fold(text.to_owned(), |text, call| text + &fenced(call)), Vec::new())
            }
        };
        if text.is_empty() && calls.is_empty() {
            return self.messages.push(Message::Assistant { text: "(no text)".to_owned(), calls });
        }
        self.open.clone_from(&calls);
        self.messages.push(Message::Assistant { text, calls });
    }

    fn result(&mut self, call_id: Option<&str>, text: &str) {
        match self.open.iter().position(|call| Some(call.id.as_str()) == call_id) {
            Some(index) => {
                let call_id = self.open.remove(index).id;
                self.messages.push(Message::Result { call_id, text: text.to_owned() });
            }
            None => self.user(text),
        }
    }

    fn close_calls(&mut self) {
        for call in std::mem::take(&mut self.open) {
            self.messages
                .push(Message::Result { call_id: call.id, text: "It was not run: the turn ended here.".to_owned() });
        }
    }
}

fn fenced(call: &NativeCall) -> String {
    let code = call.arguments.get("code").and_then(serde_json::Value::as_str).unwrap_or_default();
    format!("\n\n```js\n{code}\n```")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{RUN_JS, TokenUsage};

    fn user(text: &str) -> Interaction {
        Interaction::User { text: text.to_owned() }
    }

    fn model(text: &str, ids: &[&str]) -> Interaction {
        let arguments = serde_json::json!({ "code": "1" });
        let call =
            |id: &&str| NativeCall { id: (*id).to_owned(), name: RUN_JS.to_owned(), arguments: arguments.clone() };
        Interaction::Model {
            text: text.to_owned(),
            calls: ids.iter().map(call).collect(),
            usage: TokenUsage::default(),
        }
    }

    fn note(id: Option<&str>, text: &str) -> Interaction {
        Interaction::Note { text: text.to_owned(), call_id: id.map(str::to_owned) }
    }

    fn transcript(interactions: Vec<Interaction>) -> Transcript {
        interactions.into_iter().fold(Transcript::default(), |mut transcript, interaction| {
            transcript.push(interaction);
            transcript
        })
    }

    fn shown(transcript: &Transcript, style: ReplyStyle, bytes_max: usize) -> Vec<String> {
        let show = |message| match message {
            Message::User { text } => format!("user: {text}"),
            Message::Assistant { text, calls } => format!("assistant: {text} {}", calls.len()),
            Message::Result { call_id, text } => format!("{call_id}: {text}"),
        };
        messages(transcript, style, bytes_max).into_iter().map(show).collect()
    }

    #[test]
    fn a_call_that_nothing_answered_is_closed() {
        let cut = transcript(vec![
            user("a"),
            model("", &["x", "y"]),
            note(Some("y"), "done"),
            Interaction::Error { kind: "cancelled".to_owned(), message: "the turn was cancelled".to_owned() },
            user("b"),
        ]);
        assert_eq!(
            shown(&cut, ReplyStyle::NativeTool, 10_000),
            [
                "user: a",
                "assistant:  2",
                "y: done",
                "x: It was not run: the turn ended here.",
                "assistant: (This turn ended early: the turn was cancelled) 0",
                "user: b"
            ]
        );
    }

    #[test]
    fn a_turn_that_was_never_ended_is_closed_as_well() {
        let cut = transcript(vec![user("a"), model("", &["x"]), user("b")]);
        let closed = "x: It was not run: the turn ended here.";
        assert_eq!(shown(&cut, ReplyStyle::NativeTool, 10_000), ["user: a", "assistant:  1", closed, "user: b"]);
    }

    #[test]
    fn a_history_that_has_prompts_and_answers_only_is_told_whole() {
        let answer = Interaction::Answer(Answer::Text("A".to_owned()));
        let brought = transcript(vec![user("a"), answer, user("b")]);
        assert_eq!(shown(&brought, ReplyStyle::NativeTool, 10_000), ["user: a", "assistant: A 0", "user: b"]);
    }

    #[test]
    fn a_conversation_with_tools_goes_on_without() {
        let turn = transcript(vec![user("a"), model("look", &["x"]), note(Some("x"), "1")]);
        assert_eq!(
            shown(&turn, ReplyStyle::FencedCode, 10_000),
            ["user: a", "assistant: look\n\n```js\n1\n``` 0", "user: 1"]
        );
    }

    #[test]
    fn the_oldest_is_shortened_first_and_the_current_turn_never() {
        let long = "x".repeat(1_000);
        let turn = |prompt: &str, answer: &str| {
            let answered = Interaction::Answer(Answer::Text(answer.to_owned()));
            vec![user(prompt), model("", &["x"]), note(Some("x"), &long), model(answer, &[]), answered]
        };
        let all: Vec<Interaction> = [turn("a", "A"), turn("b", "B"), vec![user(&long)]].into_iter().flatten().collect();
        let all = transcript(all);
        let shortened = shown(&all, ReplyStyle::NativeTool, 1_500);
        assert_eq!(&shortened[..2], ["user: a", "assistant: A 0"]);
        assert_eq!(shortened.len(), 2 + 4 + 1);
        let last = format!("user: {long}");
        assert_eq!(shown(&all, ReplyStyle::NativeTool, 3), ["user: b", "assistant: B 0", &last]);
        assert_eq!(shown(&all, ReplyStyle::NativeTool, 0), [last.as_str()]);
    }
}
