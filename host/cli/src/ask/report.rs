//! What `--json` prints of a turn, and the last line of `--output jsonl`: version 1 of `docs/turn.schema.json`. Fields may be
//! added, never changed.

use super::verdict::Verdict;
use super::{Ended, Told};
use crate::terminal::print_result;
use crate::view::write_line;
use agentloop::{Answer, Spent, Transcript};
use serde::Serialize;
use std::io;

const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Answer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Verdict>,
    spent: Expense<'a>,
    /// The file that has the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<&'a str>,
    /// The conversation, if no file has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<&'a Transcript>,
}

#[derive(Serialize)]
struct Expense<'a> {
    #[serde(flatten)]
    spent: &'a Spent,
    wall_ms: u64,
}

/// The last line of a log of events: as the event of the loop, and what it cost.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Last<'a> {
    Answer {
        #[serde(flatten)]
        answer: &'a Answer,
        spent: Expense<'a>,
        history: Option<&'a str>,
    },
    Error {
        #[serde(flatten)]
        verdict: &'a Verdict,
        spent: Expense<'a>,
        history: Option<&'a str>,
    },
}

/// Prints the object, on one line.
pub(super) fn print(told: &Told<'_>) -> io::Result<()> {
    let history = kept(told);
    print_result(&serde_json::to_string(&Report {
        version: VERSION,
        model: told.model,
        answer: told.ended.result.as_ref().ok(),
        error: told.verdict,
        spent: expense(told.ended),
        history,
        transcript: history.is_none().then_some(&told.ended.transcript),
    })?)
}

/// Prints the last line.
pub(super) fn print_last_event(told: &Told<'_>) -> io::Result<()> {
    let (spent, history) = (expense(told.ended), kept(told));
    match (&told.ended.result, told.verdict) {
        (Ok(answer), _) => write_line(&Last::Answer { answer, spent, history }),
        (Err(_), Some(verdict)) => write_line(&Last::Error { verdict, spent, history }),
        (Err(_), None) => Ok(()),
    }
}

fn expense(ended: &Ended) -> Expense<'_> {
    Expense { spent: &ended.spent, wall_ms: u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX) }
}

fn kept<'a>(told: &Told<'a>) -> Option<&'a str> {
    let history = told.history?;
    matches!(told.ended.kept, Some(Ok(()))).then(|| history.name())
}
