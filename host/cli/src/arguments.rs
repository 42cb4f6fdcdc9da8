//! The command line: every flag, its parser and its help, once.

mod journal;
mod mcp;

use crate::config::LimitEntries;
use crate::{config, exit, units};
use agentloop_sandbox::Limits;
use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use journal::{
    CallName, DiffArguments, JournalArguments, PauseArgument, ReplayArguments, ResumeArguments, RunsArguments,
    StatsArguments,
};
pub(crate) use mcp::{
    Client, InstallArguments, LoginArguments, McpArguments, McpCommand, ServeArguments, TargetArguments,
    UninstallArguments,
};
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
    /// Go on with a run that was put aside by `agentloop run --pause-on`.
    Resume(Box<ResumeArguments>),
    /// List the runs that were put aside, and what they wait for.
    Runs(RunsArguments),
    /// Run a journal again, without its tools, and tell the first difference.
    Replay(Box<ReplayArguments>),
    /// Tell where two journals differ.
    Diff(DiffArguments),
    /// Say what a run used, from its journal.
    Stats(StatsArguments),
    /// Look at a script without running it: is it a program, and do its calls fit the tools on file?
    Check(CheckArguments),
    /// List the tools that scripts may call.
    Tools(ToolsArguments),
    /// Say on one page what a script could reach: the imports of the sandbox, every tool, its policy and its reach.
    Audit(AuditArguments),
    /// Look at a configuration.
    Config(ConfigArguments),
    /// Be an MCP server: an agent sends scripts, and they run here.
    Mcp(Box<McpArguments>),
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct ToolsArguments {
    /// Only tools whose name has this in it.
    pub(crate) filter: Option<String>,

    /// Print a JSON list with schemas, marks and policy on standard output.
    #[arg(long, conflicts_with = "dts")]
    pub(crate) json: bool,

    /// Print TypeScript declarations on standard output.
    #[arg(long)]
    pub(crate) dts: bool,

    #[command(flatten)]
    pub(crate) tools: ToolArguments,
}

#[derive(Debug, Args)]
#[command(after_help = exit::help())]
pub(crate) struct AuditArguments {
    /// Print one JSON object on standard output.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) tools: ToolArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Tell every mistake in a configuration, with its line. Starts nothing.
    #[command(after_help = exit::help())]
    Check {
        /// The file.
        #[arg(default_value = config::FILE_NAME)]
        file: PathBuf,
    },
}

/// Where the tools come from that the script may call. Without any of these flags it has none.
#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Tools")]
pub(crate) struct ToolArguments {
    /// Configuration with tools, policy, secrets and limits (see docs/CONFIG.md). What other flags say comes before it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// JSON file with tools and their canned answers (see docs/CLI.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) fixtures: Option<PathBuf>,

    /// Folder whose files the script may read: tools.files.read, list, glob, search, stat.
    #[arg(long, value_name = "FOLDER", conflicts_with = "files_write")]
    pub(crate) files: Option<PathBuf>,

    /// Folder whose files the script may read, write, move and remove.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) files_write: Option<PathBuf>,

    /// Host that the script may send requests to, by tools.http.request. May be repeated.
    #[arg(long, value_name = "HOST")]
    pub(crate) http_host: Vec<String>,

    /// Method of such requests. May be repeated. Default: GET and HEAD.
    #[arg(long, value_name = "METHOD", requires = "http_host")]
    pub(crate) http_method: Vec<String>,

    /// File that configures MCP servers: .mcp.json, or that of Cursor, VS Code or Codex. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) mcp: Vec<PathBuf>,

    /// Make calls of these tools without asking, as in 'github.get_*'. May be repeated.
    #[arg(long, value_name = "TOOLS")]
    pub(crate) allow: Vec<String>,

    /// Ask before each call of these tools; where nobody can be asked, refuse it. May be repeated.
    #[arg(long, value_name = "TOOLS")]
    pub(crate) ask: Vec<String>,

    /// Leave these tools out. May be repeated.
    #[arg(long, value_name = "TOOLS")]
    pub(crate) deny: Vec<String>,
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

    #[command(flatten)]
    pub(crate) tools: ToolArguments,
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

    #[command(flatten)]
    pub(crate) journal: JournalArguments,

    // With headings of their own, which would be those of the flags behind them as well.
    #[command(flatten)]
    pub(crate) tools: ToolArguments,

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
#[derive(Debug, PartialEq, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArguments {
    /// Instructions that the script may execute: units, or with a suffix k, M, G. Default: 50G.
    #[arg(long, value_name = "UNITS")]
    #[arg(value_parser = units::parse_fuel, allow_negative_numbers = true)]
    pub(crate) fuel: Option<u64>,

    /// The same for each step, the code between two waits. Default: no limit of its own.
    #[arg(long, value_name = "UNITS")]
    #[arg(value_parser = units::parse_fuel, allow_negative_numbers = true)]
    pub(crate) step_fuel: Option<u64>,

    /// Memory of the sandbox, as in 65536, 64MiB, 64MB. Default: 64MiB.
    #[arg(long, value_name = "SIZE")]
    #[arg(value_parser = units::parse_bytes, allow_negative_numbers = true)]
    pub(crate) memory: Option<usize>,

