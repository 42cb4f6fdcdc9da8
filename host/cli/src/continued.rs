//! Going on from the journals of earlier runs: `agentloop run --continue`.

use crate::arguments::{CallName, JournalArguments};
use crate::ended::Telling;
use crate::exit::{Complaint, Exit};
use crate::replay;
use crate::terminal::Tone;
use agentloop_sandbox::{Answers, RecordedCall, Run};
use serde_json::value::RawValue;

/// The run with the answers of those before it.
pub(crate) fn continued(run: Run, arguments: &JournalArguments, telling: &Telling<'_>) -> Result<Run, Complaint> {
    if arguments.continued.is_empty() {
        return Ok(run);
    }
    let journals = arguments.continued.iter().map(|path| replay::read(path)).collect::<Result<Vec<_>, _>>()?;
    let mut answers = Answers::of_journals(&journals).map_err(|run| {
        let message = format!("what is to be continued went on from run {run}, whose journal is not among those given");
        Complaint::new(Exit::Usage, message, "give the journals of both, each with --continue; nothing ran")
    })?;
    decide(&mut answers, arguments)?;
    if !telling.quiet {
        let screen = telling.screen;
        screen.say(Tone::Help, "continued", &format!("{} answers are there from before", answers.count()));
        let in_doubt = answers.in_doubt();
        for call in &in_doubt {
            let name = name(call, &in_doubt);
            let message = format!(
                "call {name} was made and has no answer; if the script makes it again it is refused, unless its tool can be called \
                 twice; --repeat {name} makes it again, --answer {name} JSON says what came of it"
            );
            screen.say(Tone::Warning, "in doubt", &message);
        }
    }
    Ok(run.answers(answers))
}

/// What the user knows of the calls in doubt.
fn decide(answers: &mut Answers, arguments: &JournalArguments) -> Result<(), Complaint> {
    for call in &arguments.repeat {
        let call = found(answers, "--repeat", call)?;
        answers.repeat(&call);
    }
    for pair in arguments.answer.chunks(2) {
        let [call, json] = pair else { continue };
        let not_so = |reason: String| {
            let help = "write it as in --answer 0 '{\"paid\":5}'; nothing ran";
            Complaint::new(Exit::Usage, format!("--answer: {reason}"), help)
        };
        let call = found(answers, "--answer", &CallName::parse(call).map_err(&not_so)?)?;
        let result = serde_json::from_str::<Box<RawValue>>(json);
        let result = result.map_err(|error| not_so(format!("what follows the call is not JSON: {error}")))?;
        answers.answer(&call, result);
    }
    Ok(())
}

/// The call in doubt that is meant.
fn found(answers: &Answers, flag: &str, wanted: &CallName) -> Result<RecordedCall, Complaint> {
    let in_doubt = answers.in_doubt();
    let mut found = in_doubt.iter().filter(|call| wanted.is_of(call));
    match (found.next(), found.next()) {
        (Some(call), None) => Ok(call.clone()),
        (None, _) => {
            let names: Vec<String> = in_doubt.iter().map(|call| name(call, &in_doubt)).collect();
            let those = if names.is_empty() { "none is".to_owned() } else { format!("{} are", names.join(", ")) };
            Err(Complaint::new(
                Exit::Usage,
                format!("{flag} {wanted}: this call is not in doubt"),
                format!("of the journals given, {those}; nothing ran"),
            ))
        }
        (Some(_), Some(_)) => Err(Complaint::new(
            Exit::Usage,
            format!("{flag} {wanted}: several of the runs have such a call in doubt"),
            format!("say which run, as in {flag} {}; nothing ran", name(&in_doubt[0], &in_doubt)),
        )),
    }
}

/// Digits of a run's name that tell runs apart well enough.
const RUN_DIGITS: usize = 8;

/// What to call a call: its number, and its run if there are several.
fn name(call: &RecordedCall, among: &[RecordedCall]) -> String {
    match among.iter().all(|other| other.run == call.run) {
        true => call.id.to_string(),
        false => format!("{}:{}", call.run.get(..RUN_DIGITS).unwrap_or(&call.run), call.id),
    }
}
