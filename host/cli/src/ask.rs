//! `agentloop run --prompt`: everything is checked before the model is asked, then one turn runs and is reported.

mod flags;
mod prompt;
mod report;
mod verdict;

use crate::arguments::{OutputForm, RunArguments};
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::history::History;
use crate::offer::Offer;
use crate::run::{broken, engine, no_runtime, not_written, runtime, sandbox};
use crate::terminal::{self, Screen, Tone};
use crate::view::{Detail, View};
use crate::{approval, human, interrupt, model, units};
use agentloop::{Agent, AgentError, Answer, Budgets, CancellationToken, FINISH, Spent, Transcript, Turn};
use agentloop_tools::policy::Ask;
pub(crate) use flags::check_without_prompt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use verdict::Verdict;

/// A turn that is over.
struct Ended {
    result: Result<Answer, AgentError>,
    transcript: Transcript,
    spent: Spent,
    took: Duration,
    /// Whether the conversation is in the file of `--history`; `None` without one.
    kept: Option<Result<(), Complaint>>,
}

/// Asks a model. How the turn ended is the answer; a complaint means that it, or its report, did not come about.
pub(crate) fn ask(arguments: &RunArguments, prompt: &str, screen: Screen) -> Result<Exit, Complaint> {
    flags::check(arguments)?;
    let form = flags::form(arguments);
    let prompt = prompt::read(prompt)?;
    let history = arguments.agent.history.as_deref().map(History::open).transpose()?;
    let runtime = runtime()?;
    let config = Config::of(&arguments.tools)?;
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let exit = ask_with(arguments, screen, &Asked { prompt, history, form }, (&offer, &config), &runtime);
    runtime.block_on(offer.stop());
    exit
}

/// What a turn begins with.
struct Asked {
    prompt: String,
    history: Option<History>,
    form: OutputForm,
}

/// Asks a model that has these tools.
fn ask_with(
    arguments: &RunArguments,
    screen: Screen,
    asked: &Asked,
    (offer, config): (&Offer, &Config),
    runtime: &Runtime,
) -> Result<Exit, Complaint> {
    let Asked { prompt, history, form } = asked;
    let form = *form;
    let asker = approval::asker(screen);
    let (agent, model) = agent(arguments, offer, (config, asker))?;
    let cancellation = CancellationToken::new();
    let detail = if arguments.verbose { Detail::Whole } else { Detail::Folded };
    let view = match form {
        OutputForm::Jsonl => View::of_events(screen, cancellation.clone()),
        _ if arguments.quiet => View::silent(screen),
        // A question stands where lines are drawn anew.
        _ if offer.may_ask() => View::of_lines(screen, detail),
        _ => View::of_progress(screen, detail),
    };
    let mut turn = Turn::new(prompt.as_str()).cancel_on(cancellation.clone());
    if let Some(seed) = arguments.seed {
        turn = turn.seed(seed);
    }
    if let Some(clock_ms) = arguments.clock_ms {
        turn = turn.clock_ms(clock_ms);
    }
    let ended = runtime.block_on(converse(&agent, turn, history.as_ref(), &view, cancellation))?;
    let verdict = Verdict::of(&ended.result, &arguments.agent);
    let written = match view.write_error() {
        Some(error) => Err(error),
        None => tell(
            form,
            &Told { ended: &ended, verdict: verdict.as_ref(), history: history.as_ref(), model: &model },
            &view,
        ),
    };
    if let (OutputForm::Text, Some(verdict)) = (form, &verdict) {
        verdict.say(screen);
        if !arguments.quiet {
            say_whether_kept(screen, &ended, history.as_ref());
        }
    }
    if !arguments.quiet && form != OutputForm::Jsonl {
        screen.say(Tone::Faint, "used", &used(&ended, &budgets(arguments)));
    }
    written.map_err(|error| not_written(&error))?;
    ended.kept.transpose()?;
    Ok(verdict.map_or(Exit::Finished, |verdict| verdict.exit))
}

/// The agent that the flags ask for, and the name of its model.
fn agent(
    arguments: &RunArguments,
    offer: &Offer,
    (config, asker): (&Config, Arc<dyn Ask>),
) -> Result<(Agent, String), Complaint> {
    let limits = arguments.limits.limits(&config.limits);
    let sandbox = sandbox(&engine()?, offer, limits.clone())?;
    if sandbox.toolbox().get(FINISH).is_some() {
        return Err(Complaint::new(
            Exit::Usage,
            format!("no tool can have the name `{FINISH}`: a script ends the task with it"),
            "give the tool another name where it comes from",
        ));
    }
    // Last, because it may begin a recording.
    let provider = model::provider(&arguments.agent)?;
    let model = provider.model().to_owned();
    let mut builder =
        Agent::builder(provider).tools(sandbox.toolbox().iter().cloned()).limits(limits).budgets(budgets(arguments));
    let governed = offer.governed.clone();
    builder = builder.gate_of_each_script(move || governed.gate(Arc::clone(&asker)));
    if let Some(system) = &arguments.agent.system {
        builder = builder.system(system);
    }
    let agent = builder.build().map_err(|error| broken(error.to_string()))?;
    Ok((agent, model))
}

