//! What is told of a run when it has come to an end: the value, the problem, the exit code.

use crate::exit::{Complaint, Exit};
use crate::problem::Problem;
use crate::run::{broken, not_written};
use crate::status::Status;
use crate::terminal::{self, Screen, Tone};
use crate::{human, report};
use agentloop_sandbox::{Ending, Outcome, Sandbox, Suspended};

/// How, and how much.
pub(crate) struct Telling<'a> {
    pub(crate) screen: Screen,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    /// The file of the script.
    pub(crate) path: Option<&'a str>,
}

impl Telling<'_> {
    /// Tells of a run. `name` is the one under which it was put aside.
    pub(crate) fn tell(&self, outcome: &Outcome, sandbox: &Sandbox, name: Option<&str>) -> Result<Exit, Complaint> {
        let status = Status::of(&outcome.ending)
            .ok_or_else(|| broken(format!("agentloop does not know this ending: {:?}", outcome.ending)))?;
        let problem = Problem::of(outcome, status, sandbox.toolbox());
        if !self.quiet {
            human::show_warnings(self.screen, outcome);
        }
        let written = match (&outcome.ending, name) {
            _ if self.json => {
                let json = report::to_json(outcome, status, problem.as_ref(), name);
                terminal::print_result(&json.map_err(|error| broken(error.to_string()))?)
            }
            (Ending::Finished(value), _) => terminal::print_result(&human::value_text(value)),
            (Ending::Suspended(suspended), Some(name)) => {
                self.tell_of_pause(name, suspended);
                terminal::print_result(name)
            }
            _ => Ok(()),
        };
        if let Some(problem) = problem.filter(|_| !self.json && status != Status::Paused) {
            human::show_problem(self.screen, status, &problem, self.path);
        }
        if self.verbose {
            human::show_usage(self.screen, outcome, sandbox.limits());
        }
        written.map_err(|error| not_written(&error))?;
        match &outcome.journal_error {
            Some(reason) if status != Status::NotRecorded => {
                let message = format!("the run is over, but its journal is not complete: {reason}");
                Err(Complaint::new(Exit::NotWritten, message, "make room, or name another file next time"))
            }
            _ => Ok(status.exit()),
        }
    }

    fn tell_of_pause(&self, name: &str, suspended: &Suspended) {
        let Some(call) = suspended.calls().next().map(|call| call.id) else {
            self.screen.say(Tone::Warning, "paused", &format!("run {name} was put aside"));
            return self.screen.say(Tone::Help, "help", &format!("agentloop resume {name} goes on"));
        };
        self.screen.say(Tone::Warning, "paused", &format!("run {name} waits for a decision"));
        self.screen.print(Tone::Plain, &questions(suspended).join("\n"));
        let help = format!(
            "agentloop resume {name} --approve {call}, or --reject {call} --reason TEXT, or --amend {call} JSON"
        );
        self.screen.say(Tone::Help, "help", &help);
    }
}

/// Characters of the arguments that are shown.
const ARGUMENTS_CHARACTERS_MAX: usize = 600;

/// What a run that was put aside waits for, a line each.
pub(crate) fn questions(suspended: &Suspended) -> Vec<String> {
    let line = |pending: report::Pending<'_>| {
        let arguments: String = pending.arguments.get().chars().take(ARGUMENTS_CHARACTERS_MAX).collect();
        let more = if arguments.len() < pending.arguments.get().len() { "… (cut)" } else { "" };
        let arguments = terminal::harmless(&arguments);
        let state = match pending.state {
            "in_doubt" => ", which was made and may have happened",
            "queued" => ", which has not had its turn",
            _ => "",
        };
        format!("  call {}: tools.{}({arguments}{more}){state}", pending.call, pending.tool)
    };
    report::pending(suspended).into_iter().map(line).collect()
}
