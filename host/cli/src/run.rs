//! `agentloop run` with a script: everything is checked before anything runs, then one script runs and is reported.

use crate::arguments::{JournalArguments, RunArguments, flag_of_limit};
use crate::config::Config;
use crate::continued::continued;
use crate::ended::Telling;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::pausing::{self, Pausing};
use crate::terminal::Screen;
use crate::{approval, ask, check, human, interrupt, script};
use agentloop_sandbox::{CancellationToken, Engine, Error, Limits, Outcome, Run, Sandbox};
use agentloop_tools::journal::{Durability, JournalFile};
use agentloop_tools::policy::{Ask, Later};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// For calls that have begun, when the process is told to end. More would be taken for a process that hangs.
const GRACE: Duration = Duration::from_secs(5);

/// Runs a script. How it ended is the answer; a complaint means that the run, or its report, did not come about.
pub(crate) fn run(arguments: &RunArguments, screen: Screen) -> Result<Exit, Complaint> {
    if let Some(prompt) = &arguments.agent.prompt {
        return ask::ask(arguments, prompt, screen);
    }
    ask::check_without_prompt(arguments)?;
    let config = Config::of(&arguments.tools)?;
    let runtime = runtime()?;
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let exit = run_with(arguments, screen, (&offer, arguments.limits.limits(&config.limits)), &runtime);
    runtime.block_on(offer.stop());
    exit
}

/// Runs a script with these tools, under these limits.
fn run_with(
    arguments: &RunArguments,
    screen: Screen,
    (offer, limits): (&Offer, Limits),
    runtime: &Runtime,
) -> Result<Exit, Complaint> {
    let sandbox = sandbox(&engine()?, offer, limits)?;
    let script = script::read(&arguments.script, sandbox.limits().script_bytes_max)?;
    let literals = script::read_literals(&arguments.literals, sandbox.limits().literals_bytes_max)?;
    if arguments.check {
        let findings = runtime.block_on(sandbox.check(&script.text)).map_err(|error| complain(&error))?;
        if !findings.is_empty() {
            return check::report(&findings, &script, arguments.json, screen);
        }
    }
    let mut run = literals.into_iter().fold(sandbox.prepare(script.text), |run, (id, text)| run.literal(id, text));
    if let Some(seed) = arguments.seed {
        run = run.seed(seed);
    }
    if let Some(clock_ms) = arguments.clock_ms {
        run = run.clock_ms(clock_ms);
    }
    let telling = Telling {
        screen,
        json: arguments.json,
        quiet: arguments.quiet,
        verbose: arguments.verbose,
        path: script.path.as_deref(),
    };
    let pausing = Pausing::of(&arguments.journal)?;
    let run = continued(run, &arguments.journal, &telling)?;
    let run = journaled(run, &arguments.journal, pausing.as_ref())?;
    let asker: Arc<dyn Ask> = if pausing.is_some() { Arc::new(Later) } else { approval::asker(screen) };
    let run = run.gate(offer.gate(asker));
    let outcome = runtime.block_on(execute(run, &telling, pausing.is_some()))?;
    let name = pausing.map(|pausing| pausing.keep(&outcome)).transpose()?.flatten();
    telling.tell(&outcome, &sandbox, name.as_deref())
}

/// The run with its journal: the one that was asked for, or that of a run that may be put aside.
fn journaled(run: Run, arguments: &JournalArguments, pausing: Option<&Pausing>) -> Result<Run, Complaint> {
    let durability = arguments.sync.map(Durability::from).unwrap_or_default();
    let path = match (&arguments.record, pausing) {
        (Some(path), None) => path.clone(),
        (None, Some(pausing)) => pausing.journal(),
        (None, None) if arguments.sync.is_some() => {
            let message = "--sync says how safely a journal is kept, and this run would have none";
            return Err(Complaint::new(Exit::Usage, message, "record one with --record FILE, or leave --sync out"));
        }
        (None, None) => return Ok(run),
        (Some(_), Some(_)) => {
            let message =
                "--record and --pause-on do not go together: a run that may be put aside has a journal of its own";
            return Err(Complaint::new(
                Exit::Usage,
                message,
                "leave --record out; `agentloop runs` says where the journal is",
            ));
        }
    };
    let file = JournalFile::create(&path, durability).map_err(|error| not_recorded(&path, &error))?;
    Ok(run.record(file))
}

