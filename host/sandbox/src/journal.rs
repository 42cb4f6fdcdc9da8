//! The journal of a run: what it is made of, then everything that went in and came out, in order, one line of JSON each.
//!
//! A run is determined by its script, its environment and what it was given: so from a journal it can be run again, without its
//! tools, and does the same to the unit of fuel.

mod account;
mod entry;
mod playback;
mod record;

pub(crate) use entry::{Begin, End, Entry, FORMAT, Suspend, ToolTerms, answered};
pub(crate) use playback::{Next, Playback, Played};
pub(crate) use record::Tape;
pub use record::{Moment, Sink};

use crate::{ConsoleLine, ToolError};
use serde_json::value::RawValue;
use std::fmt;

/// Characters of a line that is shown to a person.
const SHOWN_CHARACTERS_MAX: usize = 300;

/// A journal that was read. [`Run::record`](crate::Run::record) writes them, [`Engine::replay`](crate::Engine::replay) runs them
/// again.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use agentloop_sandbox::{Engine, Journal, Limits, Tool, Toolbox};
/// use std::sync::{Arc, Mutex};
///
/// let pay = Tool::instant("pay", "Pays.", |_: serde_json::Value| Ok::<_, String>("paid"))?;
/// let sandbox = Engine::new()?.sandbox(Toolbox::new([pay])?, Limits::default())?;
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// sandbox.prepare("return await tools.pay({ amount: 3 })").record(Arc::clone(&lines)).finish().await?;
///
/// let journal = Journal::read(&lines.lock().unwrap())?;
/// let call = journal.calls().next().unwrap();
/// assert_eq!((call.tool, call.arguments.unwrap().get()), ("pay", r#"{"amount":3}"#));
/// assert!(journal.is_over() && Engine::new()?.replay(journal).await?.divergence.is_none());
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Journal {
    pub(crate) begin: Box<Begin<'static>>,
    pub(crate) entries: Vec<Entry<'static>>,
    is_torn: bool,
}

/// Why a text is not a journal that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// There is no whole line: the process ended before it had written one. Nothing of the run happened.
    #[error("the journal is empty: its run ended before it began")]
    Empty,
    /// It is something else.
    #[error("this is not the journal of a run: {reason}")]
    NotAJournal {
        /// What is wrong with its first line.
        reason: String,
    },
    /// A later version of agentloop wrote it.
    #[error(
        "the journal has format {format}, this version of agentloop reads format {FORMAT}: use the one that wrote it"
    )]
    Format {
        /// The version of its format.
        format: u32,
    },
    /// A line that is not the last one is damaged.
    #[error("line {line} of the journal is damaged: {reason}")]
    Damaged {
        /// Counts from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// A call, as far as a journal knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JournalCall<'a> {
    /// Counts from 0 within the run.
    pub id: u32,
    /// The tool.
    pub tool: &'a str,
    /// JSON text of the arguments that it was made with. `None` if it was refused before anybody looked at them.
    pub arguments: Option<&'a RawValue>,
    /// JSON text of the arguments that the script gave.
    pub asked: Option<&'a RawValue>,
    /// Whether its answer is from the journal of an earlier run.
    pub is_recalled: bool,
    /// What came of it.
    pub state: JournalCallState<'a>,
}

/// What came of a call, as far as a journal knows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JournalCallState<'a> {
    /// It was not made.
    NotMade,
    /// It was made, and there is no answer: it may have happened, or not.
    InDoubt,
    /// This was the answer, as JSON text.
    Succeeded(&'a RawValue),
    /// This was the answer.
    Failed(&'a ToolError),
}

/// Where a replay did something else than the run that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Divergence {
    /// The step, counted from 0.
    pub step: usize,
    /// The call, if it is about one.
    pub call: Option<u32>,
    /// What is in the journal, in words, cut to 300 characters.
    pub recorded: String,
    /// What the replay did.
    pub replayed: String,
}

impl fmt::Display for Divergence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, recorded, replayed, .. } = self;
        write!(formatter, "step {step} differs; recorded: {recorded}; replayed: {replayed}")
    }
}

