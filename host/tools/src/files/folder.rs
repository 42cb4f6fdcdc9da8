//! The only gate to the disk: every file and folder is opened here, below the handle of the granted folder.
//!
//! Reading may follow links that stay inside; the handle refuses those that do not. Changing never goes through a link: the way
//! down is opened name by name, and a name that is a link is refused.

use super::FilesLimits;
use super::path::Inside;
use agentloop_sandbox::CancellationToken;
use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, File, FileType, Metadata, OpenOptions};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

/// The granted folder.
pub(super) struct Folder {
    root: Dir,
    pub(super) limits: FilesLimits,
    changes: Mutex<()>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device. No tool opens it.
    Special,
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Self {
        if kind.is_file() {
            Self::File
        } else if kind.is_dir() {
            Self::Folder
        } else if kind.is_symlink() {
            Self::Link
        } else {
            Self::Special
        }
    }
}

/// What happens if a folder on the way down is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parents {
    /// It is made.
    Make,
    /// The call fails.
    Expect,
    /// The call fails, and says that it can be made.
    Offer,
}

impl Folder {
    pub(super) fn new(root: Dir, limits: FilesLimits) -> Self {
        Self { root, limits, changes: Mutex::new(()) }
    }

    /// Held while something is changed, so that parallel calls of a script do not undo each other's work.
    pub(super) fn changing(&self, token: &CancellationToken) -> Result<MutexGuard<'_, ()>, String> {
        // The lock guards no data, so a panic of its last holder left nothing half done in it.
        let guard = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        go_on(token)?;
        Ok(guard)
    }

    /// What a path stands for; a link at its end is not followed.
    pub(super) fn metadata_of_link(&self, path: &Inside) -> Result<Metadata, String> {
        let result = if path.names().next().is_none() {
            self.root.dir_metadata()
        } else {
            self.root.symlink_metadata(path.as_path())
        };
        result.map_err(|error| explain(&error, path.shown()))
    }

    /// What a path stands for, with links that stay inside followed.
    pub(super) fn metadata(&self, path: &Inside) -> Result<Metadata, String> {
        self.root.metadata(path.as_path()).map_err(|error| explain(&error, path.shown()))
    }

    /// Opens a file for reading, through links that stay inside. Anything but a file is refused, and none of it blocks.
    pub(super) fn open_file(&self, path: &Inside) -> Result<(File, Metadata), String> {
        // Opening a pipe wakes up who waits at its other end, so it is looked at first. What was looked at may be swapped
        // before it is opened, so what was opened is looked at again.
        check_is_file(&self.metadata(path)?, path.shown())?;
        open_checked(&self.root, path.as_path(), path.shown(), FollowSymlinks::Yes)
    }

    /// Opens a folder for reading, through links that stay inside.
    pub(super) fn open_folder(&self, path: &Inside) -> Result<Dir, String> {
        self.root.open_dir(path.as_path()).map_err(|error| match error.kind() {
            ErrorKind::NotADirectory => format!("`{}` is not a folder", path.shown()),
            _ => explain(&error, path.shown()),
        })
    }

    /// Opens the folder that a path is in, for changing it there, and gives its name. No link is followed.
    pub(super) fn open_parent<'a>(&self, path: &'a Inside, parents: Parents) -> Result<(Dir, &'a str), String> {
        let Some((parent, name)) = path.split_last() else {
            return Err("`.` is the folder itself, which cannot be changed: name something in it".to_owned());
        };
        Ok((self.descend(&parent, parents)?.0, name))
    }

    /// Opens a folder for changing what is in it, name by name and through no link. Says whether the last one was made.
    pub(super) fn descend(&self, path: &Inside, parents: Parents) -> Result<(Dir, bool), String> {
        let mut dir = self.root.try_clone().map_err(|error| explain(&error, "."))?;
        let mut here = String::new();
        let mut made = false;
        for name in path.names() {
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(name);
            made = parents == Parents::Make && make_here(&dir, name, &here)?;
            if parents == Parents::Offer && is_missing(&dir, name) {
                return Err(format!("there is no folder `{here}`: pass `make_parents` to make it"));
            }
            dir = open_folder_here(&dir, name, &here)?;
        }
        Ok((dir, made))
    }
}

