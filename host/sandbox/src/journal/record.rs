//! Writing a journal while the run goes on: ahead of each effect.

use super::entry::Entry;
use crate::{Effect, Tool};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lines that are gathered before they are handed to the sink, where no effect asks for it before.
const BUFFER_BYTES: usize = 64 << 10;

/// When lines are handed to a [`Sink`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Moment {
    /// Calls that may change the world are about to be made. If the lines are lost, nobody knows of them.
    BeforeEffect,
    /// Such calls have been answered. If the lines are lost, it is in doubt whether they happened.
    AfterEffect,
    /// Nothing that follows depends on it.
    Rest,
}

/// Where the lines of a journal go.
///
/// What [`append`](Sink::append) was given must outlive the process when it returns, as what was written to a file does; whether
/// it must outlive the machine is for the sink to decide, by the moment. An error ends the run, before the effect.
///
/// ```
/// use agentloop_sandbox::{Moment, Sink};
/// use std::io::{self, Write as _};
///
/// struct File(std::fs::File);
///
/// impl Sink for File {
///     fn append(&mut self, lines: &[u8], moment: Moment) -> io::Result<()> {
///         self.0.write_all(lines)?;
///         if moment == Moment::BeforeEffect { self.0.sync_data() } else { Ok(()) }
///     }
/// }
/// ```
pub trait Sink: Send {
    /// Appends whole lines.
    ///
    /// # Errors
    ///
    /// When they could not be written: the run ends as [`Ending::NotRecorded`](crate::Ending::NotRecorded).
    fn append(&mut self, lines: &[u8], moment: Moment) -> io::Result<()>;

    /// What it holds, where the journal of a run that is resumed goes on. Nothing: it gets all lines from the first one. It is asked
    /// once, before anything is appended.
    ///
    /// # Errors
    ///
    /// When it cannot be read: the run is not resumed.
    fn recorded(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// Keeps the lines in memory. For tests, and for runs whose journal is sent elsewhere when they are over.
impl Sink for Arc<Mutex<Vec<u8>>> {
    fn append(&mut self, lines: &[u8], _moment: Moment) -> io::Result<()> {
        self.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(lines);
        Ok(())
    }

    fn recorded(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

#[derive(Default)]
struct Recorder {
    sink: Option<Box<dyn Sink>>,
    buffer: Vec<u8>,
    /// All lines so far, if the run may be suspended, and how many bytes of them may be kept.
    kept: Option<(Vec<u8>, usize)>,
    /// Why nothing is recorded any more.
    failure: Option<String>,
}

impl Recorder {
    fn flush(&mut self, moment: Moment) {
        if self.failure.is_some() || self.buffer.is_empty() {
            return;
        }
        self.keep();
        let appended = self.sink.as_mut().map_or(Ok(()), |sink| sink.append(&self.buffer, moment));
        self.failure = appended.err().map(|error| error.to_string());
        self.buffer.clear();
    }

    fn keep(&mut self) {
        let Some((kept, bytes_max)) = &mut self.kept else { return };
        if kept.len() + self.buffer.len() > *bytes_max {
            self.kept = None;
        } else {
            kept.extend_from_slice(&self.buffer);
        }
    }
}

/// The journal of a run, if it has one. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Tape(Option<Arc<Mutex<Recorder>>>);

impl Tape {
    /// For a run that is recorded, or may be suspended, or both. No more than `kept_bytes_max` bytes are kept for the latter.
    pub(crate) fn new(sink: Option<Box<dyn Sink>>, kept_bytes_max: Option<usize>) -> Self {
        let kept = kept_bytes_max.map(|bytes_max| (Vec::new(), bytes_max));
        let is_any = sink.is_some() || kept.is_some();
        let recorder = Recorder { sink, kept, ..Recorder::default() };
        Self(is_any.then(|| Arc::new(Mutex::new(recorder))))
    }

    /// Begins with the lines of a run that is resumed. The sink has them, or none.
    pub(crate) fn resume(&self, past: &[u8]) {
        let Some(mut recorder) = self.recorder() else { return };
        if let Some((kept, _)) = &mut recorder.kept {
            kept.extend_from_slice(past);
        }
        let Some(sink) = &mut recorder.sink else { return };
        let resumed = sink.recorded().and_then(|recorded| match recorded.is_empty() {
            true => sink.append(past, Moment::AfterEffect),
            false if recorded == past => Ok(()),
            false => Err(io::Error::other("it holds another run, or another part of this one")),
        });
        recorder.failure = resumed.err().map(|error| error.to_string());
    }

    /// Whether all lines are kept, so that the run can be suspended.
    pub(crate) fn keeps(&self) -> bool {
        self.recorder().is_some_and(|recorder| recorder.kept.is_some())
    }

    /// All lines so far, if they are kept.
    pub(crate) fn kept(&self) -> Option<Vec<u8>> {
        self.flush(Moment::AfterEffect);
        self.recorder()?.kept.as_ref().map(|(kept, _)| kept.clone())
    }

    /// Whether nothing is recorded.
    pub(crate) fn is_blank(&self) -> bool {
        self.0.is_none()
    }

    fn recorder(&self) -> Option<MutexGuard<'_, Recorder>> {
        Some(self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a line.
    pub(crate) fn note<'a>(&self, entry: impl FnOnce() -> Entry<'a>) {
        let Some(mut recorder) = self.recorder() else { return };
        if recorder.failure.is_some() {
            return;
        }
        if let Err(error) = serde_json::to_writer(&mut recorder.buffer, &entry()) {
            recorder.failure = Some(error.to_string());
            return;
        }
        recorder.buffer.push(b'\n');
        if recorder.buffer.len() >= BUFFER_BYTES {
            recorder.flush(Moment::Rest);
        }
    }

    /// Hands what was noted to the sink.
    pub(crate) fn flush(&self, moment: Moment) {
        if let Some(mut recorder) = self.recorder() {
            recorder.flush(moment);
        }
    }

    /// Takes the line of a call that is about to be made, and hands it on if the call may change the world. Why the call must not
    /// be made, if the line could not be written.
    pub(crate) fn note_start<'a>(&self, tool: &Tool, entry: impl FnOnce() -> Entry<'a>) -> Result<(), String> {
        self.note(entry);
        if tool.effect() != Effect::ReadOnly {
            self.flush(Moment::BeforeEffect);
        }
        self.failure().map_or(Ok(()), Err)
    }

    /// Why nothing is recorded any more, if a line could not be written.
    pub(crate) fn failure(&self) -> Option<String> {
        self.recorder()?.failure.clone()
    }
}
