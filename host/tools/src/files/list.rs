//! `list` and `glob`.

use super::folder::{Folder, Kind, modified_ms};
use super::path::Inside;
use super::walk::{Found, Reach, Room, Walked, walk};
use crate::message::shorten;
use agentloop_sandbox::CancellationToken;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// So many entries are in an answer if the script does not say.
const LIMIT_DEFAULT: u32 = 1_000;

/// So many entries are in an answer at most.
const LIMIT_MAX: u32 = 10_000;

/// A longer pattern is refused.
const PATTERN_BYTES_MAX: usize = 1_000;

/// A pattern with more alternatives inside of alternatives is refused.
const BRACES_DEPTH_MAX: usize = 8;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListArguments {
    /// The folder to list, relative to the granted one. Default: that one itself.
    path: Option<String>,
    /// Whether folders in it are listed as well. Default: no.
    recursive: Option<bool>,
    /// How many entries to list at most. Default 1000, maximum 10000.
    limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GlobArguments {
    /// The pattern, relative to `path`. `*` and `?` match within a name, `**` across folders, `{a,b}` one of several, `[a-z]` a
    /// character. For instance `**/*.{md,txt}`.
    pattern: String,
    /// The folder to look in, relative to the granted one. Default: that one itself.
    path: Option<String>,
    /// How many entries to give at most. Default 1000, maximum 10000.
    limit: Option<u32>,
}

/// A file, folder or link.
#[derive(Serialize, JsonSchema)]
struct Entry {
    /// The path, relative to the granted folder: pass it to the other tools as it is.
    path: String,
    /// What it is. Links are not followed.
    kind: Kind,
    /// The size in bytes, of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// When it was last changed, in milliseconds since 1970, as `new Date` takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_ms: Option<i64>,
}

/// What was found, in the order of names, each folder before what is in it.
#[derive(Serialize, JsonSchema)]
pub(super) struct ListAnswer {
    /// The entries.
    entries: Vec<Entry>,
    /// Why there may be more entries; missing if these are all.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<String>,
    /// Entries that were left out because their names are not UTF-8.
    unnamed: u64,
    /// Folders that could not be looked into.
    unreadable: u64,
}

pub(super) fn list(folder: &Folder, arguments: ListArguments, token: &CancellationToken) -> Result<ListAnswer, String> {
    let start = Inside::parse_or_root(arguments.path.as_deref())?;
    let reach = if arguments.recursive.unwrap_or(false) { Reach::Below } else { Reach::Here };
    collect(folder, &start, reach, arguments.limit, token, &|_| true)
}

pub(super) fn glob(folder: &Folder, arguments: GlobArguments, token: &CancellationToken) -> Result<ListAnswer, String> {
    let start = Inside::parse_or_root(arguments.path.as_deref())?;
    let pattern = Pattern::parse(&arguments.pattern, &start)?;
    collect(folder, &start, Reach::Below, arguments.limit, token, &|path| pattern.is_match(path))
}

fn collect(
    folder: &Folder,
    start: &Inside,
    reach: Reach,
    limit: Option<u32>,
    token: &CancellationToken,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<ListAnswer, String> {
    let mut room = Room::new(result_limit(limit, LIMIT_DEFAULT, LIMIT_MAX)?);
    let mut entries = Vec::new();
    let mut visit = |found: Found<'_>| {
        if !wanted(&found.path) {
            return Ok(ControlFlow::Continue(()));
        }
        if let Err(reason) = room.take(found.path.len()) {
            return Ok(ControlFlow::Break(reason));
        }
        entries.push(entry(found));
        Ok(ControlFlow::Continue(()))
    };
    let Walked { cut, unnamed, unreadable } = walk(folder, start, reach, token, &mut visit)?;
    Ok(ListAnswer { entries, cut, unnamed, unreadable })
}

fn entry(found: Found<'_>) -> Entry {
    // What has gone since its name was read is listed by its name alone.
    let metadata = found.dir.symlink_metadata(found.name).ok();
    let size = metadata.as_ref().filter(|_| found.kind == Kind::File).map(cap_std::fs::Metadata::len);
    Entry { path: found.path, kind: found.kind, size, modified_ms: metadata.as_ref().and_then(modified_ms) }
}

/// How many results a script gets.
pub(super) fn result_limit(said: Option<u32>, default: u32, max: u32) -> Result<usize, String> {
    match said.unwrap_or(default) {
        0 => Err("`limit` is 0: leave it out, or pass at least 1".to_owned()),
        limit if limit > max => Err(format!("`limit` is over {max}")),
        limit => Ok(limit as usize),
    }
}

/// A pattern of paths below a folder.
pub(super) struct Pattern {
    set: GlobSet,
    start: String,
}

impl Pattern {
    pub(super) fn parse(text: &str, start: &Inside) -> Result<Self, String> {
        let why = |reason: &str| Err(format!("`{}` is not a pattern of paths: {reason}", shorten(text)));
        if text.len() > PATTERN_BYTES_MAX {
            return why(&format!("it is over {PATTERN_BYTES_MAX} bytes"));
        }
        if text.starts_with('/') || text.split('/').any(|name| name == "..") {
            return why("it is matched with paths below the folder, as in `**/*.md`");
        }
        if braces_depth(text) > BRACES_DEPTH_MAX {
            return why(&format!("it has over {BRACES_DEPTH_MAX} braces inside of each other"));
        }
        let text = text.strip_prefix("./").unwrap_or(text);
        let glob = match GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build() {
            Ok(glob) => glob,
            Err(error) => return why(&error.kind().to_string()),
        };
        match GlobSetBuilder::new().add(glob).build() {
            Ok(set) => Ok(Self { set, start: start.join("") }),
            Err(error) => why(&error.kind().to_string()),
        }
    }

    /// Whether a path in the granted folder is below the pattern's folder and matches.
    pub(super) fn is_match(&self, path: &str) -> bool {
        path.strip_prefix(&self.start).is_some_and(|path| self.set.is_match(path))
    }
}

fn braces_depth(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for letter in text.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
