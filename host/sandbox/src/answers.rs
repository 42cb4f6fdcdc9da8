//! Answers that calls got before: given again instead of making the calls, so that a script can be mended and run again without doing
//! anything twice.

use crate::discovery::is_built_in;
use crate::execute::Admitted;
use crate::suspend::is_repeatable;
use crate::{CallReport, CallStatus, Effect, Journal, JournalCallState, ToolError, ToolErrorKind, json};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

/// What came of a call.
#[derive(Clone, Debug)]
enum Known {
    Answer(Result<Arc<RawValue>, ToolError>),
    /// The call of this number was made, and nobody knows what came of it.
    InDoubt(u32),
}

/// Answers that calls got in an earlier run. [`Run::answers`](crate::Run::answers) gives them again: a call of the same tool with the
/// same arguments, as JSON has it, whatever the order of keys, is not made. The first such call gets the first answer, the second the
/// second.
///
/// What was only read may be out of date once something was changed: after the first call that is made and that is not of a
/// read-only tool, calls of read-only tools are made as well.
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
    /// Whether calls that are not known must not be made.
    is_closed: bool,
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
            let (Some(arguments), tool) = (&call.arguments, &call.tool) else { continue };
            match &call.status {
                CallStatus::Succeeded(Some(result)) => {
                    self.insert(tool, arguments, Known::Answer(Ok(Arc::clone(result))));
                }
                CallStatus::Cancelled | CallStatus::Suspended if call.has_begun => {
                    self.insert(tool, arguments, Known::InDoubt(call.id));
                }
                _ => {}
            }
        }
    }

    /// Those of a run that was recorded.
    pub fn of_journal(journal: &Journal) -> Self {
        let mut answers = Self::default();
        for call in journal.calls() {
            let Some(arguments) = call.arguments else { continue };
            let known = match call.state {
                JournalCallState::Succeeded(result) => Known::Answer(Ok(result.to_owned().into())),
                JournalCallState::InDoubt => Known::InDoubt(call.id),
                _ => continue,
            };
            answers.insert(call.tool, arguments, known);
        }
        answers
    }

    /// All answers of a run that was recorded, failures too, for a script that is to be tried against them: what the journal has no
    /// answer to is refused, unless it is [opened](Self::open).
    pub fn for_trial(journal: &Journal) -> Self {
        let mut answers = Self { is_closed: true, ..Self::default() };
        for call in journal.calls() {
            let Some(arguments) = call.arguments else { continue };
            let known = match call.state {
                JournalCallState::Succeeded(result) => Ok(result.to_owned().into()),
                JournalCallState::Failed(error) => Err(error.clone()),
                _ => continue,
            };
            answers.insert(call.tool, arguments, Known::Answer(known));
        }
        answers
    }

    /// Lets calls be made that are not known.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.is_closed = false;
        self
    }

    /// Lets a call in doubt be made again. False if this call is not in doubt.
    pub fn repeat(&mut self, call: u32) -> bool {
        let mut is_found = false;
        for known in self.known.values_mut() {
            known.retain(|known| {
                let is_it = matches!(known, Known::InDoubt(id) if *id == call);
                is_found |= is_it;
                !is_it
            });
        }
        is_found
    }

    /// The answers there are, and the calls in doubt.
    pub fn count(&self) -> (usize, Vec<u32>) {
        let known = self.known.values().flatten();
        let mut doubts: Vec<u32> = Vec::new();
        let mut answers = 0;
        for known in known {
            match known {
                Known::Answer(_) => answers += 1,
                Known::InDoubt(call) => doubts.push(*call),
            }
        }
        doubts.sort_unstable();
        (answers, doubts)
    }

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.known.is_empty() && !self.is_closed
    }

    fn insert(&mut self, tool: &str, arguments: &RawValue, known: Known) {
        let Ok(arguments) = json::parse(arguments.get()) else { return };
        let key = (tool.to_owned(), canonical(&arguments));
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
}

impl Memory {
    pub(crate) fn new(answers: Answers) -> Self {
        let is_any = !answers.is_empty();
        Self(is_any.then(|| Arc::new(Mutex::new(Recalling { answers, has_acted: false }))))
    }

    /// What the call is answered with instead of being made.
    pub(crate) fn recall(&self, admitted: &Admitted, arguments: &Value) -> Option<Recalled> {
        let name = admitted.tool.name().as_str();
        let memory = self.0.as_ref().filter(|_| !is_built_in(name))?;
        let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
        let is_read_only = admitted.tool.effect() == Effect::ReadOnly;
        if is_read_only && memory.has_acted {
            return None;
        }
        let known = memory.answers.known.get_mut(&(name.to_owned(), canonical(arguments)));
        let refused = |message: String| Some(Recalled::Refused(ToolError::new(ToolErrorKind::Refused, message)));
        match known.and_then(VecDeque::pop_front) {
            Some(Known::Answer(answer)) => Some(Recalled::Answer(answer)),
            Some(Known::InDoubt(call)) if !is_repeatable(&admitted.tool) => refused(format!(
                "`{name}` was not called: it was called before with these arguments, as call {call} of a run that was stopped, and \
                 nobody knows whether it happened; find out before it is called again"
            )),
            None if memory.answers.is_closed => {
                refused(format!("`{name}` was not called: the journal has no answer to this call"))
            }
            _ => {
                memory.has_acted |= !is_read_only;
                None
            }
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