/// Makes a folder by its name in `dir`, and says whether it was missing.
fn make_here(dir: &Dir, name: &str, shown: &str) -> Result<bool, String> {
    match dir.create_dir(name) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(explain(&error, shown)),
    }
}

fn is_missing(dir: &Dir, name: &str) -> bool {
    dir.symlink_metadata(name).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Opens a folder by its name in `dir`. A link is refused.
pub(super) fn open_folder_here(dir: &Dir, name: &str, shown: &str) -> Result<Dir, String> {
    dir.open_dir_nofollow(name).map_err(|error| {
        match dir.symlink_metadata(name).map(|metadata| metadata.file_type().into()) {
            Ok(Kind::Link) => through_link(shown),
            Ok(Kind::File | Kind::Special) => format!("`{shown}` is not a folder"),
            Ok(Kind::Folder) | Err(_) => explain(&error, shown),
        }
    })
}

/// Opens a file by its name in `dir`. A link is refused, as is anything else but a file.
pub(super) fn open_file_here(dir: &Dir, name: &str, shown: &str) -> Result<(File, Metadata), String> {
    let metadata = dir.symlink_metadata(name).map_err(|error| explain(&error, shown))?;
    if Kind::from(metadata.file_type()) == Kind::Link {
        return Err(through_link(shown));
    }
    check_is_file(&metadata, shown)?;
    open_checked(dir, name.as_ref(), shown, FollowSymlinks::No)
}

fn open_checked(
    dir: &Dir,
    path: &std::path::Path,
    shown: &str,
    follow: FollowSymlinks,
) -> Result<(File, Metadata), String> {
    let mut options = OpenOptions::new();
    options.read(true).nonblock(true).follow(follow);
    let file = dir.open_with(path, &options).map_err(|error| explain(&error, shown))?;
    let metadata = file.metadata().map_err(|error| explain(&error, shown))?;
    check_is_file(&metadata, shown)?;
    Ok((file, metadata))
}

fn check_is_file(metadata: &Metadata, shown: &str) -> Result<(), String> {
    match metadata.file_type().into() {
        Kind::File => Ok(()),
        Kind::Folder => Err(format!("`{shown}` is a folder, not a file: list it instead")),
        Kind::Link | Kind::Special => {
            Err(format!("`{shown}` is not a file but a pipe, a socket or a device, which no tool opens"))
        }
    }
}

pub(super) fn through_link(shown: &str) -> String {
    format!("`{shown}` is a link, and nothing is changed through links: use the path of what it leads to")
}

/// When something was last changed, in milliseconds since 1970. Nothing if the file system does not say.
pub(super) fn modified_ms(metadata: &Metadata) -> Option<i64> {
    let modified = metadata.modified().ok()?.into_std();
    match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).ok(),
        Err(before) => i64::try_from(before.duration().as_millis()).ok().map(|ms| -ms),
    }
}

/// Fails once the call was given up.
pub(super) fn go_on(token: &CancellationToken) -> Result<(), String> {
    if token.is_cancelled() { Err("the call was cancelled".to_owned()) } else { Ok(()) }
}

/// What a script is told of an error of the system. Only the path that the script knows is in it.
pub(super) fn explain(error: &io::Error, shown: &str) -> String {
    match error.kind() {
        ErrorKind::NotFound => format!("there is no `{shown}`"),
        // What the handle of the folder refuses has no number of the system.
        ErrorKind::PermissionDenied if error.raw_os_error().is_none() => {
            format!("`{shown}` leads out of the folder, through a link")
        }
        ErrorKind::PermissionDenied => format!("the permissions of `{shown}` do not allow this"),
        ErrorKind::AlreadyExists => format!("`{shown}` is there already"),
        ErrorKind::NotADirectory => format!("a part of `{shown}` is not a folder"),
        ErrorKind::DirectoryNotEmpty => format!("the folder `{shown}` is not empty"),
        kind => format!("`{shown}` cannot be used: {kind}"),
    }
}
