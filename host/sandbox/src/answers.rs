//! Answers that calls got before: given again instead of making the calls, so that a script can be mended and run again without doing
//! anything twice.

use crate::discovery::is_built_in;
use crate::execute::Admitted;
use crate::suspend::is_repeatable;
use crate::{CallReport, CallStatus, Effect, Journal, JournalCallState, ToolError, ToolErrorKind, json};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// A call of a run that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedCall {
    /// Names the run, as [`Journal::run`] does. Empty for answers that are not from a journal.
    pub run: String,
    /// Counts from 0 within the run.
    pub id: u32,
}

/// What came of a call.
#[derive(Clone, Debug)]
enum Outcome {
    Answer(Result<Arc<RawValue>, ToolError>),
    /// It was made, and its result was too large to be kept.
    Lost,
    /// It was made, and nobody knows what came of it.
    InDoubt,
}

#[derive(Clone, Debug)]
struct Known {
    call: RecordedCall,
    outcome: Outcome,
    /// Calls before it, in its run and those added before, that may have changed the world.
    acts_before: u32,
}

/// Answers that calls got in an earlier run. [`Run::answers`](crate::Run::answers) gives them again: a call of the same tool with the
/// same arguments, as JSON has it, whatever the order of keys, is not made. The first such call gets the first answer, the second the
/// second.
///
/// What was only read may be out of date once something was changed. So a call of a read-only tool is answered from the record only
/// as long as the calls before it that may have changed something are those of the record, all of them and no other; otherwise it is
/// made, which does no harm.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use agentloop_sandbox::{Answers, Engine, Limits, Tool, Toolbox};
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// static PAID: AtomicU32 = AtomicU32::new(0);
/// let pay = Tool::instant("pay", "Pays.", |_: serde_json::Value| Ok::<_, String>(PAID.fetch_add(1, Ordering::SeqCst)))?;
/// let sandbox = Engine::new()?.sandbox(Toolbox::new([pay])?, Limits::default())?;
/// let broken = sandbox.run("await tools.pay({ bill: 7 }); oops()").await?;
///
/// let mended = sandbox.prepare("await tools.pay({ bill: 7 }); return 'done'").answers(Answers::of(&broken.calls));
/// assert_eq!(mended.finish().await?.value::<String>().unwrap()?, "done");
/// assert_eq!(PAID.load(Ordering::SeqCst), 1);
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Answers {
    known: BTreeMap<(String, String), VecDeque<Known>>,
    /// Calls that may have changed the world.
    acts: u32,
    /// The names of the runs whose journals these are from, and of those that these went on from.
    runs: BTreeSet<String>,
    continued: BTreeSet<String>,
    /// Whether calls that are not known must not be made.
    is_closed: bool,
}

impl Known {
    fn is_in_doubt(&self) -> bool {
        matches!(self.outcome, Outcome::InDoubt)
    }
}

