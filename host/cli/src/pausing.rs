//! Runs that may be put aside, and going on with them: `agentloop run --pause-on`, `agentloop resume`, `agentloop runs`.

use crate::arguments::{
    Arguments, Command, JournalArguments, PauseArgument, ResumeArguments, RunArguments, RunsArguments,
};
use crate::config::Config;
use crate::ended::{Telling, questions};
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::state::{Note, Parked, State, seconds};
use crate::terminal::{self, Screen, Tone};
use crate::{report, run};
use agentloop_sandbox::{Ending, Outcome, Resolution, ResumeError, Suspended, Unsealable};
use agentloop_tools::journal::{Durability, JournalFile};
use agentloop_tools::policy::Later;
use clap::Parser as _;
use serde_json::Value;
use std::env;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

/// How long a run can be resumed, unless a flag says otherwise.
const EXPIRES: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A run that may be put aside.
pub(crate) struct Pausing {
    state: State,
    name: String,
    arguments: Vec<String>,
    folder: PathBuf,
    expires: Duration,
}

impl Pausing {
    /// What the flags say. `None`: the run is not put aside.
    pub(crate) fn of(arguments: &JournalArguments) -> Result<Option<Self>, Complaint> {
        let Some(PauseArgument::Ask) = arguments.pause_on else {
            return match &arguments.state.state {
                None => Ok(None),
                Some(_) => Err(Complaint::new(
                    Exit::Usage,
                    "--state names the folder of runs that are put aside, and this one would not be",
                    "say when, with --pause-on ask",
                )),
            };
        };
        let state = State::open(arguments.state.state.as_deref())?;
        let name = state.name()?;
        let folder = env::current_dir().map_err(|error| state.not_written(&error))?;
        let arguments_of_run = env::args_os().skip(2).map(|argument| argument.to_string_lossy().into_owned()).collect();
        let expires = arguments.expires.unwrap_or(EXPIRES);
        Ok(Some(Self { state, name, arguments: arguments_of_run, folder, expires }))
    }

    /// Where its journal is written.
    pub(crate) fn journal(&self) -> PathBuf {
        self.state.journal(&self.name)
    }

    /// Keeps the run, if it was put aside. Its name, then.
    pub(crate) fn keep(self, outcome: &Outcome) -> Result<Option<String>, Complaint> {
        let Ending::Suspended(suspended) = &outcome.ending else {
            if !matches!(outcome.ending, Ending::NotRecorded { .. }) {
                self.state.forget(&self.name);
            }
            return Ok(None);
        };
        let now = SystemTime::now();
        let expires = seconds(now + self.expires);
        let note = Note { arguments: self.arguments, folder: self.folder, since: seconds(now), expires };
        self.state.put(&self.name, suspended, &note).map_err(|error| self.state.not_written(&error))?;
        Ok(Some(self.name))
    }
}

/// `agentloop runs`.
pub(crate) fn list(arguments: &RunsArguments, screen: Screen) -> Result<Exit, Complaint> {
    let state = State::open(arguments.state.state.as_deref())?;
    let not_written = |error: io::Error| state.not_written(&error);
    let waiting = state.waiting().map_err(not_written)?;
    let stopped = state.stopped().map_err(not_written)?;
    let text = if arguments.json {
        let waiting = waiting.iter().map(|parked| {
            serde_json::json!({
                "run": parked.name,
                "since": parked.note.since,
                "expires": parked.note.expires,
                "journal": state.journal(&parked.name),
                "pending": parked.suspended.as_ref().ok().map(report::pending),
                "error": parked.suspended.as_ref().err(),
            })
        });
        let stopped = stopped.iter().map(|name| {
            serde_json::json!({ "run": name, "journal": state.journal(name), "error": "its process was stopped" })
        });
        serde_json::to_string(&waiting.chain(stopped).collect::<Vec<_>>())
            .map_err(|error| run::broken(error.to_string()))?
    } else {
        let stopped = stopped.iter().map(|name| {
            let journal = state.journal(name).display().to_string();
            format!("{name}\n  its process was stopped; agentloop run SCRIPT --continue {journal} runs its script without doing again \
                     what was done")
        });
        waiting.iter().map(described).chain(stopped).collect::<Vec<_>>().join("\n")
    };
    if text.is_empty() {
        screen.say(Tone::Faint, "runs", "none is put aside");
        return Ok(Exit::Finished);
    }
    terminal::print_result(&text).map_err(|error| run::not_written(&error))?;
    Ok(Exit::Finished)
}

