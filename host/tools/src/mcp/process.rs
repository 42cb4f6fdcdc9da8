//! A server that is a program: it is spoken to through its standard input and output, a message a line.

use super::config::Program;
use super::errors::{Error, ErrorKind, Voice};
use super::group::Group;
use super::stderr::Tail;
use super::wire::{Link, MESSAGE_BYTES_MAX, Outgoing, Wire, wire};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// So long a server has to end by itself once its input is closed.
const LEAVE_TIME_MAX: Duration = Duration::from_millis(500);

/// So long it has to end once it was told to.
const TERM_TIME_MAX: Duration = Duration::from_secs(2);

/// So long what a server wrote before it ended is waited for: a process that outlives it may hold the pipes open.
const LAST_WORDS_TIME_MAX: Duration = Duration::from_millis(300);

/// So many bytes are kept of either end of a message that is too long.
const END_BYTES: usize = 512;

/// A line of which more than this is thrown away never ends.
const DISCARDED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Starts the program.
///
/// # Errors
///
/// [`ErrorKind::NotStarted`] if it is not there or cannot be run.
pub(super) fn open(
    program: &Program,
    voice: Voice,
    changed: Arc<watch::Sender<u64>>,
) -> Result<(Link, Arc<Wire>), Error> {
    let mut command = Command::new(&program.command);
    command.args(&program.args).env_clear().envs(program.env.iter().cloned());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    Group::lead(&mut command);
    if let Some(cwd) = &program.cwd {
        if !Path::new(cwd).is_dir() {
            return Err(voice.error(ErrorKind::NotStarted, "cannot be started: its `cwd` is no directory"));
        }
        command.current_dir(cwd);
    }
    let mut child = command.spawn().map_err(|error| not_started(program, &voice, &error))?;
    let group = Group::of(&child);
    let (link, wire, outgoing) = wire(voice, changed);
    let tail = Tail::default();
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(wire.voice.error(ErrorKind::NotStarted, "cannot be started: it has no standard input or output"));
    };
    let tasks = Tasks {
        reading: tokio::spawn(receive(BufReader::with_capacity(64 * 1024, stdout), Arc::clone(&wire))),
        writing: tokio::spawn(send(stdin, outgoing)),
        listening: tokio::spawn(tail.clone().follow(stderr)),
    };
    tokio::spawn(supervise(child, group, tasks, tail, Arc::clone(&wire)));
    Ok((link, wire))
}

fn not_started(program: &Program, voice: &Voice, error: &std::io::Error) -> Error {
    let name = program.name();
    let text = match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("cannot be started: there is no program `{name}`; install it, or give its whole path as `command`")
        }
        std::io::ErrorKind::PermissionDenied => {
            format!("cannot be started: `{name}` may not be run; make it executable")
        }
        _ => format!("cannot be started: `{name}`: {error}"),
    };
    voice.error(ErrorKind::NotStarted, &text)
}

struct Tasks {
    reading: JoinHandle<Result<(), Error>>,
    writing: JoinHandle<()>,
    listening: JoinHandle<()>,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.reading.abort();
        self.writing.abort();
        self.listening.abort();
    }
}

/// Watches over the program until nothing of it is left.
async fn supervise(mut child: Child, mut group: Group, mut tasks: Tasks, tail: Tail, wire: Arc<Wire>) {
    let reason = tokio::select! {
        status = child.wait() => {
            // What it wrote last is still on its way.
            let _ = timeout(LAST_WORDS_TIME_MAX, &mut tasks.reading).await;
            let _ = timeout(LAST_WORDS_TIME_MAX, &mut tasks.listening).await;
            ended(&wire.voice, status.ok(), &tail)
        }
        read = &mut tasks.reading => match read {
            Ok(Err(error)) => error,
            _ => match timeout(LEAVE_TIME_MAX, child.wait()).await {
                Ok(status) => {
                    let _ = timeout(LAST_WORDS_TIME_MAX, &mut tasks.listening).await;
                    ended(&wire.voice, status.ok(), &tail)
                }
                Err(_) => wire.voice.error(ErrorKind::Ended, "closed its standard output and was stopped"),
            },
        },
        () = wire.stop.cancelled() => wire.voice.error(ErrorKind::Ended, "was stopped"),
    };
    wire.end(reason);
    // This closes its input.
    tasks.writing.abort();
    if timeout(LEAVE_TIME_MAX, child.wait()).await.is_err() {
        group.terminate();
        // Whether it heard or not, it is killed next.
        let _ = timeout(TERM_TIME_MAX, child.wait()).await;
    }
    group.kill();
    let _ = child.wait().await;
    wire.gone.cancel();
}

