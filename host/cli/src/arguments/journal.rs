//! The flags about journals, and about runs that are put aside.

use crate::{exit, units};
use agentloop_sandbox::RecordedCall;
use agentloop_tools::journal::Durability;
use clap::{Args, ValueEnum};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What is kept of a run.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Journal")]
pub(crate) struct JournalArguments {
    /// Write the journal of the run to a new file, ahead of each effect (see docs/JOURNAL.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,

    /// What of the journal must be on the disk, not only outlive the process. Default: effects.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) sync: Option<SyncArgument>,

    /// Journal of an earlier run, of this script or of one like it: calls that succeeded there are not made again, their answers are
    /// given again. May be repeated: an earlier run that went on from another needs the journals of both.
    #[arg(long = "continue", value_name = "FILE", conflicts_with = "pause_on")]
    pub(crate) continued: Vec<PathBuf>,

    /// With --continue: make this call again, although it may have happened; CALL is its number, or RUN:NUMBER. May be repeated.
    #[arg(long, value_name = "CALL", requires = "continued", value_parser = CallName::parse)]
    pub(crate) repeat: Vec<CallName>,

    /// With --continue: this call happened, and here is its result. May be repeated.
    #[arg(long, num_args = 2, value_names = ["CALL", "JSON"], requires = "continued")]
    pub(crate) answer: Vec<String>,

    /// Put the run aside when somebody has to be asked: `agentloop resume` goes on.
    #[arg(long, value_name = "WHEN", value_enum)]
    pub(crate) pause_on: Option<PauseArgument>,

    /// How long a run that is put aside can be resumed, as in 30m, 24h. Default: 168h.
    #[arg(long, value_name = "TIME", requires = "pause_on")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) expires: Option<Duration>,

    #[command(flatten)]
    pub(crate) state: StateArguments,
}

/// Where runs are that were put aside.
#[derive(Debug, Default, Args)]
pub(crate) struct StateArguments {
    /// Folder for runs that are put aside. Default: agentloop/runs among what the user's programs remember.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) state: Option<PathBuf>,
}

/// What has to be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SyncArgument {
    /// Nothing for certain: a process that is killed loses nothing, a machine without power may.
    Never,
    /// What is written before and after calls that may change the world.
    Effects,
    /// Everything.
    Always,
}

impl From<SyncArgument> for Durability {
    fn from(sync: SyncArgument) -> Self {
        match sync {
            SyncArgument::Never => Self::Process,
            SyncArgument::Effects => Self::Effects,
            SyncArgument::Always => Self::All,
        }
    }
}

/// A call of an earlier run, as a user names it: by its number, behind the first digits of its run's name where there are several.
#[derive(Clone, Debug)]
pub(crate) struct CallName {
    run: String,
    id: u32,
}

impl CallName {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (run, id) = text.rsplit_once(':').unwrap_or(("", text));
        let id = id.parse().map_err(|_| {
            format!(
                "`{}` names no call: give its number, as in 3, or its run as well, as in 5f02c1a9:3",
                text.escape_debug()
            )
        })?;
        Ok(Self { run: run.to_owned(), id })
    }

    pub(crate) fn is_of(&self, call: &RecordedCall) -> bool {
        call.id == self.id && call.run.starts_with(&self.run)
    }
}

impl fmt::Display for CallName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run.as_str() {
            "" => write!(formatter, "{}", self.id),
            run => write!(formatter, "{run}:{}", self.id),
        }
    }
}

/// When a run is put aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PauseArgument {
    /// When the policy says to ask.
    Ask,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct ReplayArguments {
    /// The journal.
    pub(crate) journal: PathBuf,

    /// Run this script against the answers in the journal, instead of the one in it.
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,

    /// With --script: make calls that are not in the journal, with the tools below.
    #[arg(long, requires = "script")]
    pub(crate) live: bool,

    /// Print one JSON object about the run on standard output, instead of its value (docs/run.schema.json).
    #[arg(long)]
    pub(crate) json: bool,

    /// Print no console output.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) tools: super::ToolArguments,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct DiffArguments {
    /// A journal.
    pub(crate) first: PathBuf,

    /// Another one.
    pub(crate) second: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct StatsArguments {
    /// The journal.
    pub(crate) journal: PathBuf,

    /// Print one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct RunsArguments {
    /// Print a JSON list on standard output.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) state: StateArguments,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct ResumeArguments {
    /// The run, as `agentloop runs` lists it.
    pub(crate) run: String,

    /// Make this call. May be repeated, as the others may.
    #[arg(long, value_name = "CALL")]
    pub(crate) approve: Vec<u32>,

    /// Do not make this call.
    #[arg(long, value_name = "CALL")]
    pub(crate) reject: Vec<u32>,

    /// Why the call of the --reject before it is not made: the script is told.
    #[arg(long, value_name = "TEXT", requires = "reject")]
    pub(crate) reason: Vec<String>,

    /// Make this call with other arguments.
    #[arg(long, num_args = 2, value_names = ["CALL", "JSON"])]
    pub(crate) amend: Vec<String>,

    /// This call was made already, or need not be: here is the result.
    #[arg(long, num_args = 2, value_names = ["CALL", "JSON"])]
    pub(crate) answer: Vec<String>,

    /// Make this call again, although it may have happened.
    #[arg(long, value_name = "CALL")]
    pub(crate) repeat: Vec<u32>,

    /// Print one JSON object about the run on standard output, instead of its value (docs/run.schema.json).
    #[arg(long)]
    pub(crate) json: bool,

    /// Print errors only on standard error.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) state: StateArguments,
}
