//! Who answers: a model by its name, or a conversation that was recorded.

use crate::arguments::AgentArguments;
use crate::exit::{Complaint, Exit};
use crate::script;
use agentloop::{Cassette, Model, Provider, ProviderError, ProviderErrorKind, Recorder};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names the model if no flag does.
const VARIABLE: &str = "AGENTLOOP_MODEL";
const CASSETTE_BYTES_MAX: usize = 64 << 20;

/// The provider that the flags ask for. A new cassette is begun here, so this comes after all other checks.
pub(crate) fn provider(arguments: &AgentArguments) -> Result<Arc<dyn Provider>, Complaint> {
    let provider: Arc<dyn Provider> = match &arguments.cassette {
        Some(path) => Arc::new(cassette(path)?),
        None => {
            let variable = std::env::var(VARIABLE).ok();
            let names = [arguments.model.as_deref(), variable.as_deref()];
            let name = names.into_iter().flatten().find(|name| !name.trim().is_empty()).ok_or_else(no_name)?;
            Arc::new(Model::new(name.trim()).map_err(|error| unknown(&error))?)
        }
    };
    match &arguments.record_cassette {
        Some(path) => recorded(provider, path),
        None => Ok(provider),
    }
}

fn no_name() -> Complaint {
    Complaint::new(
        Exit::Usage,
        "there is no model to ask",
        format!(
            "name one with --model provider/name or in {VARIABLE}, or play a recorded conversation with --cassette FILE"
        ),
    )
}

fn unknown(error: &ProviderError) -> Complaint {
    match error.kind {
        ProviderErrorKind::Auth => Complaint::new(
            Exit::NoModel,
            &error.message,
            "a local model (--model ollama/NAME) and a recorded conversation (--cassette FILE) need none",
        ),
        _ => {
            Complaint::new(Exit::Usage, &error.message, "name a model with --model, as in anthropic/claude-sonnet-4-5")
        }
    }
}

fn cassette(path: &Path) -> Result<Cassette, Complaint> {
    let name = path.display().to_string();
    let bytes = script::read_file(path, CASSETTE_BYTES_MAX).map_err(|error| {
        let message = script::cannot_read("cassette", &name, &error);
        Complaint::new(Exit::NotReadable, message, "check the path given with --cassette")
    })?;
    let unplayable = |reason: &str| {
        Complaint::new(
            Exit::Usage,
            format!("the cassette `{name}` cannot be played: {reason}"),
            "record one with --record-cassette FILE",
        )
    };
    if bytes.len() > CASSETTE_BYTES_MAX {
        return Err(unplayable(&format!("it is larger than {CASSETTE_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| unplayable("it is not UTF-8 text"))?;
    Cassette::parse(&text).map_err(|error| unplayable(&error.message))
}

fn recorded(provider: Arc<dyn Provider>, path: &Path) -> Result<Arc<dyn Provider>, Complaint> {
    let name = path.display().to_string();
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Complaint::new(
            Exit::Usage,
            format!("there is a file `{name}` already, and a recording replaces none"),
            "name another file with --record-cassette",
        ),
        _ => Complaint::new(
            Exit::NotWritten,
            format!("the cassette `{name}` could not be written: {error}"),
            "name a file with --record-cassette in a folder that can be written to",
        ),
    };
    let tape = Tape::begin(path).map_err(refused)?;
    Ok(Arc::new(Recorder::new(provider, tape).map_err(refused)?))
}

/// A cassette that is being recorded. One on which nothing was recorded does not stay.
struct Tape {
    file: File,
    path: PathBuf,
    has_reply: bool,
}

impl Tape {
    fn begin(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create_new(path)?, path: path.to_owned(), has_reply: false })
    }
}

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    /// Comes after each reply, and only then.
    fn flush(&mut self) -> io::Result<()> {
        self.has_reply = true;
        self.file.flush()
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        if !self.has_reply {
            // If it cannot be removed, it is in the way of the next recording, which says so.
            let _ = fs::remove_file(&self.path);
        }
    }
}