    /// Time that the script may compute, waiting excluded, as in 500ms, 10s, 5m. Default: 10s.
    #[arg(long, value_name = "TIME")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) timeout: Option<Duration>,

    /// Time of the whole run, waiting included. Default: 5m.
    #[arg(long, value_name = "TIME")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) wall_timeout: Option<Duration>,

    /// Time of one tool call. Default: 30s.
    #[arg(long, value_name = "TIME")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) tool_timeout: Option<Duration>,

    /// Tool calls of the run; 0 allows none. Default: 256.
    #[arg(long, value_name = "COUNT")]
    #[arg(value_parser = units::parse_count::<u32>, allow_negative_numbers = true)]
    pub(crate) max_tool_calls: Option<u32>,

    /// What goes into the sandbox over the whole run: the script, answers of calls. Default: 256MiB.
    #[arg(long, value_name = "SIZE")]
    #[arg(value_parser = units::parse_bytes, allow_negative_numbers = true)]
    pub(crate) max_bytes_in: Option<usize>,

    /// What comes out of it: arguments of calls, console, the value. Default: 256MiB.
    #[arg(long, value_name = "SIZE")]
    #[arg(value_parser = units::parse_bytes, allow_negative_numbers = true)]
    pub(crate) max_bytes_out: Option<usize>,

    /// Time that the run may wait for tools and timers. Default: no limit of its own, --wall-timeout holds.
    #[arg(long, value_name = "TIME")]
    #[arg(value_parser = units::parse_duration, allow_negative_numbers = true)]
    pub(crate) max_wait: Option<Duration>,
}

impl LimitArguments {
    /// The limits that the flags ask for, or else the configuration, or else those of the library.
    pub(crate) fn limits(&self, configured: &LimitEntries) -> Limits {
        let default = Limits::default();
        Limits {
            fuel_max: self.fuel.or(configured.fuel).unwrap_or(default.fuel_max),
            step_fuel_max: self.step_fuel.or(configured.step_fuel).or(default.step_fuel_max),
            guest_time_max: self.timeout.or(configured.timeout).unwrap_or(default.guest_time_max),
            wall_time_max: self.wall_timeout.or(configured.wall_timeout).unwrap_or(default.wall_time_max),
            memory_bytes_max: self.memory.or(configured.memory).unwrap_or(default.memory_bytes_max),
            calls_max: self.max_tool_calls.or(configured.max_tool_calls).unwrap_or(default.calls_max),
            bytes_in_max: self.max_bytes_in.or(configured.max_bytes_in).map_or(default.bytes_in_max, |max| max as u64),
            bytes_out_max: self
                .max_bytes_out
                .or(configured.max_bytes_out)
                .map_or(default.bytes_out_max, |max| max as u64),
            waited_max: self.max_wait.or(configured.max_wait).or(default.waited_max),
            call_time_max: self.tool_timeout.or(configured.tool_timeout).unwrap_or(default.call_time_max),
            ..default
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
        "bytes_in_max" => ("--max-bytes-in", "256MiB"),
        "bytes_out_max" => ("--max-bytes-out", "256MiB"),
        "waited_max" => ("--max-wait", "1m"),
        "call_time_max" => ("--tool-timeout", "30s"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use crate::units;
    use agentloop_sandbox::Limits;
    use clap::CommandFactory as _;
    use std::time::Duration;

    #[derive(Debug, PartialEq)]
    enum Given {
        Units(u64),
        Time(Duration),
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// The help says what the library does.
    #[test]
    fn the_defaults_in_the_help_are_those_of_the_library() {
        let said = [
            ("fuel", units::parse_fuel("50G").map(Given::Units)),
            ("memory", units::parse_bytes("64MiB").map(|bytes| Given::Units(bytes as u64))),
            ("timeout", units::parse_duration("10s").map(Given::Time)),
            ("wall_timeout", units::parse_duration("5m").map(Given::Time)),
            ("tool_timeout", units::parse_duration("30s").map(Given::Time)),
            ("max_tool_calls", Ok(Given::Units(256))),
            ("max_bytes_in", units::parse_bytes("256MiB").map(|bytes| Given::Units(bytes as u64))),
            ("max_bytes_out", units::parse_bytes("256MiB").map(|bytes| Given::Units(bytes as u64))),
        ];
        let limits = Limits::default();
        let of_library = [
            Given::Units(limits.fuel_max),
            Given::Units(limits.memory_bytes_max as u64),
            Given::Time(limits.guest_time_max),
            Given::Time(limits.wall_time_max),
            Given::Time(limits.call_time_max),
            Given::Units(limits.calls_max.into()),
            Given::Units(limits.bytes_in_max),
            Given::Units(limits.bytes_out_max),
        ];
        let command = Arguments::command();
        let run = command.find_subcommand("run").expect("there is such a command");
        for ((flag, said), library) in said.into_iter().zip(of_library) {
            assert_eq!(said, Ok(library), "{flag}");
            let argument =
                run.get_arguments().find(|argument| argument.get_id() == flag).expect("there is such a flag");
            assert!(argument.get_help().expect("it has help").to_string().contains("Default: "), "{flag}");
        }
    }
}
