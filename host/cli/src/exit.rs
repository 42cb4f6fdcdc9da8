//! The exit codes: one table, from which `--help` is written and `main` answers.

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Finished,
    Threw,
    Usage,
    SyntaxError,
    FuelExhausted,
    MemoryExceeded,
    StackOverflow,
    DeadlineExceeded,
    OutputExceeded,
    ToolCallsExceeded,
    Stuck,
    Refused,
    Findings,
    BudgetUsedUp,
    NoAnswer,
    Paused,
    Differs,
    NotRecorded,
    NotText,
    NotReadable,
    NoModel,
    Host,
    NotWritten,
    TryLater,
    NotSignedIn,
    Cancelled,
}

const TABLE: &[(Exit, u8, &str)] = &[
    (Exit::Finished, 0, "finished"),
    (Exit::Threw, 1, "threw: an exception left the script"),
    (Exit::Usage, 2, "usage: a flag, its value or the file it names is wrong; nothing ran"),
    (Exit::SyntaxError, 3, "syntax_error: the script is not a program; nothing ran"),
    (Exit::FuelExhausted, 4, "fuel_exhausted"),
    (Exit::MemoryExceeded, 5, "memory_exceeded"),
    (Exit::StackOverflow, 6, "stack_overflow"),
    (Exit::DeadlineExceeded, 7, "deadline_exceeded"),
    (Exit::OutputExceeded, 8, "output_exceeded"),
    (Exit::ToolCallsExceeded, 9, "tool_calls_exceeded"),
    (Exit::Stuck, 10, "stuck: the script waits for what never comes"),
    (Exit::Refused, 11, "refused: the script is empty or too long; nothing ran"),
    (Exit::Findings, 12, "findings: the script was looked at and something is wrong; nothing ran"),
    (Exit::BudgetUsedUp, 13, "budget: the model used up its replies, tokens or time without an answer"),
    (Exit::NoAnswer, 14, "no answer: the model goes in circles, or its replies cannot be used"),
    (Exit::Paused, 15, "paused: the run was put aside until somebody decides; agentloop resume goes on"),
    (Exit::Differs, 16, "differs: the replay did something else, or the journals are not of the same run"),
    (Exit::NotRecorded, 17, "not_recorded: the run was stopped, because its journal could not be written"),
    (Exit::NotText, 65, "the script or the prompt is not UTF-8 text; nothing ran"),
    (Exit::NotReadable, 66, "a file could not be read; nothing ran"),
    (Exit::NoModel, 69, "the model gives no reply: its name, the key or the request is not accepted"),
    (Exit::Host, 70, "agentloop itself broke"),
    (Exit::NotWritten, 74, "the result, a journal, the history or a configuration could not be written"),
    (Exit::TryLater, 75, "the model gives no reply for now: a limit of its provider, an overload, the network"),
    (Exit::NotSignedIn, 77, "nobody was signed in to the server"),
    (Exit::Cancelled, 130, "cancelled: Ctrl-C"),
];

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn code(self) -> u8 {
        TABLE.iter().find(|(exit, ..)| *exit == self).map_or(70, |(_, code, _)| *code)
    }
}

/// The table as `--help` shows it.
pub(crate) fn help() -> String {
    let rows = TABLE.iter().map(|(_, code, meaning)| format!("  {code:>3}  {meaning}\n"));
    format!("Exit codes:\n{}", rows.collect::<String>())
}

/// Why nothing came of a command, apart from what a script can do: a sentence, and the way out.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Complaint {
    pub(crate) fn new(exit: Exit, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: Some(help.into()) }
    }

    /// Ends the process without a word: whoever would read it has gone.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self { exit, message: String::new(), help: None }
    }
}