impl Answers {
    /// The answers of calls that succeeded. Those that had begun when their run ended are in doubt.
    pub fn of<'a>(calls: impl IntoIterator<Item = &'a CallReport>) -> Self {
        let mut answers = Self::default();
        answers.add(calls);
        answers
    }

    /// Adds those of another run. Calls that were answered from a record are in that record.
    pub fn add<'a>(&mut self, calls: impl IntoIterator<Item = &'a CallReport>) {
        for call in calls.into_iter().filter(|call| !call.is_recalled) {
            let outcome = match &call.status {
                CallStatus::Succeeded(Some(result)) => Some(Outcome::Answer(Ok(Arc::clone(result)))),
                CallStatus::Succeeded(None) => Some(Outcome::Lost),
                CallStatus::Cancelled | CallStatus::Suspended if call.has_begun => Some(Outcome::InDoubt),
                _ => None,
            };
            let acts = call.effect != Effect::ReadOnly && outcome.is_some();
            if let (Some(outcome), Some(arguments)) = (outcome, call.asked.as_deref().or(call.arguments.as_deref())) {
                self.insert(&call.tool, arguments, RecordedCall { run: String::new(), id: call.id }, outcome);
            }
            self.acts += u32::from(acts);
        }
    }

    /// Those of a run that was recorded.
    pub fn of_journal(journal: &Journal) -> Self {
        let mut answers = Self::default();
        answers.add_journal(journal, false);
        answers
    }

    /// Those of several runs, each of which may have gone on from those before it.
    ///
    /// # Errors
    ///
    /// The name of a run that one of them went on from, and whose journal is not among them: what it did would be done again.
    pub fn of_journals(journals: &[Journal]) -> Result<Self, String> {
        let mut answers = Self::default();
        journals.iter().for_each(|journal| answers.add_journal(journal, false));
        match answers.continued.difference(&answers.runs).next() {
            None => Ok(answers),
            Some(run) => Err(run.clone()),
        }
    }

    /// All answers of a run that was recorded, failures too, for a script that is to be tried against them: what the journal has no
    /// answer to is refused, unless it is [opened](Self::open).
    pub fn for_trial(journal: &Journal) -> Self {
        let mut answers = Self { is_closed: true, ..Self::default() };
        answers.add_journal(journal, true);
        answers
    }

    fn add_journal(&mut self, journal: &Journal, is_trial: bool) {
        self.runs.insert(journal.run().to_owned());
        self.continued.extend(journal.begin.continues.iter().cloned());
        // What was recalled is in the journals before this one, which are not there for a trial.
        for call in journal.calls().filter(|call| is_trial || !call.is_recalled) {
            let outcome = match call.state {
                JournalCallState::Succeeded(result) => Some(Outcome::Answer(Ok(result.to_owned().into()))),
                JournalCallState::Failed(error) if is_trial => Some(Outcome::Answer(Err(error.clone()))),
                JournalCallState::InDoubt => Some(Outcome::InDoubt),
                _ => None,
            };
            let is_read_only = journal.begin.tools.get(call.tool).is_some_and(|tool| tool.is_read_only);
            let acts = !is_read_only && outcome.is_some();
            if let (Some(outcome), Some(arguments)) = (outcome, call.asked) {
                self.insert(call.tool, arguments, RecordedCall { run: journal.run().to_owned(), id: call.id }, outcome);
            }
            self.acts += u32::from(acts);
        }
    }

    /// Lets calls be made that are not known.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.is_closed = false;
        self
    }

    /// Lets a call in doubt be made again. False if it is not in doubt.
    pub fn repeat(&mut self, call: &RecordedCall) -> bool {
        let mut is_there = false;
        for known in self.known.values_mut() {
            let before = known.len();
            known.retain(|known| known.call != *call || !known.is_in_doubt());
            is_there |= known.len() < before;
        }
        is_there
    }

    /// Says what came of a call in doubt: it need not be made again. False if it is not in doubt.
    pub fn answer(&mut self, call: &RecordedCall, result: Box<RawValue>) -> bool {
        let mut known = self.known.values_mut().flatten();
        let Some(known) = known.find(|known| known.call == *call && known.is_in_doubt()) else { return false };
        known.outcome = Outcome::Answer(Ok(result.into()));
        true
    }

    /// How many answers there are, without those in doubt.
    pub fn count(&self) -> usize {
        self.known.values().flatten().filter(|known| !known.is_in_doubt()).count()
    }

    /// The calls that were made and of which nobody knows what came, in order.
    pub fn in_doubt(&self) -> Vec<RecordedCall> {
        let doubts = self.known.values().flatten().filter(|known| known.is_in_doubt());
        let mut doubts: Vec<RecordedCall> = doubts.map(|known| known.call.clone()).collect();
        doubts.sort_unstable();
        doubts
    }

    /// The names of the runs that these are from.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &String> {
        self.runs.iter()
    }

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.known.is_empty() && !self.is_closed
    }

    fn insert(&mut self, tool: &str, arguments: &RawValue, call: RecordedCall, outcome: Outcome) {
        let Ok(arguments) = json::parse(arguments.get()) else { return };
        let key = (tool.to_owned(), canonical(&arguments));
        let known = Known { call, outcome, acts_before: self.acts };
        self.known.entry(key).or_default().push_back(known);
    }
}

