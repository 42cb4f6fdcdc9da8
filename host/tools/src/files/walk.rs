//! Going through folders: in the order of names, through no link, within limits.

use super::folder::{Folder, Kind, explain, go_on, open_folder_here};
use super::path::{DEPTH_MAX, Inside};
use agentloop_sandbox::CancellationToken;
use cap_std::fs::{Dir, DirEntry};
use std::ops::ControlFlow;
use std::vec::IntoIter;

/// So many bytes of names and text are in one answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// What an entry of an answer takes beside its texts.
const ENTRY_BYTES: usize = 64;

/// Whether folders in the folder are gone through as well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Here,
    Below,
}

/// An entry that was come across.
pub(super) struct Found<'a> {
    /// The folder that it is in.
    pub(super) dir: &'a Dir,
    /// Its name there.
    pub(super) name: &'a str,
    /// Its path in the granted folder.
    pub(super) path: String,
    pub(super) kind: Kind,
}

/// What became of a walk.
#[derive(Default)]
pub(super) struct Walked {
    /// Why it ended early.
    pub(super) cut: Option<String>,
    /// Entries whose names are not UTF-8, which no path can name.
    pub(super) unnamed: u64,
    /// Folders that could not be opened.
    pub(super) unreadable: u64,
}

/// What an answer may still hold.
pub(super) struct Room {
    entries: usize,
    bytes: usize,
    limit: usize,
}

impl Room {
    pub(super) fn new(limit: usize) -> Self {
        Self { entries: limit, bytes: ANSWER_BYTES_MAX, limit }
    }

    /// Takes the room of one more entry, or says why there is none.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), String> {
        if self.entries == 0 {
            return Err(format!("there are more than the limit of {}", self.limit));
        }
        let bytes = bytes.saturating_add(ENTRY_BYTES);
        if self.bytes < bytes {
            return Err(format!("the answer would be over {ANSWER_BYTES_MAX} bytes"));
        }
        self.entries -= 1;
        self.bytes -= bytes;
        Ok(())
    }
}

struct Level {
    dir: Dir,
    path: String,
    names: IntoIter<(String, Kind)>,
}

struct Walk<'a> {
    token: &'a CancellationToken,
    /// Entries that may still be looked at.
    entries: u64,
    entries_max: u64,
    walked: Walked,
}

/// Visits what is in a folder, names in order, each folder before what is in it. Visiting ends when `visit` says why it should.
pub(super) fn walk(
    folder: &Folder,
    start: &Inside,
    reach: Reach,
    token: &CancellationToken,
    visit: &mut dyn FnMut(Found<'_>) -> Result<ControlFlow<String>, String>,
) -> Result<Walked, String> {
    let entries_max = folder.limits.entries_max;
    let mut walk = Walk { token, entries: entries_max, entries_max, walked: Walked::default() };
    let top = walk.level(folder.open_folder(start)?, start.shown(), start.names().next().map(|_| start.shown()))?;
    let depth_start = start.names().count();
    let mut levels = vec![top];
    while let Some(level) = levels.last_mut() {
        go_on(token)?;
        let Some((name, kind)) = level.names.next() else {
            levels.pop();
            continue;
        };
        let path = if level.path.is_empty() { name.clone() } else { format!("{}/{name}", level.path) };
        let found = Found { dir: &level.dir, name: &name, path: path.clone(), kind };
        if let ControlFlow::Break(reason) = visit(found)? {
            walk.walked.cut = Some(reason);
            break;
        }
        if kind != Kind::Folder || reach == Reach::Here {
            continue;
        }
        if depth_start + levels.len() >= DEPTH_MAX {
            walk.cut(format!("folders over {DEPTH_MAX} deep were left out"));
        } else if let Some(level) = levels.last().and_then(|level| walk.enter(&level.dir, &name, &path)) {
            levels.push(level);
        }
        go_on(token)?;
    }
    Ok(walk.walked)
}

impl Walk<'_> {
    /// Opens a folder that was come across. What cannot be opened is counted: it may have gone meanwhile.
    fn enter(&mut self, dir: &Dir, name: &str, path: &str) -> Option<Level> {
        if self.entries == 0 {
            self.cut_entries();
            return None;
        }
        let level = open_folder_here(dir, name, path).and_then(|dir| self.level(dir, path, Some(path)));
        if level.is_err() {
            self.walked.unreadable += 1;
        }
        level.ok()
    }

    fn level(&mut self, dir: Dir, shown: &str, path: Option<&str>) -> Result<Level, String> {
        let mut names = Vec::new();
        for entry in dir.entries().map_err(|error| explain(&error, shown))? {
            go_on(self.token)?;
            if self.entries == 0 {
                self.cut_entries();
                break;
            }
            self.entries -= 1;
            let entry = entry.map_err(|error| explain(&error, shown))?;
            match entry.file_name().into_string() {
                Ok(name) => names.push((name, kind_of(&entry))),
                Err(_) => self.walked.unnamed += 1,
            }
        }
        names.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        Ok(Level { dir, path: path.unwrap_or_default().to_owned(), names: names.into_iter() })
    }

    fn cut_entries(&mut self) {
        self.cut(format!("there are more than {} files and folders to look at", self.entries_max));
    }

    /// Keeps the first reason.
    fn cut(&mut self, reason: String) {
        self.walked.cut.get_or_insert(reason);
    }
}

fn kind_of(entry: &DirEntry) -> Kind {
    match entry.file_type().map(Kind::from) {
        Ok(Kind::Special) | Err(_) => {
            // Some file systems do not say of a name alone what it stands for.
            entry.metadata().map_or(Kind::Special, |metadata| metadata.file_type().into())
        }
        Ok(kind) => kind,
    }
}