fn described(parked: &Parked) -> String {
    let lines = match &parked.suspended {
        Ok(suspended) => questions(suspended),
        Err(reason) => vec![format!("  {reason}")],
    };
    format!("{}\n{}", parked.name, lines.join("\n"))
}

/// `agentloop resume`.
pub(crate) fn resume(arguments: &ResumeArguments, screen: Screen) -> Result<Exit, Complaint> {
    let state = State::open(arguments.state.state.as_deref())?;
    let resolutions = resolutions(arguments)?;
    let Parked { name, note, suspended } = found(&state, &arguments.run)?;
    let suspended = suspended.map_err(|reason| Complaint::new(Exit::Usage, reason, "run the script anew"))?;
    env::set_current_dir(&note.folder).map_err(|error| {
        let message =
            format!("the folder `{}`, where the run began, cannot be entered: {error}", note.folder.display());
        Complaint::new(Exit::NotReadable, message, "put it back: the flags of the run are read there")
    })?;
    let began = began(&note)?;
    let config = Config::of(&began.tools)?;
    let runtime = run::runtime()?;
    let offer = runtime.block_on(Offer::open(&began.tools, &config, screen))?;
    let pausing = Pausing {
        state,
        name,
        arguments: note.arguments.clone(),
        folder: note.folder.clone(),
        expires: began.journal.expires.unwrap_or(EXPIRES),
    };
    let exit = resume_with(arguments, &began, (suspended, resolutions), (&offer, &config), pausing, &runtime, screen);
    runtime.block_on(offer.stop());
    exit
}

fn resume_with(
    arguments: &ResumeArguments,
    began: &RunArguments,
    (suspended, resolutions): (Suspended, Vec<(u32, Resolution)>),
    (offer, config): (&Offer, &Config),
    pausing: Pausing,
    runtime: &Runtime,
    screen: Screen,
) -> Result<Exit, Complaint> {
    let sandbox = run::sandbox(&run::engine()?, offer, began.limits.limits(&config.limits))?;
    let script = began.script.script.as_ref().map(|path| path.display().to_string());
    let telling = Telling {
        screen,
        json: arguments.json,
        quiet: arguments.quiet || began.quiet,
        verbose: began.verbose,
        path: script.as_deref(),
    };
    let durability = began.journal.sync.map(Durability::from).unwrap_or_default();
    let path = pausing.journal();
    let file = JournalFile::open(&path, durability).map_err(|error| {
        let message = format!("the journal `{}` of the run cannot be opened: {error}", path.display());
        Complaint::new(Exit::NotReadable, message, "another process may be going on with it; the run still waits")
    })?;
    let resumed = sandbox.resume(suspended).map_err(|error| not_resumed(&error))?;
    let resumed = resolutions.into_iter().fold(resumed, |run, (call, resolution)| run.resolve(call, resolution));
    let resumed = resumed.record(file).once(pausing.state.once()).gate(offer.gate(Arc::new(Later)));
    let outcome = runtime.block_on(run::execute(resumed, &telling, true))?;
    let again = match &outcome.ending {
        Ending::Suspended(_) => pausing.keep(&outcome)?,
        _ => None,
    };
    telling.tell(&outcome, &sandbox, again.as_deref())
}

