//! `agentloop run` with a script: everything is checked before anything runs, then one script runs and is reported.

use crate::arguments::{RunArguments, flag_of_limit};
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::problem::Problem;
use crate::status::Status;
use crate::terminal::{self, Screen};
use crate::{approval, ask, check, human, interrupt, report, script};
use agentloop_sandbox::{CancellationToken, Ending, Engine, Error, Limits, Outcome, Run, Sandbox};
use std::io;
use tokio::runtime::Runtime;

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
    let sandbox = sandbox(offer, limits)?;
    let script = script::read(&arguments.script, sandbox.limits().script_bytes_max)?;
    let literals = script::read_literals(&arguments.literals, sandbox.limits().literals_bytes_max)?;
    if arguments.check {
        let findings = runtime.block_on(sandbox.check(&script.text)).map_err(|error| complain(&error))?;
        if !findings.is_empty() {
            return check::report(&findings, &script, arguments.json, screen);
        }
    }
    let run = literals.into_iter().fold(sandbox.prepare(script.text), |run, (id, text)| run.literal(id, text));
    let run = run.gate(offer.gate(approval::asker(screen)));
    let outcome = runtime.block_on(execute(arguments, screen, run))?;
    let status = Status::of(&outcome.ending)
        .ok_or_else(|| broken(format!("agentloop does not know this ending: {:?}", outcome.ending)))?;
    let problem = Problem::of(&outcome, status, sandbox.toolbox());

    if !arguments.quiet {
        human::show_warnings(screen, &outcome);
    }
    let written = if arguments.json {
        let json = report::to_json(&outcome, status, problem.as_ref()).map_err(|error| broken(error.to_string()))?;
        terminal::print_result(&json)
    } else if let Ending::Finished(value) = &outcome.ending {
        terminal::print_result(&human::value_text(value))
    } else {
        Ok(())
    };
    if let Some(problem) = problem.filter(|_| !arguments.json) {
        human::show_problem(screen, status, &problem, script.path.as_deref());
    }
    if arguments.verbose {
        human::show_usage(screen, &outcome, sandbox.limits());
    }
    written.map_err(|error| not_written(&error))?;
    Ok(status.exit())
}

/// Tools and limits, or what is wrong with them.
pub(crate) fn sandbox(offer: &Offer, limits: Limits) -> Result<Sandbox, Complaint> {
    let engine = Engine::new().map_err(|error| complain(&error))?;
    engine.sandbox(offer.toolbox.clone(), limits).map_err(|error| complain(&error))
}

pub(crate) fn runtime() -> Result<Runtime, Complaint> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_runtime)
}

async fn execute(arguments: &RunArguments, screen: Screen, run: Run) -> Result<Outcome, Complaint> {
    let cancellation = CancellationToken::new();
    let interrupts = interrupt::cancel_on_interrupt(cancellation.clone()).map_err(no_runtime)?;
    let mut run = run.cancel_on(cancellation);
    if let Some(seed) = arguments.seed {
        run = run.seed(seed);
    }
    if let Some(clock_ms) = arguments.clock_ms {
        run = run.clock_ms(clock_ms);
    }
    if !arguments.quiet {
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