fn not_recorded(path: &Path, error: &io::Error) -> Complaint {
    let name = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => Complaint::new(
            Exit::Usage,
            format!("the journal `{name}` is there already, and journals are not overwritten"),
            "name another file, which need not exist; nothing ran",
        ),
        _ => Complaint::new(
            Exit::NotWritten,
            format!("the journal `{name}` cannot be made: {error}"),
            "name a file in a folder that you may write to; nothing ran",
        ),
    }
}

/// Runs at the same time, in all commands but `mcp`: these make one after the other, and start sooner with a small pool.
const INSTANCES: u32 = 16;

pub(crate) fn engine() -> Result<Engine, Complaint> {
    Engine::with_instances(INSTANCES).map_err(|error| complain(&error))
}

/// Tools and limits, or what is wrong with them.
pub(crate) fn sandbox(engine: &Engine, offer: &Offer, limits: Limits) -> Result<Sandbox, Complaint> {
    engine.sandbox(offer.toolbox.clone(), limits).map_err(|error| complain(&error))
}

pub(crate) fn runtime() -> Result<Runtime, Complaint> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)
}

/// Runs to the end, or until the run is put aside.
pub(crate) async fn execute(run: Run, telling: &Telling<'_>, may_pause: bool) -> Result<Outcome, Complaint> {
    let cancellation = CancellationToken::new();
    let interrupts = interrupt::cancel_on_interrupt(cancellation.clone()).map_err(no_runtime)?;
    let mut run = run.cancel_on(cancellation);
    if may_pause {
        let token = CancellationToken::new();
        interrupt::cancel_on_termination(token.clone()).map_err(no_runtime)?;
        run = run.suspend_on(token).suspend_within(GRACE);
    }
    if !telling.quiet {
        let screen = telling.screen;
        run = run.on_console(move |line| human::show_console(screen, line));
    }
    let outcome = run.finish().await;
    interrupts.end();
    outcome.map_err(|error| complain(&error))
}

/// An error of the library, told in terms of the command line.
pub(crate) fn complain(error: &Error) -> Complaint {
    match error {
        Error::Limit { limit, reason } => match flag_of_limit(limit) {
            Some((flag, example)) => Complaint::new(
                Exit::Usage,
                format!("{flag}: {reason}"),
                format!("give another value, as in {flag} {example}"),
            ),
            None => Complaint::new(Exit::Usage, error.to_string(), "see agentloop run --help"),
        },
        Error::Resume(error) => pausing::not_resumed(error),
        Error::Journal { reason } => Complaint::new(
            Exit::NotWritten,
            format!("the journal cannot be written: {reason}"),
            "nothing ran; see agentloop runs for what is there",
        ),
        Error::Unsupported { source, .. } => {
            Complaint { exit: Exit::Host, message: error.to_string(), help: Some(format!("the cause: {source:#}")) }
        }
        _ => broken(error.to_string()),
    }
}

pub(crate) fn broken(message: String) -> Complaint {
    Complaint::new(Exit::Host, message, "this is a fault of agentloop, not of the script; please report both")
}

pub(crate) fn no_runtime(error: io::Error) -> Complaint {
    Complaint::new(
        Exit::Host,
        format!("the run could not be set up: {error}"),
        "check the limits on open files and processes (`ulimit -a`)",
    )
}

pub(crate) fn not_written(error: &io::Error) -> Complaint {
    match error.kind() {
        // As in `agentloop run … | head -1`: nobody wants the rest.
        io::ErrorKind::BrokenPipe => Complaint::silent(Exit::NotWritten),
        _ => Complaint::new(
            Exit::NotWritten,
            format!("the result could not be written to standard output: {error}"),
            "check where it goes: a full disk, for example",
        ),
    }
}