/// The answers of a run, as it goes on.
#[derive(Clone, Default)]
pub(crate) struct Memory(Option<Arc<Mutex<Recalling>>>);

/// What a call is answered with instead of being made.
pub(crate) enum Recalled {
    /// What it was answered before.
    Answer(Result<Arc<RawValue>, ToolError>),
    /// That it must not be made.
    Refused(ToolError),
}

struct Recalling {
    answers: Answers,
    /// Whether a call was made that may have changed the world.
    has_acted: bool,
    /// Calls of the record that may have changed the world and that were given again.
    acts: u32,
}

impl Memory {
    pub(crate) fn new(answers: Answers) -> Self {
        let is_any = !answers.is_empty();
        Self(is_any.then(|| Arc::new(Mutex::new(Recalling { answers, has_acted: false, acts: 0 }))))
    }

    /// What the call is answered with instead of being made.
    pub(crate) fn recall(&self, admitted: &Admitted, arguments: &Value) -> Option<Recalled> {
        let name = admitted.tool.name().as_str();
        let memory = self.0.as_ref().filter(|_| !is_built_in(name))?;
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let is_read_only = admitted.tool.effect() == Effect::ReadOnly;
        let (has_acted, acts, is_closed) = (memory.has_acted, memory.acts, memory.answers.is_closed);
        let refused = |message: String| Some(Recalled::Refused(ToolError::new(ToolErrorKind::Refused, message)));
        let known = memory.answers.known.get_mut(&(name.to_owned(), canonical(arguments)));
        match known.as_ref().and_then(|known| known.front()) {
            Some(known) if is_read_only && (has_acted || known.acts_before != acts) => None,
            Some(Known { call, outcome: Outcome::InDoubt, .. }) if !is_repeatable(&admitted.tool) => refused(format!(
                "`{name}` was not called: it was called before with these arguments, as call {} of a run that was stopped, and \
                 nobody knows whether it happened; find out before it is called again",
                call.id
            )),
            Some(Known { outcome: Outcome::Lost, .. }) if !is_repeatable(&admitted.tool) => refused(format!(
                "`{name}` was not called: it was called before with these arguments and succeeded, and its result was too large to be \
                 kept"
            )),
            None if is_closed => refused(format!("`{name}` was not called: the journal has no answer to this call")),
            _ => match known.and_then(VecDeque::pop_front) {
                Some(Known { outcome: Outcome::Answer(answer), .. }) => {
                    memory.acts += u32::from(!is_read_only);
                    Some(Recalled::Answer(answer))
                }
                _ => {
                    memory.has_acted |= !is_read_only;
                    None
                }
            },
        }
    }
}

/// The same text for the same JSON value, whatever the order of its keys.
fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            text.push('{');
            for (key, member) in sorted {
                // Writing to a string does not fail.
                let _ = write!(text, "{}:", Value::from(key.as_str()));
                write_canonical(member, text);
                text.push(',');
            }
            text.push('}');
        }
        scalar => drop(write!(text, "{scalar}")),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_count_and_everything_else_does() {
        let text = |text: &str| canonical(&serde_json::from_str(text).expect("it is JSON"));
        assert_eq!(text(r#"{"b":[1,{"y":2,"x":1}],"a":null}"#), text(r#"{"a":null,"b":[1,{"x":1,"y":2}]}"#));
        assert_eq!(text(r#"{"__proto__":1,"a":2}"#), text(r#"{"a":2,"__proto__":1}"#));
        for (one, other) in [
            (json!([1, 2]), json!([2, 1])),
            (json!("1"), json!(1)),
            (json!({ "a": {} }), json!({ "a": [] })),
            (json!({ "a,b": 1 }), json!({ "a": 1, "b": 1 })),
            (json!({ "a\":1,\"b": 1 }), json!({ "a": 1, "b": 1 })),
            (json!(["a,", "b"]), json!(["a", ",b"])),
        ] {
            assert_ne!(canonical(&one), canonical(&other));
        }
    }
}
