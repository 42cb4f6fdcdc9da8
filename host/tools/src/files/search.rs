//! `search`: lines that match a regular expression.
//!
//! The engine takes time in proportion to pattern × text, never more, and both are bounded: the pattern by its compiled size,
//! the text by the sizes of lines, files and the whole search. Cancelling is looked at between lines.

use super::folder::{Folder, Kind, go_on, open_file_here};
use super::list::{Pattern, result_limit};
use super::path::Inside;
use super::walk::{Found, Reach, Room, walk};
use crate::message::shorten;
use agentloop_sandbox::CancellationToken;
use regex::bytes::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::io::Read;
use std::ops::ControlFlow;

const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;
const CONTEXT_LINES_MAX: u32 = 10;

/// A longer pattern is refused.
const PATTERN_BYTES_MAX: usize = 1_000;

/// A pattern that takes more when compiled is refused.
const COMPILED_BYTES_MAX: usize = 256 << 10;

/// Groups inside of groups.
const NEST_MAX: u32 = 32;

/// A longer line is not searched. The worst pattern takes half a second for a line of this length, and cancelling waits for it.
const LINE_BYTES_MAX: usize = 16 << 10;

/// More of a line is not shown.
const SHOWN_BYTES_MAX: usize = 500;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchArguments {
    /// The regular expression, matched line by line. It has no look-around and no back references; `(?i)` ignores case.
    pattern: String,
    /// The file or folder to search, relative to the granted folder. Default: that one itself.
    path: Option<String>,
    /// Only files whose paths below `path` match this, as in `**/*.rs`.
    glob: Option<String>,
    /// How many matching lines to give at most. Default 100, maximum 1000.
    limit: Option<u32>,
    /// How many lines before and after each match to give. Default 0, maximum 10.
    context: Option<u32>,
}

/// A line that matches.
#[derive(Serialize, JsonSchema)]
struct Match {
    /// The file.
    path: String,
    /// The number of the line, from 1.
    line: u64,
    /// The line. Over 500 bytes, it ends with `…`.
    text: String,
    /// The lines before it, if `context` was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
    /// The lines after it, if `context` was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<String>,
}

/// Files and lines that were not searched.
#[derive(Default, Serialize, JsonSchema)]
struct Skipped {
    /// Files that are not text.
    binary_files: u64,
    /// Files that are too large.
    large_files: u64,
    /// Files and folders that could not be opened.
    unreadable: u64,
    /// Lines of searched files that are over 16 KiB.
    long_lines: u64,
    /// Files and folders whose names are not UTF-8.
    unnamed: u64,
}

/// What was found, by file and line.
#[derive(Serialize, JsonSchema)]
pub(super) struct SearchAnswer {
    /// The lines that match.
    matches: Vec<Match>,
    /// Why there may be more matches; missing if these are all.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<String>,
    /// How many files were searched.
    files_searched: u64,
    /// What was not searched.
    skipped: Skipped,
}

struct Search<'a> {
    folder: &'a Folder,
    token: &'a CancellationToken,
    regex: Regex,
    context: usize,
    room: Room,
    /// Bytes that may still be searched.
    bytes: u64,
    answer: SearchAnswer,
}

pub(super) fn search(
    folder: &Folder,
    arguments: SearchArguments,
    token: &CancellationToken,
) -> Result<SearchAnswer, String> {
    let start = Inside::parse_or_root(arguments.path.as_deref())?;
    let context = arguments.context.unwrap_or(0);
    if context > CONTEXT_LINES_MAX {
        return Err(format!("`context` is over {CONTEXT_LINES_MAX}"));
    }
    let mut search = Search {
        folder,
        token,
        regex: compile(&arguments.pattern)?,
        context: context as usize,
        room: Room::new(result_limit(arguments.limit, LIMIT_DEFAULT, LIMIT_MAX)?),
        bytes: folder.limits.search_bytes_max,
        answer: SearchAnswer { matches: Vec::new(), cut: None, files_searched: 0, skipped: Skipped::default() },
    };
    let glob = arguments.glob.as_deref().map(|glob| Pattern::parse(glob, &start)).transpose()?;
    if folder.metadata(&start)?.is_file() {
        if glob.is_some() {
            return Err(format!("`{}` is one file: leave out `glob`", start.shown()));
        }
        search.one_file(&start)?;
        return Ok(search.answer);
    }
    let mut visit = |found: Found<'_>| {
        let wanted = found.kind == Kind::File && glob.as_ref().is_none_or(|glob| glob.is_match(&found.path));
        if wanted { search.found(&found) } else { Ok(ControlFlow::Continue(())) }
    };
    let walked = walk(folder, &start, Reach::Below, token, &mut visit)?;
    let mut answer = search.answer;
    answer.cut = walked.cut;
    answer.skipped.unnamed = walked.unnamed;
    answer.skipped.unreadable += walked.unreadable;
    Ok(answer)
}

fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() {
        return Err("`pattern` is empty, and would match every line".to_owned());
    }
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("`pattern` is over {PATTERN_BYTES_MAX} bytes"));
    }
    let mut builder = RegexBuilder::new(pattern);
    builder.size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).nest_limit(NEST_MAX);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("`{}` is too large when compiled: ask for fewer repetitions", shorten(pattern))
        }
        // The parser draws the pattern and points into it; its last line says what is wrong.
        error => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("`{}` is not a regular expression: {reason}", shorten(pattern))
        }
    })
}

impl Search<'_> {
    fn one_file(&mut self, path: &Inside) -> Result<(), String> {
        let (file, metadata) = self.folder.open_file(path)?;
        if let ControlFlow::Break(reason) = self.file(path.shown(), file, metadata.len())? {
            self.answer.cut = Some(reason);
        }
        Ok(())
    }

    fn found(&mut self, found: &Found<'_>) -> Result<ControlFlow<String>, String> {
        match open_file_here(found.dir, found.name, &found.path) {
            Ok((file, metadata)) => self.file(&found.path, file, metadata.len()),
            Err(_) => {
                self.answer.skipped.unreadable += 1;
                Ok(ControlFlow::Continue(()))
            }
        }
    }

    fn file(&mut self, path: &str, file: impl Read, size: u64) -> Result<ControlFlow<String>, String> {
        let file_max = self.folder.limits.search_file_bytes_max;
        if size > file_max {
            self.answer.skipped.large_files += 1;
            return Ok(ControlFlow::Continue(()));
        }
        if size > self.bytes {
            let max = self.folder.limits.search_bytes_max;
            return Ok(ControlFlow::Break(format!("there are more than {max} bytes to search")));
        }
        let mut bytes = Vec::new();
        if file.take(size).read_to_end(&mut bytes).is_err() {
            self.answer.skipped.unreadable += 1;
            return Ok(ControlFlow::Continue(()));
        }
        self.bytes -= bytes.len() as u64;
        if bytes.contains(&0) || std::str::from_utf8(&bytes).is_err() {
            self.answer.skipped.binary_files += 1;
            return Ok(ControlFlow::Continue(()));
        }
        self.answer.files_searched += 1;
        self.lines(path, &bytes)
    }

    fn lines(&mut self, path: &str, bytes: &[u8]) -> Result<ControlFlow<String>, String> {
        if bytes.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        // What follows the last line break is a line only if there is something.
        let mut lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
        let mut before = VecDeque::<&[u8]>::new();
        let mut number = 0;
        while let Some(line) = lines.next() {
            go_on(self.token)?;
            number += 1;
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.len() > LINE_BYTES_MAX {
                self.answer.skipped.long_lines += 1;
            } else if self.regex.is_match(line) {
                let found = Match {
                    path: path.to_owned(),
                    line: number,
                    text: show(line),
                    before: before.iter().map(|line| show(line)).collect(),
                    after: lines.clone().take(self.context).map(show).collect(),
                };
                let texts = found.before.iter().chain(&found.after).map(String::len).sum::<usize>();
                if let Err(reason) = self.room.take(path.len() + found.text.len() + texts) {
                    return Ok(ControlFlow::Break(reason));
                }
                self.answer.matches.push(found);
            }
            before.push_back(line);
            if before.len() > self.context {
                before.pop_front();
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn show(line: &[u8]) -> String {
    let cut = &line[..line.len().min(SHOWN_BYTES_MAX)];
    // The file is text; only a character that was cut in two at the end is not.
    let text = String::from_utf8_lossy(cut);
    let text = text.trim_end_matches(['\r', '\u{fffd}']);
    if cut.len() < line.len() { format!("{text}…") } else { text.to_owned() }
}
