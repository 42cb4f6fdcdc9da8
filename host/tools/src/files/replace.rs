//! Putting new contents in the place of a file: whole, or not at all.
//!
//! The contents go to a file of another name in the same folder, which then takes the name. Whoever reads meanwhile sees the old
//! file or the new one. Neither a link nor another name of the same file is written through.

use super::folder::{Kind, explain, through_link};
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{Dir, File, Metadata, OpenOptions, Permissions};
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// So many names are tried for the file that the contents first go to.
const NAMES_MAX: u32 = 16;

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Replace,
    Keep,
}

/// What is there before something is put in its place: nothing, or a file that may be written.
pub(super) fn check_target(dir: &Dir, name: &str, shown: &str) -> Result<Option<Metadata>, String> {
    let metadata = match dir.symlink_metadata(name) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(explain(&error, shown)),
    };
    match metadata.file_type().into() {
        Kind::Link => Err(through_link(shown)),
        Kind::Folder => Err(format!("`{shown}` is a folder, not a file")),
        Kind::Special => Err(format!("`{shown}` is not a file but a pipe, a socket or a device, which no tool opens")),
        Kind::File if metadata.permissions().readonly() => {
            Err(format!("the permissions of `{shown}` do not allow to change it"))
        }
        Kind::File => Ok(Some(metadata)),
    }
}

/// Puts a file of these contents in the place of `name`. The permissions stay those of the file that was there.
pub(super) fn replace(
    dir: &Dir,
    name: &str,
    shown: &str,
    contents: &[u8],
    permissions: Option<Permissions>,
    existing: Existing,
) -> Result<(), String> {
    let (aside, file) = create_aside(dir).map_err(|error| explain(&error, shown))?;
    let result = fill(file, contents, permissions).and_then(|()| match existing {
        Existing::Replace => dir.rename(&aside, dir, name),
        Existing::Keep => give_free_name(dir, &aside, name),
    });
    if result.is_err() || existing == Existing::Keep {
        // It is gone already where there are no second names. What is left behind harms nobody otherwise, and the first error
        // is the one to tell of.
        let _ = dir.remove_file(&aside);
    }
    result.map_err(|error| explain(&error, shown))
}

/// Gives the file a name that nobody else has, or fails.
fn give_free_name(dir: &Dir, aside: &str, name: &str) -> io::Result<()> {
    match dir.hard_link(aside, dir, name) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // This file system has no second names. The name is taken with an empty file, which is then replaced.
            let mut options = OpenOptions::new();
            options.write(true).create_new(true).follow(FollowSymlinks::No);
            dir.open_with(name, &options)?;
            dir.rename(aside, dir, name)
        }
        result => result,
    }
}

fn create_aside(dir: &Dir) -> io::Result<(String, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).follow(FollowSymlinks::No);
    let mut last = None;
    for _ in 0..NAMES_MAX {
        let name = aside_name();
        match dir.open_with(&name, &options) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| ErrorKind::AlreadyExists.into()))
}

/// A name that nobody else has, unless they mean to; those who do are refused by `create_new`.
fn aside_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_nanos());
    format!(".agentloop-{:x}-{nanoseconds:x}-{count:x}.tmp", std::process::id())
}

fn fill(mut file: File, contents: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    file.write_all(contents)?;
    if let Some(permissions) = permissions {
        file.set_permissions(plain(permissions))?;
    }
    // Without this, a crash soon after may leave an empty file under the name.
    file.sync_all()
}

/// Without the bits that lend the owner's rights to whoever runs the file.
#[cfg(unix)]
fn plain(permissions: Permissions) -> Permissions {
    use cap_std::fs::PermissionsExt;
    Permissions::from_mode(permissions.mode() & 0o777)
}

#[cfg(not(unix))]
fn plain(permissions: Permissions) -> Permissions {
    permissions
}

/// Takes away a file or a link by its name in `dir`.
pub(super) fn remove_name(dir: &Dir, name: &OsStr) -> io::Result<()> {
    dir.remove_file_or_symlink(name)
}