impl Journal {
    /// Reads a journal. A last line that is not whole, as a process leaves it that was killed, is left out.
    ///
    /// # Errors
    ///
    /// [`JournalError`], for what no run can have left behind.
    pub fn read(bytes: &[u8]) -> Result<Self, JournalError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let mut lines = bytes[..whole].split_inclusive(|byte| *byte == b'\n').enumerate();
        let Some((_, first)) = lines.next() else { return Err(JournalError::Empty) };
        let not_a_journal = |reason: String| JournalError::NotAJournal { reason };
        let begin = match serde_json::from_slice(first) {
            Ok(Entry::Begin(begin)) if begin.format == FORMAT => begin,
            Ok(Entry::Begin(begin)) => return Err(JournalError::Format { format: begin.format }),
            Ok(_) => return Err(not_a_journal("its first line does not say what is run".to_owned())),
            Err(error) => {
                return Err(format_of(first)
                    .map_or_else(|| not_a_journal(error.to_string()), |format| JournalError::Format { format }));
            }
        };
        let entries = lines.map(|(index, line)| {
            serde_json::from_slice(line)
                .map_err(|error| JournalError::Damaged { line: index + 1, reason: error.to_string() })
        });
        Ok(Self { begin, entries: entries.collect::<Result<_, _>>()?, is_torn: whole < bytes.len() })
    }

    /// Whether the last line was not whole.
    pub fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether the run was over. If not, it was put aside, or its process was stopped.
    pub fn is_over(&self) -> bool {
        matches!(self.entries.last(), Some(Entry::End(_)))
    }

    /// Whether the run was put aside, and nobody has gone on with it.
    pub fn is_suspended(&self) -> bool {
        self.suspend().is_some()
    }

    /// Where the run stands, if it was put aside and nobody has gone on with it.
    pub(crate) fn suspend(&self) -> Option<&Suspend> {
        match self.entries.last() {
            Some(Entry::Suspend(suspend)) => Some(suspend),
            _ => None,
        }
    }

    /// Names the run, over all processes that it ran in. 32 hexadecimal digits.
    pub fn run(&self) -> &str {
        &self.begin.run
    }

    /// The script, as its author wrote it.
    pub fn script(&self) -> &str {
        &self.begin.script
    }

    /// Whether the component that ran it is the one of this program.
    pub fn is_of_this_component(&self) -> bool {
        self.begin.component == crate::fingerprint::COMPONENT
    }

    /// How the run ended, as JSON text: `{"finished":42}`, `{"threw":{…}}`, `"stuck"`, … `None` if it was not over.
    pub fn ending(&self) -> Option<&str> {
        match self.entries.last() {
            Some(Entry::End(end)) => Some(end.ending.get()),
            _ => None,
        }
    }

    /// What the script wrote to the console, in order.
    pub fn console(&self) -> impl Iterator<Item = ConsoleLine> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Console { level, text } => Some(ConsoleLine { level: *level, text: text.to_string() }),
            _ => None,
        })
    }

    /// The calls, in order.
    pub fn calls(&self) -> impl Iterator<Item = JournalCall<'_>> {
        let mut calls = Vec::new();
        for entry in &self.entries {
            match entry {
                Entry::Submit { call, tool, arguments, .. } => calls.push(JournalCall {
                    id: *call,
                    tool,
                    arguments: arguments.as_deref(),
                    asked: arguments.as_deref(),
                    is_recalled: false,
                    state: JournalCallState::NotMade,
                }),
                Entry::Start { call, arguments } => {
                    if let Some(made) = calls.get_mut(*call as usize) {
                        made.state = JournalCallState::InDoubt;
                        made.arguments = arguments.as_deref().or(made.arguments);
                    }
                }
                Entry::Answer { call, ok, error, is_recalled, .. } => {
                    let state = ok.as_deref().map(JournalCallState::Succeeded);
                    let state = state.or(error.as_deref().map(JournalCallState::Failed));
                    if let (Some(made), Some(state)) = (calls.get_mut(*call as usize), state) {
                        made.state = state;
                        made.is_recalled = *is_recalled;
                    }
                }
                _ => {}
            }
        }
        calls.into_iter()
    }
}

/// The format of a first line that cannot be read as one of ours.
fn format_of(line: &[u8]) -> Option<u32> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let format = line.get("begin")?.get("format")?.as_u64()?;
    u32::try_from(format).ok().filter(|format| *format != FORMAT)
}

/// A text as it is shown to a person.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
