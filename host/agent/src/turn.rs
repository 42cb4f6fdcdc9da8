//! What to do with a reply. Pure: a transcript and a reply go in, a step comes out.

use crate::provider::{Reply, ReplyStyle};
use crate::reply::{Meaning, Script, meaning};
use crate::transcript::{Interaction, ScriptReport, Transcript};

/// What a turn allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How scripts are given.
    pub style: ReplyStyle,
    /// Replies in a row that cannot be used. One more ends the turn.
    pub repairs_max: u32,
    /// The same script, or the same failing call, so many times in a turn ends it. Before that the model is warned.
    pub repeats_max: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { style: ReplyStyle::NativeTool, repairs_max: 2, repeats_max: 3 }
    }
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Run these scripts, in order, then ask again.
    Run(Vec<Script>),
    /// Tell the model something, for each native call that waits if there are any, then ask again.
    Tell {
        /// What.
        text: String,
        /// The calls that wait for a result.
        call_ids: Vec<String>,
    },
    /// The turn is answered.
    Answer(String),
    /// The turn is over: too many replies that cannot be used.
    GiveUp {
        /// How many.
        replies: u32,
        /// What was wrong with the last.
        why: String,
    },
    /// The turn is over: the model goes in circles.
    Stagnated {
        /// What it repeats.
        what: String,
    },
}

/// Decides what to do with `reply`, which is not in the transcript yet.
///
/// ```
/// use agentloop::turn::{Rules, Step, next};
/// use agentloop::{Reply, Transcript};
///
/// let reply = Reply { text: "Oslo".to_owned(), ..Reply::default() };
/// assert_eq!(next(&Transcript::default(), &reply, &Rules::default()), Step::Answer("Oslo".to_owned()));
/// ```
pub fn next(transcript: &Transcript, reply: &Reply, rules: &Rules) -> Step {
    match meaning(reply, rules.style) {
        Meaning::Answer(text) => Step::Answer(text),
        Meaning::Unusable { why, call_ids } => {
            let replies = unusable_in_a_row(transcript) + 1;
            if replies > rules.repairs_max { Step::GiveUp { replies, why } } else { Step::Tell { text: why, call_ids } }
        }
        Meaning::Scripts(scripts) => of_scripts(transcript, scripts, rules),
    }
}

fn of_scripts(transcript: &Transcript, scripts: Vec<Script>, rules: &Rules) -> Step {
    for script in &scripts {
        let sent = times_sent(transcript, script, rules);
        if sent + 1 >= rules.repeats_max {
            return Step::Stagnated { what: format!("the same script {} times", sent + 1) };
        }
        if let Some(last) = last_run(transcript, script).filter(|report| !report.is_success()) {
            let text = format!(
                "This is the same script as before; it was not run again. It ended like this:\n\n{}\n\nDo it another way.",
                last.feedback
            );
            let call_ids = scripts.iter().filter_map(|script| script.call_id.clone()).collect();
            return Step::Tell { text, call_ids };
        }
    }
    Step::Run(scripts)
}

fn replies(transcript: &Transcript) -> impl DoubleEndedIterator<Item = Reply> {
    transcript.turn().iter().filter_map(|interaction| match interaction {
        Interaction::Model { text, calls, usage } => {
            Some(Reply { text: text.clone(), calls: calls.clone(), usage: *usage, ..Reply::default() })
        }
        _ => None,
    })
}

fn times_sent(transcript: &Transcript, script: &Script, rules: &Rules) -> u32 {
    let is_same = |other: &&Script| script.is_same_as(&other.source, &other.literals);
    let count: usize = replies(transcript)
        .map(|reply| match meaning(&reply, rules.style) {
            Meaning::Scripts(scripts) => scripts.iter().filter(is_same).count(),
            _ => 0,
        })
        .sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn last_run<'a>(transcript: &'a Transcript, script: &Script) -> Option<&'a ScriptReport> {
    reports(transcript).filter(|report| script.is_same_as(&report.script, &report.literals)).last()
}

fn reports(transcript: &Transcript) -> impl Iterator<Item = &ScriptReport> {
    transcript.turn().iter().filter_map(|interaction| match interaction {
        Interaction::Script(report) => Some(report),
        _ => None,
    })
}

/// Notes since the last script, or since the prompt: each answers a reply that could not be used.
fn unusable_in_a_row(transcript: &Transcript) -> u32 {
    let since = transcript.turn().iter().rev();
    let since =
        since.take_while(|interaction| matches!(interaction, Interaction::Note { .. } | Interaction::Model { .. }));
    let count = since.filter(|interaction| matches!(interaction, Interaction::Note { .. })).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// What a script that has just run says about circles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Circle {
    /// None.
    None,
    /// Warn the model.
    Warn(String),
    /// End the turn.
    Stop(String),
}

/// Looks whether `report`, which is not in the transcript yet, repeats a call that has failed before.
pub fn circle(transcript: &Transcript, report: &ScriptReport, rules: &Rules) -> Circle {
    let mut worst = Circle::None;
    for failed in report.calls.iter().filter(|call| call.error.is_some()) {
        let is_same = |call: &&crate::transcript::CallNote| *call == failed;
        let before = reports(transcript).filter(|report| report.calls.iter().any(|call| is_same(&call))).count();
        let times = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        if times >= rules.repeats_max {
            return Circle::Stop(format!("the call of `{}` failed {times} times in the same way", failed.tool));
        }
        if times > 1 {
            worst = Circle::Warn(format!(
                "The call of `{}` has now failed {times} times in the same way. Another attempt will not help: do it \
                 another way, or say why it cannot be done.",
                failed.tool
            ));
        }
    }
    worst
}

#[cfg(test)]
mod tests;