/// The error of a program that has ended, with the last that it said.
fn ended(voice: &Voice, status: Option<ExitStatus>, tail: &Tail) -> Error {
    let how = status.map_or_else(|| "in an unknown way".to_owned(), how);
    let text = match tail.shown() {
        said if said.is_empty() => format!("ended ({how}) and wrote nothing to its standard error"),
        said => format!("ended ({how}): {said}"),
    };
    voice.error(ErrorKind::Ended, &text)
}

#[cfg(unix)]
fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "in an unknown way".to_owned(),
    }
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> String {
    status.code().map_or_else(|| "in an unknown way".to_owned(), |code| format!("exit code {code}"))
}

async fn send(mut stdin: impl AsyncWrite + Unpin, mut outgoing: mpsc::Receiver<Outgoing>) {
    while let Some(mut message) = outgoing.recv().await {
        message.body.push(b'\n');
        if stdin.write_all(&message.body).await.is_err() || stdin.flush().await.is_err() {
            // It reads no more. What it says and how it ends is seen elsewhere.
            return;
        }
    }
}

/// Reads messages until there are no more.
async fn receive(mut stdout: impl AsyncBufRead + Unpin, wire: Arc<Wire>) -> Result<(), Error> {
    let mut line = Line::default();
    while line.next(&mut stdout).await {
        if line.discarded > DISCARDED_BYTES_MAX {
            return Err(wire.voice.error(ErrorKind::TooLarge, "sent a line that does not end, and was stopped"));
        } else if line.discarded > 0 {
            wire.accept_too_long(&line.kept, &line.tail).await?;
        } else {
            wire.accept(&line.kept).await?;
        }
    }
    Ok(())
}

/// A line of which no more than [`MESSAGE_BYTES_MAX`] is held in memory.
#[derive(Default)]
struct Line {
    kept: Vec<u8>,
    discarded: usize,
    tail: Vec<u8>,
}

impl Line {
    /// Reads the next one. False at the end, where half a line is none.
    async fn next(&mut self, stream: &mut (impl AsyncBufRead + Unpin)) -> bool {
        self.kept.clear();
        self.kept.shrink_to(64 * 1024);
        self.tail.clear();
        self.discarded = 0;
        loop {
            let Ok(bytes) = stream.fill_buf().await else { return false };
            if bytes.is_empty() {
                return false;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (taken, used) = end.map_or((bytes.len(), bytes.len()), |end| (end, end + 1));
            self.push(&bytes[..taken]);
            stream.consume(used);
            if end.is_some() || self.discarded > DISCARDED_BYTES_MAX {
                return true;
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.discarded == 0 && self.kept.len() + bytes.len() <= MESSAGE_BYTES_MAX {
            return self.kept.extend_from_slice(bytes);
        }
        self.kept.truncate(END_BYTES);
        self.discarded += bytes.len();
        self.tail.extend_from_slice(bytes);
        let more = self.tail.len().saturating_sub(END_BYTES);
        self.tail.drain(..more);
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, MESSAGE_BYTES_MAX};

    #[tokio::test]
    async fn a_line_that_is_too_long_keeps_only_its_ends() {
        let text = format!("first\nab{}yz\nlast\nhalf", "x".repeat(MESSAGE_BYTES_MAX));
        let mut stream = tokio::io::BufReader::new(text.as_bytes());
        let mut line = Line::default();
        assert!(line.next(&mut stream).await);
        assert_eq!((line.kept.as_slice(), line.discarded), (&b"first"[..], 0));
        assert!(line.next(&mut stream).await);
        assert!(line.kept.starts_with(b"abx") && line.tail.ends_with(b"xyz") && line.discarded > 0);
        assert!(line.kept.len() + line.tail.len() <= 1_024);
        assert!(line.next(&mut stream).await);
        assert_eq!((line.kept.as_slice(), line.discarded), (&b"last"[..], 0));
        assert!(!line.next(&mut stream).await);
    }
}
