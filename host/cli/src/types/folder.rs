//! A folder for temporary files: nobody else may look into it, and it goes when it is no longer needed, also after a
//! failure.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder};
use std::hash::BuildHasher as _;
use std::io;
use std::path::{Path, PathBuf};

/// Names that are tried: each is a random number of 64 bits.
const TRIES_MAX: usize = 8;

pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn new() -> io::Result<Self> {
        let parent = std::env::temp_dir();
        let mut tries = 0;
        loop {
            let path = parent.join(format!("agentloop-types-{:016x}", RandomState::new().hash_one(tries)));
            tries += 1;
            match private().create(&path) {
                // Whatever is there, a link included, is not taken.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < TRIES_MAX => {}
                Err(error) => return Err(error),
                // The compiler works in it: links on the way to it must not count as part of names.
                Ok(()) => return Ok(Self { path: path.canonicalize()? }),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.path.join(name), text)
    }
}

#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind is no reason not to report what was found.
        drop(fs::remove_dir_all(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn a_folder_goes_with_all_that_is_in_it() {
        let folder = Folder::new().expect("there can be folders");
        folder.write("a.txt", "a").expect("it can be written to");
        let path = folder.path().to_owned();
        assert!(path.join("a.txt").is_file());
        drop(folder);
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_look_into_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new().expect("there can be folders");
        let mode = folder.path().metadata().expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
