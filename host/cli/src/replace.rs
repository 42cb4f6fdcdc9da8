//! Files that are replaced as a whole: whoever reads one sees the old text or the new one, even if the machine stops in between.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A new file that nobody else may read.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the file could be replaced, or made.
pub(crate) fn probe(path: &Path) -> io::Result<()> {
    let (beside, _) = fresh(path)?;
    fs::remove_file(beside)
}

/// Writes what the file is to have beside it, to the disk, for the user alone unless `permissions` say more. [`put`] comes next.
pub(crate) fn write_beside(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<PathBuf> {
    let (beside, mut file) = fresh(path)?;
    let written = permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions));
    let written = written.and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_all());
    discarded_unless(written, &beside)?;
    Ok(beside)
}

/// Puts what was written beside a file in its place, on the disk as well: what is written next must not be there before it.
pub(crate) fn put(beside: &Path, path: &Path) -> io::Result<()> {
    discarded_unless(fs::rename(beside, path), beside)?;
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file beside `path` that no other process writes to.
fn fresh(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder_of(path).join(format!(".{name}.{}.tmp", std::process::id()));
    // Of a process of this number that was killed.
    let _ = fs::remove_file(&beside);
    let file = private(&beside)?;
    Ok((beside, file))
}

/// What was written in vain is of no use to anybody.
fn discarded_unless(result: io::Result<()>, beside: &Path) -> io::Result<()> {
    if result.is_err() {
        let _ = fs::remove_file(beside);
    }
    result
}
