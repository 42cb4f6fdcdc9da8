//! A reply while it arrives: whatever wire format it comes in, it is put together here.

use crate::provider::{Delta, NativeCall, Reply, Stop, TokenUsage};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A reply in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    calls_before: usize,
    text: String,
    calls: BTreeMap<u64, CallDraft>,
    /// Where calls went whose place another call had already.
    moved: BTreeMap<u64, u64>,
    stop: Option<Stop>,
    usage: TokenUsage,
    end: End,
    deltas: Vec<Delta>,
}

/// Whether more is to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The provider has not said that it is done.
    #[default]
    Open,
    /// The reply is whole, but what follows may still tell what it cost.
    Whole,
    /// The provider has said its last word.
    Closed,
}

/// A call in the making.
#[derive(Debug, Default)]
struct CallDraft {
    id: String,
    name: String,
    arguments: Arguments,
}

/// The arguments of a call: JSON in pieces, or all at once.
#[derive(Debug)]
enum Arguments {
    Pieces(String),
    Whole(Value),
}

impl Default for Arguments {
    fn default() -> Self {
        Self::Pieces(String::new())
    }
}

impl Draft {
    /// An empty draft. The conversation before it already has so many calls.
    pub(super) fn new(calls_before: usize) -> Self {
        Self { calls_before, ..Self::default() }
    }

    /// Adds to the text.
    pub(super) fn push_text(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.text.push_str(piece);
            self.deltas.push(Delta::Text { text: piece.to_owned() });
        }
    }

    /// Passes a thought on. It is shown, and not kept.
    pub(super) fn push_reasoning(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.deltas.push(Delta::Reasoning { text: piece.to_owned() });
        }
    }

    /// Names the call at this place. A name that is already known stays when the provider sends an empty one.
    ///
    /// Some providers put all calls at the first place: another id there is another call, and what follows is of it.
    pub(super) fn name_call(&mut self, place: u64, id: &str, name: &str) {
        let is_other = |call: &CallDraft| !id.is_empty() && !call.id.is_empty() && call.id != id;
        if self.calls.get(&self.whereabouts(place)).is_some_and(is_other) {
            let free = self.free_place();
            self.moved.insert(place, free);
        }
        let call = self.call_at(place);
        if !id.is_empty() {
            id.clone_into(&mut call.id);
        }
        if !name.is_empty() {
            name.clone_into(&mut call.name);
        }
    }

    /// Adds to the arguments of the call at this place.
    pub(super) fn push_arguments(&mut self, place: u64, piece: &str) {
        if let Arguments::Pieces(pieces) = &mut self.call_at(place).arguments {
            pieces.push_str(piece);
        }
    }

    /// Sets the arguments of the call at this place, as text of JSON that is whole.
    pub(super) fn replace_arguments(&mut self, place: u64, text: &str) {
        self.call_at(place).arguments = Arguments::Pieces(text.to_owned());
    }

    /// Adds a call that arrives in one piece, behind those that are there.
    pub(super) fn push_call(&mut self, id: String, name: &str, arguments: Value) {
        let call = CallDraft { id, name: name.to_owned(), arguments: Arguments::Whole(arguments) };
        self.calls.insert(self.free_place(), call);
    }

    fn call_at(&mut self, place: u64) -> &mut CallDraft {
        self.calls.entry(self.whereabouts(place)).or_default()
    }

    fn whereabouts(&self, place: u64) -> u64 {
        self.moved.get(&place).copied().unwrap_or(place)
    }

    fn free_place(&self) -> u64 {
        self.calls.last_key_value().map_or(0, |(last, _)| last.saturating_add(1))
    }

    /// How many calls there are.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// A number for the next call that no other call of the conversation has, where the provider gives no id.
    pub(super) fn next_call(&self) -> usize {
        self.calls_before.saturating_add(self.calls.len())
    }

    /// Notes why the reply ends, and so that it is whole. A refusal is not taken back.
    pub(super) fn set_stop(&mut self, stop: Stop) {
        if self.stop != Some(Stop::Refused) {
            self.stop = Some(stop);
        }
        if self.end == End::Open {
            self.end = End::Whole;
        }
    }

    /// Notes a refusal in the middle of a reply: the provider still says when it is done.
    pub(super) fn refuse(&mut self) {
        self.stop = Some(Stop::Refused);
    }

    /// Notes that nothing follows.
    pub(super) fn close(&mut self) {
        if self.end == End::Whole {
            self.end = End::Closed;
        }
    }

    /// Whether more is to come.
    pub(super) fn end(&self) -> End {
        self.end
    }

    /// What the reply costs, to be read and written.
    pub(super) fn usage(&mut self) -> &mut TokenUsage {
        &mut self.usage
    }

    /// What has arrived since the last time.
    pub(super) fn take_deltas(&mut self) -> Vec<Delta> {
        std::mem::take(&mut self.deltas)
    }

    /// The whole reply. `None` if it says nothing at all, without a reason.
    pub(super) fn into_reply(self) -> Option<Reply> {
        let stop = self.stop?;
        if self.calls.is_empty() && self.text.trim().is_empty() && stop == Stop::Done {
            return None;
        }
        let calls = self.calls.into_values().zip(self.calls_before..).map(|(call, number)| call.into_call(number));
        let calls = calls.collect();
        Some(Reply { text: self.text, calls, stop, usage: self.usage })
    }
}

