//! `move` and `remove`.

use super::folder::{Folder, Kind, Parents, explain, go_on, open_folder_here};
use super::path::{DEPTH_MAX, Inside};
use super::replace::{check_target, remove_name};
use agentloop_sandbox::CancellationToken;
use cap_std::fs::Dir;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::vec::IntoIter;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveArguments {
    /// What to move or rename: a file, folder or link, relative to the granted folder.
    from: String,
    /// Its new path, relative to the granted folder. The folder that it is in must be there.
    to: String,
    /// Whether a file that is there may be replaced. Default: no.
    replace: Option<bool>,
}

/// What was moved.
#[derive(Serialize, JsonSchema)]
pub(super) struct MoveAnswer {
    /// Its path before.
    from: String,
    /// Its path now.
    to: String,
}

/// Moves. What is at `to` is looked at first; another program that puts something there in the same moment loses it.
pub(super) fn move_to(
    folder: &Folder,
    arguments: MoveArguments,
    token: &CancellationToken,
) -> Result<MoveAnswer, String> {
    let (from, to) = (Inside::parse(&arguments.from)?, Inside::parse(&arguments.to)?);
    let (from_shown, to_shown) = (from.shown(), to.shown());
    let _changing = folder.changing(token)?;
    let (from_dir, from_name) = folder.open_parent(&from, Parents::Expect)?;
    let (to_dir, to_name) = folder.open_parent(&to, Parents::Expect)?;
    from_dir.symlink_metadata(from_name).map_err(|error| explain(&error, from_shown))?;
    if from == to {
        return Err(format!("`from` and `to` are both `{to_shown}`"));
    }
    if to_shown.strip_prefix(from_shown).is_some_and(|rest| rest.starts_with('/')) {
        return Err(format!("`{from_shown}` cannot be moved into itself"));
    }
    let there = check_target(&to_dir, to_name, to_shown)?;
    if there.is_some() && !arguments.replace.unwrap_or(false) {
        return Err(format!("`{to_shown}` is there already: pass `replace` to replace it"));
    }
    from_dir.rename(from_name, &to_dir, to_name).map_err(|error| explain(&error, to_shown))?;
    Ok(MoveAnswer { from: from_shown.to_owned(), to: to_shown.to_owned() })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoveArguments {
    /// What to remove: a file, a folder, or a link (what it leads to stays), relative to the granted folder.
    path: String,
    /// Whether a folder is removed with all that is in it. Default: no; then it must be empty.
    recursive: Option<bool>,
}

/// What was removed.
#[derive(Serialize, JsonSchema)]
pub(super) struct RemoveAnswer {
    /// What was to be removed.
    path: String,
    /// How many files, folders and links that were.
    removed: u64,
}

pub(super) fn remove(
    folder: &Folder,
    arguments: RemoveArguments,
    token: &CancellationToken,
) -> Result<RemoveAnswer, String> {
    let path = Inside::parse(&arguments.path)?;
    let shown = path.shown();
    let _changing = folder.changing(token)?;
    let (dir, name) = folder.open_parent(&path, Parents::Expect)?;
    let metadata = dir.symlink_metadata(name).map_err(|error| explain(&error, shown))?;
    let mut removed = 0;
    if Kind::from(metadata.file_type()) != Kind::Folder {
        remove_name(&dir, name.as_ref()).map_err(|error| explain(&error, shown))?;
    } else {
        if arguments.recursive.unwrap_or(false) {
            let mut emptying = Emptying { token, removed: 0, left: folder.limits.entries_max, is_cut: false };
            let result = emptying.empty(open_folder_here(&dir, name, shown)?, shown);
            removed = emptying.removed;
            result.map_err(|error| format!("{removed} entries of `{shown}` were removed, then: {error}"))?;
        }
        dir.remove_dir(name).map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty => {
                format!("the folder `{shown}` is not empty: pass `recursive` to remove it with all that is in it")
            }
            _ => explain(&error, shown),
        })?;
    }
    Ok(RemoveAnswer { path: shown.to_owned(), removed: removed + 1 })
}

struct Emptying<'a> {
    token: &'a CancellationToken,
    removed: u64,
    /// Entries that may still be looked at.
    left: u64,
    /// Whether there were more.
    is_cut: bool,
}

struct Level {
    dir: Dir,
    /// Its name in the folder of the level above.
    name: OsString,
    names: IntoIter<OsString>,
}

impl Emptying<'_> {
    /// Removes all that is in a folder. Links are removed, never followed: each folder is opened by its name, and not if that
    /// is a link by now.
    fn empty(&mut self, dir: Dir, shown: &str) -> Result<(), String> {
        let mut levels = vec![self.level(dir, OsString::new(), shown)?];
        while let Some(mut level) = levels.pop() {
            go_on(self.token)?;
            let Some(name) = level.names.next() else {
                if self.is_cut {
                    return Err("there are more than one call removes: call again for the rest".to_owned());
                }
                if let Some(above) = levels.last() {
                    above.dir.remove_dir(&level.name).map_err(|error| explain(&error, &text(&level.name)))?;
                    self.removed += 1;
                }
                continue;
            };
            let kind = match level.dir.symlink_metadata(&name) {
                Ok(metadata) => Kind::from(metadata.file_type()),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    levels.push(level);
                    continue;
                }
                Err(error) => return Err(explain(&error, &text(&name))),
            };
            if kind == Kind::Folder {
                if levels.len() + 1 >= DEPTH_MAX {
                    return Err(format!("there are folders over {DEPTH_MAX} deep"));
                }
                let below = self.open(&level.dir, &name)?;
                levels.push(level);
                levels.push(self.level(below, name.clone(), &text(&name))?);
            } else {
                remove_name(&level.dir, name.as_ref()).map_err(|error| explain(&error, &text(&name)))?;
                self.removed += 1;
                levels.push(level);
            }
        }
        Ok(())
    }

    fn open(&self, dir: &Dir, name: &OsString) -> Result<Dir, String> {
        use cap_fs_ext::DirExt;
        dir.open_dir_nofollow(name).map_err(|error| explain(&error, &text(name)))
    }

    fn level(&mut self, dir: Dir, name: OsString, shown: &str) -> Result<Level, String> {
        let mut names = Vec::new();
        for entry in dir.entries().map_err(|error| explain(&error, shown))? {
            go_on(self.token)?;
            if self.left == 0 {
                self.is_cut = true;
                break;
            }
            self.left -= 1;
            names.push(entry.map_err(|error| explain(&error, shown))?.file_name());
        }
        Ok(Level { dir, name, names: names.into_iter() })
    }
}

fn text(name: &OsString) -> String {
    name.to_string_lossy().into_owned()
}
