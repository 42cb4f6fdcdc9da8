//! The command line: every flag, its parser and its help, once.

use crate::{exit, units};
use agentloop_sandbox::Limits;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Runs a model's JavaScript in a sandbox whose only door out is the list of tools it was given.
#[derive(Debug, Parser)]
#[command(name = "agentloop", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one script in a fresh sandbox; or, with --prompt, let a model write scripts until it has an answer.
    Run(Box<RunArguments>),
    /// Look at a script without running it: is it a program, and do its calls fit the tools on file?
    Check(CheckArguments),
}

/// Where the script is, and what it is given.
#[derive(Debug, Args)]
pub(crate) struct ScriptArguments {
    /// File with the script, JavaScript or TypeScript. `-` is standard input, and so is no file at all.
    #[arg(conflicts_with = "eval")]
    pub(crate) script: Option<PathBuf>,

    /// The script itself.
    #[arg(short, long, value_name = "CODE", allow_hyphen_values = true)]
    pub(crate) eval: Option<String>,

    /// JSON file with tools and their canned answers (see docs/CLI.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) fixtures: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) script: ScriptArguments,

    /// Check the types as well, with the TypeScript compiler (`tsc`, version 7 or later) on the PATH.
    #[arg(long)]
    pub(crate) types: bool,

    /// Print one JSON object with all findings on standard output (docs/check.schema.json).
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) script: ScriptArguments,

    /// Look at the script first, as `agentloop check` does, and do not run it if there is a finding.
    #[arg(long)]
    pub(crate) check: bool,

    /// A file whose text the script takes by LiteralLoader("ID"). May be repeated.
    #[arg(long = "literal", value_name = "ID=FILE", value_parser = units::parse_literal)]
    pub(crate) literals: Vec<(String, PathBuf)>,

    /// Seed of `Math.random()`. Default: another one each time.
    #[arg(long, value_name = "NUMBER")]
    #[arg(value_parser = units::parse_count::<u64>, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// What `Date.now()` answers, in milliseconds since 1970. Default: the time at the start.
    #[arg(long, value_name = "NUMBER")]
    #[arg(value_parser = units::parse_count::<u64>, allow_negative_numbers = true)]
    pub(crate) clock_ms: Option<u64>,

    /// Print one JSON object about the run on standard output, instead of its value or answer (docs/run.schema.json, with
    /// --prompt docs/turn.schema.json).
    #[arg(long)]
    pub(crate) json: bool,

    /// Print errors only on standard error: no console output, no progress, no warnings.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Say what the run used; with --prompt, show each script and its console.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    // With headings of their own, which would be those of the flags behind them as well.
    #[command(flatten)]
    pub(crate) agent: AgentArguments,

    #[command(flatten)]
    pub(crate) limits: LimitArguments,
}

/// The conversation with a model.
#[derive(Debug, Args)]
#[command(next_help_heading = "With a model")]
pub(crate) struct AgentArguments {
    /// Ask a model, which answers by writing scripts that run here, under the limits below. `-` is standard input.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,

    /// The model, as provider/name. Default: the one that AGENTLOOP_MODEL names.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,

    /// What the model is told before the prompt: who it is, what it is for.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) system: Option<String>,

    /// File that keeps the conversation: taken up if it is there, made if not, written when the turn is over.
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,

    /// Replies of the model before it must have answered. Default: 10.
    #[arg(long, value_name = "COUNT")]
    #[arg(value_parser = units::parse_iterations, allow_negative_numbers = true)]
    pub(crate) max_iterations: Option<u32>,

    /// Tokens of all requests and replies together, as in 50000, 100k, 1M. Default: no limit.
    #[arg(long, value_name = "COUNT")]
    #[arg(value_parser = units::parse_tokens, allow_negative_numbers = true)]
    pub(crate) budget_tokens: Option<u64>,

    /// Play back a recorded conversation instead of asking a model.
    #[arg(long, value_name = "FILE")]
    pub(crate) cassette: Option<PathBuf>,

    /// Record what the model replies, for --cassette. The file must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) record_cassette: Option<PathBuf>,

    /// What to print on standard output.
    #[arg(long, value_name = "FORM", value_enum)]
    pub(crate) output: Option<OutputForm>,
}

/// What standard output has of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    /// The answer.
    Text,
    /// One JSON object, as with --json.
    Json,
    /// Each event as it happens, one JSON object a line.
    Jsonl,
}

/// What the script may use.
// A negative number is let through to the parser, which says what it wants.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// Instructions that the script may execute: units, or with a suffix k, M, G.
    #[arg(long, value_name = "UNITS", default_value = "50G")]
    #[arg(value_parser = units::parse_fuel, allow_negative_numbers = true)]
    pub(crate) fuel: u64,

    /// The same for each step, the code between two waits. Default: no limit of its own.
    #[arg(long, value_name = "UNITS")]
    #[arg(value_parser = units::parse_fuel, allow_negative_numbers = true)]
    pub(crate) step_fuel: Option<u64>,

    /// Memory of the sandbox, as in 65536, 64MiB, 64MB.
    #[arg(long, value_name = "SIZE", default_value = "64MiB")]
    #[arg(value_parser = units::parse_bytes, allow_negative_numbers = true)]
    pub(crate) memory: usize,

    /// Time that the script may compute, waiting excluded, as in 500ms, 10s, 5m.
    #[arg(long, value_name = "TIME", default_value = "10s")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) timeout: Duration,

    /// Time of the whole run, waiting included.
    #[arg(long, value_name = "TIME", default_value = "5m")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) wall_timeout: Duration,

    /// Time of one tool call.
    #[arg(long, value_name = "TIME", default_value = "30s")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) tool_timeout: Duration,

    /// Tool calls of the run; 0 allows none.
    #[arg(long, value_name = "COUNT", default_value = "256")]
    #[arg(value_parser = units::parse_count::<u32>, allow_negative_numbers = true)]
    pub(crate) max_tool_calls: u32,
}

impl LimitArguments {
    /// The limits that the flags ask for.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            fuel_max: self.fuel,
            step_fuel_max: self.step_fuel,
            guest_time_max: self.timeout,
            wall_time_max: self.wall_timeout,
            memory_bytes_max: self.memory,
            calls_max: self.max_tool_calls,
            call_time_max: self.tool_timeout,
            ..Limits::default()
        }
    }
}

/// The flag that sets a field of [`Limits`]; and an example of a good value.
pub(crate) fn flag_of_limit(field: &str) -> Option<(&'static str, &'static str)> {
    Some(match field {
        "fuel_max" => ("--fuel", "50G"),
        "step_fuel_max" => ("--step-fuel", "1G"),
        "memory_bytes_max" => ("--memory", "64MiB"),
        "guest_time_max" => ("--timeout", "10s"),
        "wall_time_max" => ("--wall-timeout", "5m"),
        "call_time_max" => ("--tool-timeout", "30s"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Command};
    use agentloop_sandbox::Limits;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_flags_the_limits_are_those_of_the_library() {
        let arguments = Arguments::try_parse_from(["agentloop", "run", "-e", "1"]).expect("the command line is good");
        let Command::Run(run) = arguments.command else { panic!("the command is `run`") };
        assert_eq!(run.limits.limits(), Limits::default());
    }
}
