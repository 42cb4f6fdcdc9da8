//! The files that are changed: read whole, replaced whole or not at all, and only if nobody else has changed them meanwhile.

use super::client::resolved;
use super::document::{Broken, Document};
use crate::exit::{Complaint, Exit};
use crate::{replace, script};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const FILE_BYTES_MAX: usize = 16 << 20;
const BACKUP: &str = "agentloop-backup";
/// Some editors write it in front of UTF-8.
const MARK: char = '\u{feff}';

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Original {
    /// As the user knows it.
    pub(super) shown: PathBuf,
    /// Links followed: this one is written.
    path: PathBuf,
    /// `None`: it is not there.
    text: Option<String>,
}

impl Original {
    pub(super) fn read(shown: &Path) -> Result<Self, Complaint> {
        let path = resolved(shown);
        let text = current(shown, &path)?;
        Ok(Self { shown: shown.to_owned(), path, text })
    }

    pub(super) fn exists(&self) -> bool {
        self.text.is_some()
    }

    pub(super) fn document<D: Document>(&self, list: &'static str) -> Result<D, Complaint> {
        let text = self.text.as_deref().unwrap_or_default();
        D::read(text.trim_start_matches(MARK), list).map_err(|broken| self.broken(&broken))
    }

    pub(super) fn broken(&self, Broken { line, message }: &Broken) -> Complaint {
        let place = line
            .map_or_else(|| format!("`{}`", self.shown.display()), |line| format!("{}:{line}", self.shown.display()));
        let message = format!("{place}: {message}");
        Complaint::new(Exit::Usage, message, "mend the file first; it was left as it is")
    }

    /// Whether the text would be another one.
    pub(super) fn differs(&self, text: &str) -> bool {
        self.text.as_deref().map(|text| text.trim_start_matches(MARK)) != Some(text)
    }

    /// Replaces the file, or makes it.
    pub(super) fn replace(&self, text: &str) -> Result<(), Complaint> {
        let mark = self.text.as_deref().is_some_and(|text| text.starts_with(MARK));
        let text = if mark { format!("{MARK}{text}") } else { text.to_owned() };
        let permissions = fs::metadata(&self.path).ok().map(|metadata| metadata.permissions());
        if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
            let message = format!("`{}` may not be written: it is read-only", self.shown.display());
            return Err(Complaint::new(
                Exit::NotWritten,
                message,
                "make it writable, or name another file with --file",
            ));
        }
        let written = temporary(&self.path, text.as_bytes(), permissions);
        let temporary = written.map_err(|error| not_written(&self.shown, &error))?;
        if current(&self.shown, &self.path).is_ok_and(|now| now == self.text) {
            return replace::put(&temporary, &self.path).map_err(|error| not_written(&self.shown, &error));
        }
        // It is of no use to anybody.
        let _ = fs::remove_file(&temporary);
        let message = format!("`{}` was changed by another program just now", self.shown.display());
        Err(Complaint::new(Exit::NotWritten, message, "nothing was written to it; try again"))
    }

    /// Copies the file as it was before the first change, once, and says where the copy is. `None`: there was no file.
    pub(super) fn backup(&self) -> Result<Option<PathBuf>, Complaint> {
        let Some(text) = &self.text else { return Ok(None) };
        let backup = self.backup_path();
        if fs::symlink_metadata(&backup).is_err() {
            temporary(&backup, text.as_bytes(), None)
                .and_then(|temporary| replace::put(&temporary, &backup))
                .map_err(|error| not_written(&backup, &error))?;
        }
        Ok(Some(backup))
    }

    /// The copy that was made once.
    pub(super) fn existing_backup(&self) -> Option<PathBuf> {
        Some(self.backup_path()).filter(|backup| backup.exists())
    }

    fn backup_path(&self) -> PathBuf {
        let name = self.shown.file_name().unwrap_or_default().to_string_lossy();
        self.shown.with_file_name(format!("{name}.{BACKUP}"))
    }

    pub(super) fn remove(&self) -> Result<(), Complaint> {
        fs::remove_file(&self.path).map_err(|error| not_written(&self.shown, &error))
    }
}

/// What the file has now.
fn current(shown: &Path, path: &Path) -> Result<Option<String>, Complaint> {
    let name = shown.display();
    let unusable = |exit: Exit, message: String| Complaint::new(exit, message, "name another file with --file");
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            return Err(unusable(Exit::Usage, format!("`{name}` is no ordinary file")));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => {}
    }
    let bytes = script::read_file(path, FILE_BYTES_MAX).map_err(|error| {
        unusable(Exit::NotReadable, script::cannot_read("configuration", &name.to_string(), &error))
    })?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(unusable(Exit::Usage, format!("`{name}` is larger than {FILE_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| unusable(Exit::Usage, format!("`{name}` is not UTF-8 text")))
}

/// What the file is to have, beside it. Missing folders are made, for the user alone.
fn temporary(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<PathBuf> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(replace::folder_of(path))?;
    replace::write_beside(path, bytes, permissions)
}

fn not_written(path: &Path, error: &io::Error) -> Complaint {
    let message = format!("`{}` could not be written: {error}", path.display());
    Complaint::new(Exit::NotWritten, message, "check that its folder can be written to")
}

#[cfg(test)]
mod tests {
    use super::Original;
    use std::fs;

    #[test]
    fn what_another_program_has_written_meanwhile_is_not_lost() {
        let folder = std::env::temp_dir().join(format!("agentloop-install-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
        let path = folder.join("a.json");
        fs::write(&path, "{}").expect("the folder is writable");
        let original = Original::read(&path).expect("it can be read");
        fs::write(&path, "{\"theirs\": 1}").expect("the folder is writable");
        let complaint = original.replace("{\"ours\": 1}").expect_err("it is another file by now");
        assert!(complaint.message.ends_with("was changed by another program just now"), "{complaint:?}");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "{\"theirs\": 1}");
        let files = fs::read_dir(&folder).expect("it is a folder").count();
        fs::remove_dir_all(&folder).expect("it is ours");
        assert_eq!(files, 1);
    }
}
