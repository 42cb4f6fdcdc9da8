//! Looking at journals: `agentloop replay`, `agentloop diff`, `agentloop stats`.

use crate::arguments::{DiffArguments, ReplayArguments, ScriptArguments, StatsArguments, ToolArguments};
use crate::config::Config;
use crate::ended::Telling;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::terminal::{self, Screen, Tone};
use crate::{approval, human, interrupt, ledger, run, script};
use agentloop_sandbox::{
    Answers, CallReport, CancellationToken, ConsoleLine, Engine, Journal, JournalCallState, Limits, Outcome, Replayed,
    Toolbox,
};
use std::path::Path;

/// Bytes of a journal that is looked at.
pub(crate) const JOURNAL_BYTES_MAX: usize = 1 << 30;
/// Calls that are named one by one.
const CALLS_NAMED_MAX: usize = 20;

/// Reads a journal.
pub(crate) fn read(path: &Path) -> Result<Journal, Complaint> {
    let name = path.display().to_string();
    let bytes = script::read_file(path, JOURNAL_BYTES_MAX).map_err(|error| {
        let message = script::cannot_read("journal", &name, &error);
        Complaint::new(Exit::NotReadable, message, "name a file that agentloop run --record has written")
    })?;
    Journal::read(&bytes).map_err(|error| {
        let help = "name a file that agentloop run --record has written, as it was written";
        Complaint::new(Exit::NotReadable, format!("`{name}`: {error}"), help)
    })
}

/// `agentloop replay`.
pub(crate) fn replay(arguments: &ReplayArguments, screen: Screen) -> Result<Exit, Complaint> {
    if !arguments.live && arguments.tools != ToolArguments::default() {
        let message = "a replay calls no tools, and there are flags about tools";
        return Err(Complaint::new(Exit::Usage, message, "leave them out, or try a script with --script FILE --live"));
    }
    let journal = read(&arguments.journal)?;
    if let Some(script) = &arguments.script {
        return against(arguments, &journal, script, screen);
    }
    say_what_is_in_doubt(&journal, screen);
    let engine = run::engine()?;
    let runtime = run::runtime()?;
    let recorded = Recorded::of(&journal);
    let replayed = runtime.block_on(async {
        let cancellation = CancellationToken::new();
        let interrupts = interrupt::cancel_on_interrupt(cancellation.clone()).map_err(run::no_runtime)?;
        let replayed = engine.replay_until(journal, cancellation.clone()).await;
        interrupts.end();
        match cancellation.is_cancelled() {
            true => Err(Complaint::silent(Exit::Cancelled)),
            false => replayed.map_err(|error| run::complain(&error)),
        }
    })?;
    match &replayed.outcome {
        Some(outcome) => print(arguments, outcome, &engine, screen)?,
        None if replayed.divergence.is_none() && !arguments.quiet => {
            recorded.console.iter().for_each(|line| human::show_console(screen, line));
        }
        None => {}
    }
    Ok(verdict(&replayed, &recorded, screen))
}

/// What is told of a journal that was run again, which takes it.
struct Recorded {
    calls: usize,
    ending: Option<String>,
    is_suspended: bool,
    console: Vec<ConsoleLine>,
}

impl Recorded {
    fn of(journal: &Journal) -> Self {
        let ending = journal.ending().map(str::to_owned);
        let (calls, console) = (journal.calls().count(), journal.console().collect());
        Self { calls, ending, is_suspended: journal.is_suspended(), console }
    }
}

/// Shows what the script did, as a run of it would.
fn print(arguments: &ReplayArguments, outcome: &Outcome, engine: &Engine, screen: Screen) -> Result<(), Complaint> {
    let telling = Telling { screen, json: arguments.json, quiet: arguments.quiet, verbose: false, path: None };
    if !arguments.quiet {
        outcome.console.iter().for_each(|line| human::show_console(screen, line));
    }
    let sandbox = engine.sandbox(Toolbox::default(), Limits::default()).map_err(|error| run::complain(&error))?;
    telling.tell(outcome, &sandbox, None).map(drop)
}

/// Says whether it did the same.
fn verdict(replayed: &Replayed, recorded: &Recorded, screen: Screen) -> Exit {
    if let Some(difference) = &replayed.divergence {
        let call = difference.call.map_or_else(String::new, |call| format!(", call {call}"));
        screen.say(Tone::Error, "differs", &format!("in step {}{call}", difference.step));
        screen.print(Tone::Plain, &format!("  recorded: {}\n  replayed: {}", difference.recorded, difference.replayed));
        return Exit::Differs;
    }
    let (steps, calls) = (replayed.steps, recorded.calls);
    let what = match replayed.is_exact {
        true => "the same, to the unit of fuel",
        false => "the same, fuel and memory apart: another version of the sandbox recorded it",
    };
    let until = match (&replayed.outcome, &recorded.ending) {
        (Some(_), Some(_)) => String::new(),
        (_, Some(ending)) => format!("; then it was ended from outside: {ending}"),
        (_, None) if recorded.is_suspended => "; then it was put aside".to_owned(),
        (_, None) => "; then its process was stopped".to_owned(),
    };
    screen.say(Tone::Help, "replayed", &format!("{what} ({steps} steps, {calls} calls){until}"));
    Exit::Finished
}

