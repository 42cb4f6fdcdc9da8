//! Which flags of `agentloop run` go together. Pure.

use crate::arguments::{OutputForm, RunArguments};
use crate::exit::{Complaint, Exit};

/// A flag that is given, and what to do instead.
type Misplaced = (bool, &'static str, &'static str);

const A_SCRIPT_OF_YOURS: &str = "leave it out: it is for a script of yours, run without --prompt";

/// What standard output is asked to have.
pub(super) fn form(arguments: &RunArguments) -> OutputForm {
    match arguments.agent.output {
        Some(form) => form,
        None if arguments.json => OutputForm::Json,
        None => OutputForm::Text,
    }
}

/// With `--prompt`: what belongs to a script of one's own does not go with it.
pub(super) fn check(arguments: &RunArguments) -> Result<(), Complaint> {
    let (agent, journal) = (&arguments.agent, &arguments.journal);
    if let Some(script) = &arguments.script.script {
        return Err(Complaint::new(
            Exit::Usage,
            format!("--prompt and the script `{}` do not go together: the model writes the scripts", script.display()),
            "put the whole prompt into quotes; or leave --prompt out to run the script",
        ));
    }
    let others: [Misplaced; 10] = [
        (arguments.script.eval.is_some(), "--eval", "leave it out: the model writes the scripts"),
        (
            arguments.check,
            "--check",
            "leave it out: it looks at a script of yours, and the model hears of its mistakes",
        ),
        (!arguments.literals.is_empty(), "--literal", "leave it out, and put the text into the prompt"),
        (journal.record.is_some(), "--record", A_SCRIPT_OF_YOURS),
        (journal.sync.is_some(), "--sync", A_SCRIPT_OF_YOURS),
        (
            !journal.continued.is_empty(),
            "--continue",
            "leave it out: what a script of the model did is not done again anyway",
        ),
        (journal.pause_on.is_some(), "--pause-on", A_SCRIPT_OF_YOURS),
        (journal.state.state.is_some(), "--state", A_SCRIPT_OF_YOURS),
        (
            agent.model.is_some() && agent.cassette.is_some(),
            "--model with --cassette",
            "leave one out: a cassette is played instead of asking a model",
        ),
        (
            arguments.json && agent.output.is_some_and(|form| form != OutputForm::Json),
            "--json with another --output",
            "leave one out: --json is --output json",
        ),
    ];
    match others.into_iter().find(|(is_given, ..)| *is_given) {
        None => Ok(()),
        Some((_, flag, help)) => Err(Complaint::new(Exit::Usage, together(flag), help)),
    }
}

fn together(flag: &str) -> String {
    match flag.split_once(" with ") {
        Some((one, other)) => format!("{one} and {other} do not go together"),
        None => format!("--prompt and {flag} do not go together"),
    }
}

/// Without `--prompt`: nobody is asked, so what belongs to asking has no meaning.
pub(crate) fn check_without_prompt(arguments: &RunArguments) -> Result<(), Complaint> {
    let agent = &arguments.agent;
    let given = [
        (agent.model.is_some(), "--model"),
        (agent.system.is_some(), "--system"),
        (agent.history.is_some(), "--history"),
        (agent.max_iterations.is_some(), "--max-iterations"),
        (agent.budget_tokens.is_some(), "--budget-tokens"),
        (agent.cassette.is_some(), "--cassette"),
        (agent.record_cassette.is_some(), "--record-cassette"),
        (agent.output.is_some(), "--output"),
    ];
    match given.into_iter().find(|(is_given, _)| *is_given) {
        None => Ok(()),
        Some((_, flag)) => Err(Complaint::new(
            Exit::Usage,
            format!("{flag} is for a conversation with a model, and there is no --prompt"),
            format!("ask something with --prompt TEXT, or leave {flag} out to run a script"),
        )),
    }
}