fn budgets(arguments: &RunArguments) -> Budgets {
    let mut budgets = Budgets { tokens_max: arguments.agent.budget_tokens, ..Budgets::default() };
    if let Some(iterations) = arguments.agent.max_iterations {
        budgets.iterations_max = iterations;
    }
    budgets
}

/// Runs the turn. The conversation is kept before anything else is said, and before the next Ctrl-C ends the process.
async fn converse(
    agent: &Agent,
    turn: Turn,
    history: Option<&History>,
    view: &View,
    cancellation: CancellationToken,
) -> Result<Ended, Complaint> {
    let start = Instant::now();
    let interrupts = interrupt::cancel_on_interrupt(cancellation).map_err(no_runtime)?;
    let observed = view.clone();
    let mut turn = turn.on_event(move |event| observed.event(event));
    if let Some(history) = history {
        turn = turn.history(history.transcript.clone());
    }
    let drawing = view.keep_drawing();
    let ended = agent.run(turn).await;
    drawing.abort();
    let (result, transcript, spent) = match ended {
        Ok(output) => (Ok(output.answer), output.transcript, output.spent),
        Err(failure) => (Err(failure.error), failure.transcript, failure.spent),
    };
    let kept = history.map(|history| history.save(&transcript));
    interrupts.end();
    Ok(Ended { result, transcript, spent, took: start.elapsed(), kept })
}

/// What a report tells of.
struct Told<'a> {
    ended: &'a Ended,
    verdict: Option<&'a Verdict>,
    history: Option<&'a History>,
    model: &'a str,
}

/// What stands on standard output.
fn tell(form: OutputForm, told: &Told<'_>, view: &View) -> io::Result<()> {
    match (form, &told.ended.result) {
        (OutputForm::Json, _) => report::print(told),
        (OutputForm::Jsonl, _) => report::print_last_event(told),
        // Whoever watched the answer arrive need not read it twice.
        (OutputForm::Text, Ok(Answer::Text(text))) if terminal::stdout_is_terminal() && view.has_shown(text) => Ok(()),
        (OutputForm::Text, Ok(Answer::Text(text))) => terminal::print_result(text),
        (OutputForm::Text, Ok(Answer::Value(value))) => {
            terminal::print_result(&human::value_text(&serde_json::value::to_raw_value(value)?))
        }
        (OutputForm::Text, Err(_)) => Ok(()),
    }
}

/// After a turn without an answer: whether it can be taken up again.
fn say_whether_kept(screen: Screen, ended: &Ended, history: Option<&History>) {
    match (history, &ended.kept) {
        (Some(history), Some(Ok(()))) => {
            let name = history.name();
            screen.say(
                Tone::Faint,
                "kept",
                &format!("the conversation is in `{name}`; --history {name} takes it up again"),
            );
        }
        // Its complaint follows.
        (_, Some(Err(_))) => {}
        // There is nothing that would be missed.
        _ if ended.spent.iterations == 0 && !matches!(ended.result, Err(AgentError::Cancelled)) => {}
        _ => screen.say(Tone::Faint, "kept", "nothing: with --history FILE the conversation could be taken up again"),
    }
}

/// The line on what the turn spent.
fn used(ended: &Ended, budgets: &Budgets) -> String {
    let Spent { iterations, tokens, fuel, tool_calls, retries, .. } = ended.spent;
    let calls = if tool_calls == 1 { "1 call".to_owned() } else { format!("{tool_calls} calls") };
    let of = budgets.tokens_max.map(|allowed| format!(" of {}", units::grouped(allowed))).unwrap_or_default();
    let again = match retries {
        0 => String::new(),
        1 => ", 1 request made again".to_owned(),
        count => format!(", {count} requests made again"),
    };
    format!(
        "{iterations} of {} replies, {}{of} tokens ({} in, {} out), {} fuel, {calls}, {}{again}",
        budgets.iterations_max,
        units::grouped(tokens.total()),
        units::grouped(tokens.input),
        units::grouped(tokens.output),
        units::grouped(fuel),
        units::span(ended.took),
    )
}