/// Names the calls that may or may not have happened.
fn say_what_is_in_doubt(journal: &Journal, screen: Screen) {
    let in_doubt = journal.calls().filter(|call| matches!(call.state, JournalCallState::InDoubt));
    for call in in_doubt.take(CALLS_NAMED_MAX) {
        let arguments = call.arguments.map_or("…", |arguments| arguments.get());
        let call = format!(
            "call {} was made and has no answer: tools.{}({})",
            call.id,
            call.tool,
            terminal::harmless(arguments)
        );
        screen.say(Tone::Warning, "in doubt", &call);
    }
}

/// Runs another script against the answers of a journal.
fn against(arguments: &ReplayArguments, journal: &Journal, path: &Path, screen: Screen) -> Result<Exit, Complaint> {
    let runtime = run::runtime()?;
    if !arguments.live {
        return runtime.block_on(try_script(arguments, journal, path, None, screen));
    }
    let config = Config::of(&arguments.tools)?;
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let exit = runtime.block_on(try_script(arguments, journal, path, Some(&offer), screen));
    runtime.block_on(offer.stop());
    exit
}

/// With an offer of tools, calls that the journal has no answer to are made.
async fn try_script(
    arguments: &ReplayArguments,
    journal: &Journal,
    path: &Path,
    offer: Option<&Offer>,
    screen: Screen,
) -> Result<Exit, Complaint> {
    let limits = journal.limits().clone();
    let named = ScriptArguments { script: Some(path.to_owned()), eval: None };
    let script = script::read(&named, limits.script_bytes_max)?;
    let engine = run::engine()?;
    let answers = Answers::for_trial(journal);
    let (toolbox, answers) = match offer {
        Some(offer) => (offer.toolbox.clone(), answers.open()),
        None => (journal.toolbox().map_err(|error| run::complain(&error))?, answers),
    };
    let sandbox = engine.sandbox(toolbox, limits).map_err(|error| run::complain(&error))?;
    let path = script.path.as_deref();
    let telling = Telling { screen, json: arguments.json, quiet: arguments.quiet, verbose: false, path };
    let mut tried = journal.environment(sandbox.prepare(script.text)).answers(answers);
    if let Some(offer) = offer {
        tried = tried.gate(offer.gate(approval::asker(screen)));
    }
    let outcome = run::execute(tried, &telling, false).await?;
    let exit = telling.tell(&outcome, &sandbox, None)?;
    let (recalled, new): (Vec<_>, Vec<_>) = outcome.calls.iter().partition(|call| call.is_recalled);
    let (recalled, count) = (recalled.len(), new.len());
    screen.say(Tone::Help, "replayed", &format!("{recalled} calls were answered from the journal, {count} are new"));
    if !new.is_empty() {
        let lines: Vec<String> = new.iter().take(CALLS_NAMED_MAX).map(|call| described(call)).collect();
        screen.print(Tone::Plain, &lines.join("\n"));
    }
    Ok(if !new.is_empty() && !arguments.live && exit == Exit::Finished { Exit::Differs } else { exit })
}

fn described(call: &CallReport) -> String {
    let arguments = call.arguments.as_ref().map_or("…", |arguments| arguments.get());
    format!("  new: call {}: tools.{}({})", call.id, call.tool, terminal::harmless(arguments))
}

/// `agentloop diff`.
pub(crate) fn diff(arguments: &DiffArguments, screen: Screen) -> Result<Exit, Complaint> {
    let (first, second) = (read(&arguments.first)?, read(&arguments.second)?);
    let others = first.beginnings(&second);
    let difference = first.difference(&second);
    let mut lines: Vec<String> = others.iter().map(|what| format!("{what}: not the same")).collect();
    if let Some(difference) = &difference {
        let call = difference.call.map_or_else(String::new, |call| format!(", call {call}"));
        lines.push(format!("step {}{call}:", difference.step));
        lines.push(format!("  {}: {}", arguments.first.display(), terminal::harmless(&difference.recorded)));
        lines.push(format!("  {}: {}", arguments.second.display(), terminal::harmless(&difference.replayed)));
    }
    if lines.is_empty() {
        screen.say(Tone::Help, "diff", "both did the same, to the unit of fuel");
        return Ok(Exit::Finished);
    }
    terminal::print_result(&lines.join("\n")).map_err(|error| run::not_written(&error))?;
    Ok(Exit::Differs)
}

/// `agentloop stats`.
pub(crate) fn stats(arguments: &StatsArguments) -> Result<Exit, Complaint> {
    let journal = read(&arguments.journal)?;
    let usage = journal.usage();
    let text = match arguments.json {
        true => serde_json::to_string(&serde_json::json!({
            "run": journal.run(),
            "ending": journal.ending().and_then(|ending| serde_json::from_str::<serde_json::Value>(ending).ok()),
            "usage": usage,
        }))
        .map_err(|error| run::broken(error.to_string()))?,
        false => ledger::table(&usage, journal.limits(), journal.ending()),
    };
    terminal::print_result(&text).map_err(|error| run::not_written(&error))?;
    Ok(Exit::Finished)
}
