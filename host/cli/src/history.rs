//! The file of `--history`: a conversation that a later process takes up again.
//!
//! A file that is no conversation is never written to, and one that is, is replaced as a whole or not at all.

use crate::exit::{Complaint, Exit};
use crate::{replace, script};
use agentloop::Transcript;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const FILE_BYTES_MAX: usize = 64 << 20;

/// A conversation on disk.
pub(crate) struct History {
    /// As it was given.
    name: String,
    /// Where it is, links followed.
    path: PathBuf,
    /// What was said before.
    pub(crate) transcript: Transcript,
}

impl History {
    /// Reads the file, if there is one, and makes sure that one can be written.
    pub(crate) fn open(path: &Path) -> Result<Self, Complaint> {
        let name = path.display().to_string();
        // It will be replaced: a device or a pipe would be gone.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            let message = format!("the history file `{name}` is no ordinary file, and it would be replaced by one");
            return Err(Complaint::new(Exit::Usage, message, "name another file, which need not exist"));
        }
        let transcript = match script::read_file(path, FILE_BYTES_MAX) {
            Ok(bytes) => parse(&bytes).map_err(|reason| {
                Complaint::new(
                    Exit::Usage,
                    format!("history file `{name}` cannot be taken up: {reason}"),
                    "it is left as it is; name another file, which need not exist",
                )
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Transcript::default(),
            Err(error) => {
                let message = script::cannot_read("history file", &name, &error);
                return Err(Complaint::new(Exit::NotReadable, message, "check the path given with --history"));
            }
        };
        // The file itself is replaced, not a link to it.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let history = Self { name, path, transcript };
        replace::probe(&history.path).map_err(|error| history.not_written(&error))?;
        Ok(history)
    }

    /// The path as it was given.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Replaces the file.
    pub(crate) fn save(&self, transcript: &Transcript) -> Result<(), Complaint> {
        self.replace(transcript).map_err(|error| self.not_written(&error))
    }

    fn replace(&self, transcript: &Transcript) -> io::Result<()> {
        let mut text = serde_json::to_vec(transcript)?;
        text.push(b'\n');
        // Without a file, for the user alone: conversations are nobody else's business.
        let permissions = fs::metadata(&self.path).ok().map(|metadata| metadata.permissions());
        let beside = replace::write_beside(&self.path, &text, permissions)?;
        replace::put(&beside, &self.path)
    }

    fn not_written(&self, error: &io::Error) -> Complaint {
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no folder for the history file `{}`", self.name),
            _ => format!("the history file `{}` could not be written: {error}", self.name),
        };
        Complaint::new(Exit::NotWritten, message, "name a file with --history in a folder that can be written to")
    }
}

/// An empty file is a conversation that has not begun, as `mktemp` leaves it.
fn parse(bytes: &[u8]) -> Result<Transcript, String> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(format!("it is larger than {FILE_BYTES_MAX} bytes"));
    }
    if bytes.trim_ascii().is_empty() {
        return Ok(Transcript::default());
    }
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_no_conversation_is_refused_with_the_reason() {
        assert_eq!(parse(b" \n").map(|transcript| transcript.interactions().len()), Ok(0));
        for (text, reason) in [
            ("{\"version\":1,\"interactions\":[", "EOF while parsing a list at line 1 column 29"),
            ("{}", "missing field `version` at line 1 column 2"),
            ("{\"version\":2,\"interactions\":[]}", "a transcript of version 2 cannot be read, only of version 1"),
        ] {
            assert_eq!(parse(text.as_bytes()).map(drop), Err(reason.to_owned()), "{text}");
        }
    }
}
