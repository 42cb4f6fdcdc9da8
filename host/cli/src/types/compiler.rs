//! The user's TypeScript compiler: found on `PATH`, asked for its version, and run under a time limit.

use crate::exit::{Complaint, Exit};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// The first version whose compiler takes the options that are used here, and is fast enough to be asked before a run.
const MAJOR_VERSION_MIN: u32 = 7;
const VERSION_TIME_MAX: Duration = Duration::from_secs(20);
const CHECK_TIME_MAX: Duration = Duration::from_secs(30);
const OUTPUT_BYTES_MAX: u64 = 8 << 20;
const COMPLAINT_BYTES_MAX: u64 = 2_000;
/// How often it is asked whether a compiler that has nothing more to say has ended.
const PAUSE: Duration = Duration::from_millis(2);

const NAMES: &[&str] = if cfg!(windows) { &["tsc.exe", "tsc.cmd"] } else { &["tsc"] };
const INSTALL: &str = "install TypeScript 7, as in `npm install -g typescript@7`";

pub(crate) struct Compiler {
    path: PathBuf,
}

/// What a process said.
pub(crate) struct Output {
    pub(crate) is_success: bool,
    /// What it wrote to standard output.
    pub(crate) text: String,
    /// The beginning of what it wrote to standard error.
    pub(crate) complaint: String,
}

impl Compiler {
    /// The first compiler on `PATH` that is new enough.
    pub(crate) fn find() -> Result<Self, Complaint> {
        let mut refusal = "--types needs a TypeScript compiler, and there is no `tsc` on PATH".to_owned();
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let candidates = std::env::split_paths(&paths)
            .flat_map(|folder| NAMES.iter().map(move |name| folder.join(name)))
            .filter_map(|path| std::path::absolute(path).ok())
            .filter(|path| is_program(path));
        for (number, path) in candidates.enumerate() {
            let version = version(&path);
            if version.as_deref().and_then(major).is_some_and(|major| major >= MAJOR_VERSION_MIN) {
                return Ok(Self { path });
            }
            if number == 0 {
                let found = version.map_or("does not tell its version".to_owned(), |version| format!("is {version}"));
                refusal = format!("--types needs TypeScript 7 or later, and `{}` {found}", path.display());
            }
        }
        Err(Complaint::new(Exit::Usage, refusal, INSTALL))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks the project in a folder.
    pub(crate) fn check(&self, folder: &Path) -> Result<Output, Complaint> {
        let mut command = Command::new(&self.path);
        command.args(["-p", "tsconfig.json", "--pretty", "false"]).current_dir(folder);
        run(command, CHECK_TIME_MAX).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Complaint::new(
                Exit::Host,
                format!("the TypeScript compiler did not finish within {} s", CHECK_TIME_MAX.as_secs()),
                "check without --types: the script may be made to keep a compiler busy",
            ),
            _ => Complaint::new(
                Exit::Host,
                format!("the TypeScript compiler `{}` could not be run: {error}", self.path.display()),
                INSTALL,
            ),
        })
    }
}

/// What `--version` answers without the word: `7.0.2`.
fn version(path: &Path) -> Option<String> {
    let mut command = Command::new(path);
    // Not where the user is: an older compiler reads the configuration that it finds there.
    command.arg("--version").current_dir(std::env::temp_dir());
    let output = run(command, VERSION_TIME_MAX).ok()?;
    let version = output.text.trim().strip_prefix("Version ")?;
    (version.len() <= 64 && version.is_ascii()).then(|| version.escape_debug().to_string())
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

/// Runs a command to its end. It gets nothing to read; `TimedOut` if it takes too long.
fn run(mut command: Command, time_max: Duration) -> io::Result<Output> {
    let deadline = Instant::now() + time_max;
    in_own_group(&mut command);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let outcome = listen(&mut child, deadline);
    if outcome.is_err() {
        end(&mut child);
    }
    outcome
}

fn listen(child: &mut Child, deadline: Instant) -> io::Result<Output> {
    let text = collect(child.stdout.take(), OUTPUT_BYTES_MAX);
    let complaint = collect(child.stderr.take(), COMPLAINT_BYTES_MAX);
    let late = || io::Error::from(io::ErrorKind::TimedOut);
    let time_left = || deadline.saturating_duration_since(Instant::now());
    let mut text = text.recv_timeout(time_left()).map_err(|_| late())?;
    if text.len() as u64 >= OUTPUT_BYTES_MAX {
        text.truncate(text.rfind('\n').unwrap_or_default());
    }
    let complaint = complaint.recv_timeout(time_left()).map_err(|_| late())?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Output { is_success: status.success(), text, complaint });
        }
        if time_left().is_zero() {
            return Err(late());
        }
        thread::sleep(PAUSE);
    }
}

/// Reads a pipe on a thread of its own, which ends with the pipe: the process may write to both at the same time.
fn collect(pipe: Option<impl Read + Send + 'static>, bytes_max: u64) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            // What came before an error is kept. What comes after the limit is not: the pipe is closed.
            drop(pipe.take(bytes_max).read_to_end(&mut bytes));
        }
        drop(sender.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    receiver
}

/// The `tsc` of npm is a script that starts the compiler: both must be ended together.
#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_own_group(_: &mut Command) {}

#[cfg(unix)]
fn end(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};
    // The child has not been waited for: the number is still that of its group.
    let _ended = kill_process_group(Pid::from_child(child), Signal::KILL);
    drop(child.wait());
}

#[cfg(not(unix))]
fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

#[cfg(all(test, unix))]
mod tests {
    use super::{major, run};
    use std::io;
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn shell(code: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", code]);
        command
    }

    #[test]
    fn what_a_process_says_is_collected() {
        let output = run(shell("echo a; echo b >&2; exit 3"), Duration::from_secs(60)).expect("there is a shell");
        assert_eq!((output.is_success, &*output.text, &*output.complaint), (false, "a\n", "b\n"));
    }

    #[test]
    fn a_process_that_takes_too_long_is_ended_with_those_it_started() {
        let start = Instant::now();
        let refused = run(shell("sleep 600 & wait"), Duration::from_millis(50)).err().map(|error| error.kind());
        assert_eq!(refused, Some(io::ErrorKind::TimedOut));
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn versions_are_compared_by_their_first_number() {
        assert_eq!(["7.0.2", "7.1.0-dev.20260101", "10.0", "x"].map(major), [Some(7), Some(7), Some(10), None]);
    }
}
