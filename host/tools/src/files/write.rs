//! `write`, `edit` and `make_folder`.

use super::folder::{Folder, Parents, explain, open_file_here};
use super::path::Inside;
use super::read::Encoding;
use super::replace::{Existing, check_target, replace};
use crate::message::shorten;
use agentloop_sandbox::CancellationToken;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cap_fs_ext::MetadataExt;
use cap_std::fs::Metadata;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// More edits in one call are refused.
const EDITS_MAX: usize = 100;

/// So many lines are named where an edit fits more than once.
const LINES_SHOWN_MAX: usize = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteArguments {
    /// The file, relative to the folder. It is replaced if it is there.
    path: String,
    /// The whole contents.
    content: String,
    /// How `content` is written: `utf8` (default) or `base64`.
    encoding: Option<Encoding>,
    /// Whether to fail if the file is there already. Default: no.
    create_only: Option<bool>,
    /// Whether to make the folders that it is in, if they are missing. Default: no.
    make_parents: Option<bool>,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
pub(super) struct WriteAnswer {
    /// The file.
    path: String,
    /// Its size now, in bytes.
    size: u64,
    /// Whether there was no such file before.
    created: bool,
}

pub(super) fn write(
    folder: &Folder,
    arguments: WriteArguments,
    token: &CancellationToken,
) -> Result<WriteAnswer, String> {
    let path = Inside::parse(&arguments.path)?;
    let shown = path.shown();
    check_size(folder, shown, arguments.content.len())?;
    let contents = match arguments.encoding.unwrap_or_default() {
        Encoding::Utf8 => arguments.content.into_bytes(),
        Encoding::Base64 => {
            STANDARD.decode(arguments.content).map_err(|error| format!("`content` is not base64: {error}"))?
        }
    };
    let parents = if arguments.make_parents.unwrap_or(false) { Parents::Make } else { Parents::Offer };
    let existing = if arguments.create_only.unwrap_or(false) { Existing::Keep } else { Existing::Replace };
    let _changing = folder.changing(token)?;
    let (dir, name) = folder.open_parent(&path, parents)?;
    let before = check_target(&dir, name, shown)?;
    if before.is_some() && existing == Existing::Keep {
        return Err(format!("`{shown}` is there already: leave out `create_only` to replace it"));
    }
    let permissions = before.as_ref().map(Metadata::permissions);
    replace(&dir, name, shown, &contents, permissions, existing)?;
    Ok(WriteAnswer { path: shown.to_owned(), size: contents.len() as u64, created: before.is_none() })
}

fn check_size(folder: &Folder, shown: &str, size: usize) -> Result<(), String> {
    let max = folder.limits.write_bytes_max;
    if size as u64 > max { Err(format!("`{shown}` would be over {max} bytes")) } else { Ok(()) }
}

/// One replacement.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Edit {
    /// The text to replace, exactly as it is in the file, with its spaces and line breaks.
    old: String,
    /// The text to put there.
    new: String,
    /// Whether to replace it everywhere. Default: no; then it must be in the file exactly once.
    all: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditArguments {
    /// The file, relative to the folder.
    path: String,
    /// The replacements, made one after the other. If one of them fits nowhere, none is made. At most 100.
    edits: Vec<Edit>,
}

/// What was edited.
#[derive(Serialize, JsonSchema)]
pub(super) struct EditAnswer {
    /// The file.
    path: String,
    /// Its size now, in bytes.
    size: u64,
    /// How many places were replaced.
    replaced: u64,
}

pub(super) fn edit(folder: &Folder, arguments: EditArguments, token: &CancellationToken) -> Result<EditAnswer, String> {
    let path = Inside::parse(&arguments.path)?;
    let shown = path.shown();
    if arguments.edits.is_empty() || arguments.edits.len() > EDITS_MAX {
        return Err(format!("`edits` has {} edits, expected 1 to {EDITS_MAX}", arguments.edits.len()));
    }
    let _changing = folder.changing(token)?;
    let (dir, name) = folder.open_parent(&path, Parents::Expect)?;
    if check_target(&dir, name, shown)?.is_none() {
        return Err(format!("there is no `{shown}`"));
    }
    let (file, before) = open_file_here(&dir, name, shown)?;
    let max = folder.limits.write_bytes_max;
    if before.len() > max {
        return Err(format!("`{shown}` is over {max} bytes, which is too large to edit"));
    }
    let mut bytes = Vec::new();
    file.take(max).read_to_end(&mut bytes).map_err(|error| explain(&error, shown))?;
    let mut text = String::from_utf8(bytes).map_err(|_| format!("`{shown}` is not text, and cannot be edited"))?;
    let mut replaced = 0;
    for (index, edit) in arguments.edits.iter().enumerate() {
        super::folder::go_on(token)?;
        let which = format!("edit {} of {}", index + 1, arguments.edits.len());
        let (new, count) = apply(&text, edit, shown, max).map_err(|reason| format!("{which}: {reason}"))?;
        text = new;
        replaced += count as u64;
    }
    check_unchanged(&before, &dir.symlink_metadata(name).map_err(|error| explain(&error, shown))?, shown)?;
    replace(&dir, name, shown, text.as_bytes(), Some(before.permissions()), Existing::Replace)?;
    Ok(EditAnswer { path: shown.to_owned(), size: text.len() as u64, replaced })
}

/// Makes one replacement, and counts the places. The size is known before memory is taken for it.
fn apply(text: &str, edit: &Edit, shown: &str, size_max: u64) -> Result<(String, usize), String> {
    if edit.old.is_empty() {
        return Err("`old` is empty: give the text to replace".to_owned());
    }
    if edit.old == edit.new {
        return Err("`old` and `new` are the same".to_owned());
    }
    let count = match edit.all.unwrap_or(false) {
        true => text.matches(&edit.old).count(),
        false => check_once(text, &edit.old, shown)?,
    };
    if count == 0 {
        return Err(format!(
            "`{}` is not in `{shown}`: read the file again, and mind spaces and line breaks",
            shorten(&edit.old)
        ));
    }
    let size = (text.len() - count * edit.old.len()).saturating_add(count.saturating_mul(edit.new.len()));
    if size as u64 > size_max {
        return Err(format!("`{shown}` would be over {size_max} bytes"));
    }
    Ok((text.replace(&edit.old, &edit.new), count))
}

/// Fails if the text is there more than once, overlaps included: which one was meant is not for us to guess.
fn check_once(text: &str, old: &str, shown: &str) -> Result<usize, String> {
    let mut from = 0;
    let mut places = Vec::new();
    while let Some(at) = text[from..].find(old).map(|at| from + at) {
        if places.len() > LINES_SHOWN_MAX {
            break;
        }
        places.push(at);
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    if places.len() < 2 {
        return Ok(places.len());
    }
    let line = |at: &usize| (text[..*at].matches('\n').count() + 1).to_string();
    let lines: Vec<String> = places.iter().take(LINES_SHOWN_MAX).map(line).collect();
    let more = if places.len() > LINES_SHOWN_MAX { " and more" } else { "" };
    Err(format!(
        "`{}` is more than once in `{shown}`, in lines {}{more}: give more of the text around it, or pass `all`",
        shorten(old),
        lines.join(", ")
    ))
}

/// Fails if somebody else changed the file since it was read.
fn check_unchanged(before: &Metadata, now: &Metadata, shown: &str) -> Result<(), String> {
    let same_file = before.ino() == now.ino() && before.dev() == now.dev() && before.len() == now.len();
    if same_file && before.modified().ok() == now.modified().ok() {
        return Ok(());
    }
    Err(format!("`{shown}` was changed by somebody else meanwhile: read it again"))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MakeFolderArguments {
    /// The folder, relative to the granted one. The folders that it is in are made as well.
    path: String,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
pub(super) struct MakeFolderAnswer {
    /// The folder.
    path: String,
    /// Whether it was not there before.
    created: bool,
}

pub(super) fn make_folder(
    folder: &Folder,
    arguments: MakeFolderArguments,
    token: &CancellationToken,
) -> Result<MakeFolderAnswer, String> {
    let path = Inside::parse(&arguments.path)?;
    let _changing = folder.changing(token)?;
    let (_, created) = folder.descend(&path, Parents::Make)?;
    Ok(MakeFolderAnswer { path: path.shown().to_owned(), created })
}
