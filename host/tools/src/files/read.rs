//! `read` and `stat`.

use super::folder::{Folder, Kind, explain, go_on, modified_ms};
use super::path::Inside;
use agentloop_sandbox::CancellationToken;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek, SeekFrom};

/// The longest form of a character in UTF-8.
const CHARACTER_BYTES_MAX: usize = 4;

/// How bytes are written in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    /// As text. This is the default.
    #[default]
    Utf8,
    /// In base64, for anything that is not text.
    Base64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadArguments {
    /// The file, relative to the folder, as in `notes/today.md`.
    path: String,
    /// The byte to begin at. Default 0. To read on, pass the `next_offset` of the answer before.
    offset: Option<u64>,
    /// How many bytes to read at most. Default and maximum: 1 MiB, unless the host says otherwise.
    limit: Option<u64>,
    /// How `content` is written: `utf8` (default) or `base64`.
    encoding: Option<Encoding>,
}

/// A piece of a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct ReadAnswer {
    /// The piece.
    content: String,
    /// How `content` is written.
    encoding: Encoding,
    /// The size of the whole file, in bytes.
    size: u64,
    /// The byte that the piece begins at.
    offset: u64,
    /// Where the next piece begins; missing at the end of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u64>,
}

pub(super) fn read(folder: &Folder, arguments: ReadArguments, token: &CancellationToken) -> Result<ReadAnswer, String> {
    go_on(token)?;
    let path = Inside::parse(&arguments.path)?;
    let encoding = arguments.encoding.unwrap_or_default();
    let offset = arguments.offset.unwrap_or(0);
    let limit = limit(folder, arguments.limit, encoding)?;
    let (mut file, metadata) = folder.open_file(&path)?;
    if offset > metadata.len() {
        let size = metadata.len();
        return Err(format!("`{}` has {size} bytes, and {offset} is beyond its end", path.shown()));
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))
        .and_then(|_| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| explain(&error, path.shown()))?;
    let content = match encoding {
        Encoding::Base64 => STANDARD.encode(&bytes),
        Encoding::Utf8 => {
            let is_cut = offset + (bytes.len() as u64) < metadata.len();
            text(&mut bytes, offset, is_cut, path.shown())?
        }
    };
    let next = offset + bytes.len() as u64;
    // A file that shrank while it was read gives nothing more, and must not be read on forever.
    let next_offset = (next < metadata.len() && !bytes.is_empty()).then_some(next);
    Ok(ReadAnswer { content, encoding, size: metadata.len(), offset, next_offset })
}

fn limit(folder: &Folder, said: Option<u64>, encoding: Encoding) -> Result<u64, String> {
    let max = folder.limits.read_bytes_max;
    let limit = said.unwrap_or(max);
    let min = if encoding == Encoding::Utf8 { CHARACTER_BYTES_MAX as u64 } else { 1 };
    if limit > max {
        return Err(format!("`limit` is over {max} bytes: read the file in pieces, with `offset`"));
    }
    if limit < min {
        return Err(format!("`limit` is under {min} bytes"));
    }
    Ok(limit)
}

/// Takes the bytes as text; a character that was cut in two at the end is left for the next piece.
fn text(bytes: &mut Vec<u8>, offset: u64, is_cut: bool, shown: &str) -> Result<String, String> {
    if offset > 0 && bytes.first().is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        return Err(format!(
            "byte {offset} of `{shown}` is in the middle of a character: begin at the `next_offset` of the answer before, or \
             read with encoding `base64`"
        ));
    }
    let is_binary = |index: usize| {
        let at = offset + index as u64;
        format!("`{shown}` is not text (byte {at} is part of no character): read it with encoding `base64`")
    };
    if let Some(index) = bytes.iter().position(|byte| *byte == 0) {
        return Err(is_binary(index));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        if error.error_len().is_some() || !is_cut {
            return Err(is_binary(error.valid_up_to()));
        }
        bytes.truncate(error.valid_up_to());
    }
    // The bytes were checked above; going through the check again costs little.
    String::from_utf8(bytes.clone()).map_err(|error| is_binary(error.utf8_error().valid_up_to()))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StatArguments {
    /// The file, folder or link, relative to the folder. `.` is the folder itself.
    path: String,
}

/// What a path stands for.
#[derive(Serialize, JsonSchema)]
pub(super) struct StatAnswer {
    /// The path.
    path: String,
    /// What it is.
    kind: Kind,
    /// The size in bytes, of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// When it was last changed, in milliseconds since 1970, as `new Date` takes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_ms: Option<i64>,
    /// Whether its permissions forbid changing it.
    read_only: bool,
    /// What a link leads to. Missing if it leads nowhere, or out of the folder, or is no link.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads_to: Option<Kind>,
}

pub(super) fn stat(folder: &Folder, arguments: StatArguments, token: &CancellationToken) -> Result<StatAnswer, String> {
    go_on(token)?;
    let path = Inside::parse(&arguments.path)?;
    let metadata = folder.metadata_of_link(&path)?;
    let kind = Kind::from(metadata.file_type());
    let target = (kind == Kind::Link).then(|| folder.metadata(&path).ok()).flatten();
    Ok(StatAnswer {
        path: path.shown().to_owned(),
        kind,
        size: (kind == Kind::File).then(|| metadata.len()),
        modified_ms: modified_ms(&metadata),
        read_only: metadata.permissions().readonly(),
        leads_to: target.map(|metadata| metadata.file_type().into()),
    })
}