impl CallDraft {
    /// The call. Arguments that are not JSON stay the text that they are, for the loop to tell the model.
    fn into_call(self, number: usize) -> NativeCall {
        let id = if self.id.is_empty() { format!("call_{number}") } else { self.id };
        let arguments = match self.arguments {
            Arguments::Whole(value) => value,
            Arguments::Pieces(text) if text.trim().is_empty() => Value::Object(Map::new()),
            Arguments::Pieces(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        NativeCall { id, name: self.name, arguments }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_in_pieces_become_json() {
        let mut draft = Draft::default();
        draft.name_call(0, "a", "run_js");
        draft.push_arguments(0, "{\"code\":");
        draft.push_arguments(0, "\"1\"}");
        draft.set_stop(Stop::Done);
        let call = NativeCall { id: "a".into(), name: "run_js".into(), arguments: json!({"code": "1"}) };
        assert_eq!(draft.into_reply(), Some(Reply { calls: vec![call], ..Reply::default() }));
    }

    #[test]
    fn arguments_cut_off_stay_text() {
        let mut draft = Draft::default();
        draft.name_call(0, "a", "run_js");
        draft.push_arguments(0, "{\"code\":");
        draft.set_stop(Stop::Length);
        let call = NativeCall { id: "a".into(), name: "run_js".into(), arguments: json!("{\"code\":") };
        assert_eq!(draft.into_reply(), Some(Reply { calls: vec![call], stop: Stop::Length, ..Reply::default() }));
    }

    #[test]
    fn an_empty_reply_is_none_unless_it_says_why() {
        let stopped = |stop| {
            let mut draft = Draft::default();
            draft.set_stop(stop);
            draft.into_reply().map(|reply| reply.stop)
        };
        assert_eq!(stopped(Stop::Done), None);
        assert_eq!(stopped(Stop::Length), Some(Stop::Length));
        assert_eq!(stopped(Stop::Refused), Some(Stop::Refused));
    }

    #[test]
    fn calls_at_the_same_place_are_told_apart_by_their_ids() {
        let mut draft = Draft::default();
        for (id, piece) in [("a", "{\"code\":\"1\"}"), ("b", "{\"code\":\"2\"}"), ("c", "{}")] {
            draft.name_call(0, id, "run_js");
            draft.push_arguments(0, piece);
        }
        draft.set_stop(Stop::Done);
        let calls = draft.into_reply().map(|reply| reply.calls).unwrap_or_default();
        let told: Vec<_> = calls.iter().map(|call| (call.id.as_str(), call.arguments["code"].as_str())).collect();
        assert_eq!(told, [("a", Some("1")), ("b", Some("2")), ("c", None)]);
    }

    #[test]
    fn a_call_at_a_huge_place_costs_no_more_than_one() {
        let mut draft = Draft::default();
        draft.name_call(u64::MAX, "a", "run_js");
        draft.push_call("b".into(), "run_js", json!({}));
        assert_eq!(draft.calls(), 1, "the last place is taken over, and nothing is allocated up to it");
    }
}