fn found(state: &State, name: &str) -> Result<Parked, Complaint> {
    match state.get(name) {
        // The library says so as well, when two resume it at once.
        Ok(Some(parked)) if state.is_taken(&parked) => Err(not_resumed(&ResumeError::Spent)),
        Ok(Some(parked)) => Ok(parked),
        Ok(None) => {
            let message = format!("there is no run `{}` that was put aside", name.escape_debug());
            Err(Complaint::new(Exit::Usage, message, "agentloop runs lists those there are"))
        }
        Err(error) => Err(state.not_written(&error)),
    }
}

/// The flags that the run began with.
fn began(note: &Note) -> Result<Box<RunArguments>, Complaint> {
    let words = ["agentloop", "run"].into_iter().map(str::to_owned).chain(note.arguments.iter().cloned());
    match Arguments::try_parse_from(words).map(|arguments| arguments.command) {
        Ok(Command::Run(arguments)) => Ok(arguments),
        _ => Err(Complaint::new(
            Exit::Usage,
            "the flags that the run began with are not those of this version of agentloop",
            "resume it with the version that put it aside",
        )),
    }
}

/// What was decided, call by call.
fn resolutions(arguments: &ResumeArguments) -> Result<Vec<(u32, Resolution)>, Complaint> {
    let mut resolutions: Vec<(u32, Resolution)> = Vec::new();
    resolutions.extend(arguments.approve.iter().map(|call| (*call, Resolution::Approve)));
    resolutions.extend(arguments.repeat.iter().map(|call| (*call, Resolution::Repeat)));
    if arguments.reason.len() > arguments.reject.len() {
        return Err(Complaint::new(
            Exit::Usage,
            "there are more reasons than rejections",
            "give each --reject one --reason",
        ));
    }
    for (index, call) in arguments.reject.iter().enumerate() {
        let reason = arguments.reason.get(index).map_or("whoever was asked said no", String::as_str);
        resolutions.push((*call, Resolution::Reject(reason.to_owned())));
    }
    for pair in arguments.amend.chunks(2) {
        let (call, value) = call_and_value("--amend", pair)?;
        resolutions.push((call, Resolution::Amend(value)));
    }
    for pair in arguments.answer.chunks(2) {
        let (call, value) = call_and_value("--answer", pair)?;
        resolutions.push((call, Resolution::Answer(value)));
    }
    resolutions.sort_by_key(|(call, _)| *call);
    match resolutions.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        None => Ok(resolutions),
        Some(pair) => {
            let message = format!("two things are said about call {}", pair[0].0);
            Err(Complaint::new(Exit::Usage, message, "say one of them"))
        }
    }
}

fn call_and_value(flag: &str, pair: &[String]) -> Result<(u32, Value), Complaint> {
    let [call, json] = pair else { return Err(run::broken(format!("{flag} takes two values"))) };
    let number = call.parse().map_err(|_| {
        let message = format!("{flag}: `{}` is not the number of a call", call.escape_debug());
        Complaint::new(Exit::Usage, message, format!("write it as in {flag} 0 '{{\"amount\":5}}'"))
    })?;
    let value = serde_json::from_str(json).map_err(|error| {
        let message = format!("{flag}: what follows the number of the call is not JSON: {error}");
        Complaint::new(Exit::Usage, message, format!("write it as in {flag} {number} '{{\"amount\":5}}'"))
    })?;
    Ok((number, value))
}

/// Why a run was not resumed, and what to do.
pub(crate) fn not_resumed(error: &ResumeError) -> Complaint {
    let help = match error {
        ResumeError::Resolution { .. } => {
            "agentloop runs shows the calls; --approve, --reject, --amend, --answer and --repeat say what becomes of them"
        }
        ResumeError::Spent => "agentloop runs lists the runs that still wait",
        ResumeError::Sealed(Unsealable::Expired { .. }) => "run the script anew",
        ResumeError::Tools { .. } => "the servers or files that the run began with may have changed",
        ResumeError::Limits { .. } => "the configuration may have changed since: allow as much as it did then",
        _ => "the run still waits, as it did before",
    };
    Complaint::new(Exit::Usage, format!("the run was not resumed: {error}"), help)
}
