//! The text of the script: from a file, standard input or the command line. Never reads more than it may run.

use crate::arguments::ScriptArguments;
use crate::exit::{Complaint, Exit};
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

/// A script, and what to call it when talking to a person.
pub(crate) struct Script {
    pub(crate) text: String,
    /// The path, if it has one.
    pub(crate) path: Option<String>,
}

/// Reads the script. Of one that is longer than `bytes_max` it takes so much that the sandbox, which owns the rule,
/// refuses it.
pub(crate) fn read(arguments: &ScriptArguments, bytes_max: usize) -> Result<Script, Complaint> {
    if let Some(code) = &arguments.eval {
        return Ok(Script { text: code.clone(), path: None });
    }
    match arguments.script.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let name = path.display().to_string();
            let bytes = read_file(path, bytes_max).map_err(|error| unreadable(&name, &error))?;
            Ok(Script { text: text(bytes, bytes_max, &format!("`{name}`"))?, path: Some(name) })
        }
        None if arguments.script.is_none() && io::stdin().is_terminal() => Err(Complaint::new(
            Exit::Usage,
            "there is no script to run",
            "name a file, give code with -e, or say - to type it and end with Ctrl-D",
        )),
        None => {
            let bytes = read_at_most(io::stdin().lock(), bytes_max).map_err(|error| {
                Complaint::new(
                    Exit::NotReadable,
                    format!("standard input could not be read: {error}"),
                    "name a file instead, or give code with -e",
                )
            })?;
            Ok(Script { text: text(bytes, bytes_max, "standard input")?, path: None })
        }
    }
}

/// The texts that a script takes by `LiteralLoader(id)`.
pub(crate) fn read_literals(files: &[(String, PathBuf)], bytes_max: usize) -> Result<Vec<(String, String)>, Complaint> {
    let read = |(id, path): &(String, PathBuf)| {
        let name = path.display().to_string();
        let bytes = read_file(path, bytes_max).map_err(|error| {
            let message = cannot_read("literal", &name, &error);
            Complaint::new(Exit::NotReadable, message, "check the path given with --literal")
        })?;
        Ok((id.clone(), text(bytes, bytes_max, &format!("`{name}`"))?))
    };
    files.iter().map(read).collect()
}

/// The bytes of a file, up to one more than `bytes_max`.
pub(crate) fn read_file(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    read_at_most(File::open(path)?, bytes_max)
}

/// What a reader has, up to one byte more than `bytes_max`.
pub(crate) fn read_at_most(reader: impl Read, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(name: &str, error: &io::Error) -> Complaint {
    let help = match error.kind() {
        io::ErrorKind::NotFound => "check the path; code of your own goes with -e, a question to a model with --prompt",
        io::ErrorKind::IsADirectory => "name a file in it",
        _ => "check that it is a file you may read",
    };
    Complaint::new(Exit::NotReadable, cannot_read("script", name, error), help)
}

/// One sentence for a file that cannot be read, without the operating system's numbers.
pub(crate) fn cannot_read(what: &str, name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {what} `{name}`"),
        io::ErrorKind::IsADirectory => format!("the {what} `{name}` is a directory"),
        io::ErrorKind::PermissionDenied => format!("the {what} `{name}` may not be read: permission denied"),
        _ => format!("the {what} `{name}` could not be read: {error}"),
    }
}

fn text(bytes: Vec<u8>, bytes_max: usize, name: &str) -> Result<String, Complaint> {
    if bytes.len() > bytes_max {
        // Replacing what is not UTF-8 never makes a text shorter, so this one stays too long.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    let utf_16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
        let message = format!("{name} is not UTF-8 text: byte {byte:#04x} at offset {offset}");
        let help = if utf_16 { "it looks like UTF-16: save it as UTF-8" } else { "give a script, saved as UTF-8" };
        Complaint::new(Exit::NotText, message, help)
    })?;
    match text.find('\0') {
        None => Ok(text),
        Some(offset) => {
            let message = format!("{name} is a binary file: byte 0x00 at offset {offset}");
            Err(Complaint::new(Exit::NotText, message, "give a script; in a string, write \\0 instead of the byte"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{read_at_most, text};

    #[test]
    fn no_more_than_one_byte_over_the_limit_is_read() {
        let bytes = read_at_most(std::io::repeat(b'a'), 1_000).expect("memory can be read");
        assert_eq!(bytes.len(), 1_001);
    }

    #[test]
    fn what_is_too_long_stays_too_long_whatever_it_holds() {
        // Cut in the middle of a character of four bytes, and full of bytes that are no text.
        for bytes in ["a\u{1f600}".as_bytes()[..4].to_vec(), vec![0xff; 4], vec![0; 4]] {
            assert!(text(bytes, 3, "it").expect("the sandbox refuses it").len() > 3);
        }
    }

    #[track_caller]
    fn check(bytes: &[u8], message: &str, help: &str) {
        let complaint = text(bytes.to_vec(), 100, "it").map(drop).expect_err("it is not a script");
        assert_eq!((complaint.message.as_str(), complaint.help.as_deref()), (message, Some(help)));
    }

    #[test]
    fn what_is_no_text_is_refused_with_the_place() {
        check(b"return '\xe9'", "it is not UTF-8 text: byte 0xe9 at offset 8", "give a script, saved as UTF-8");
        check(b"\xff\xfe1\0", "it is not UTF-8 text: byte 0xff at offset 0", "it looks like UTF-16: save it as UTF-8");
        check(
            b"1;\0",
            "it is a binary file: byte 0x00 at offset 2",
            "give a script; in a string, write \\0 instead of the byte",
        );
    }
}
