//! Paths as scripts write them: parsed once, and from then on relative, without `..`, and of bounded length and depth.
//!
//! This is the first of two walls. It makes messages clear, and it does not know about links. The second one is the handle of
//! the folder, below which every path is resolved.

use crate::message::shorten;
use std::path::Path;

/// A longer path is refused.
const PATH_BYTES_MAX: usize = 4096;

/// A longer name of one file or folder is refused.
const NAME_BYTES_MAX: usize = 255;

/// A path with more names in it is refused. No listing goes deeper.
pub(super) const DEPTH_MAX: usize = 64;

/// A path in the granted folder: names with single slashes between them, none of them `.` or `..`. Empty for the folder itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inside(String);

impl Inside {
    /// Parses what a script passed. `.` and the empty text are the folder itself.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let why = |reason: &str| Err(format!("`{}` is not a path in this folder: {reason}", shorten(text)));
        if text.len() > PATH_BYTES_MAX {
            return why(&format!("it is over {PATH_BYTES_MAX} bytes"));
        }
        if text.contains('\0') {
            return why("it has a NUL character in it");
        }
        if text.starts_with('/') || (cfg!(windows) && text.contains(['\\', ':'])) {
            return why("paths are relative to the folder, as in `notes/today.md`");
        }
        let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
        if names.contains(&"..") {
            return why("it may not have `..` in it");
        }
        if names.len() > DEPTH_MAX {
            return why(&format!("it is over {DEPTH_MAX} folders deep"));
        }
        if names.iter().any(|name| name.len() > NAME_BYTES_MAX) {
            return why(&format!("a name in it is over {NAME_BYTES_MAX} bytes"));
        }
        Ok(Self(names.join("/")))
    }

    /// As [`Inside::parse`]; the folder itself if nothing was passed.
    pub(super) fn parse_or_root(text: Option<&str>) -> Result<Self, String> {
        Self::parse(text.unwrap_or_default())
    }

    /// For calls below the handle of the folder.
    pub(super) fn as_path(&self) -> &Path {
        Path::new(self.shown())
    }

    /// For scripts: `.` for the folder itself.
    pub(super) fn shown(&self) -> &str {
        if self.0.is_empty() { "." } else { &self.0 }
    }

    /// The names from the top down.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// The path of the folder that it is in, and its name there. Nothing for the folder itself.
    pub(super) fn split_last(&self) -> Option<(Self, &str)> {
        match self.0.rsplit_once('/') {
            Some((parent, name)) => Some((Self(parent.to_owned()), name)),
            None if self.0.is_empty() => None,
            None => Some((Self(String::new()), &self.0)),
        }
    }

    /// A path below this one.
    pub(super) fn join(&self, name: &str) -> String {
        if self.0.is_empty() { name.to_owned() } else { format!("{}/{name}", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_plain() {
        let plain = |text| Inside::parse(text).expect("it is a path").shown().to_owned();
        assert_eq!(plain("a//b/./c/"), "a/b/c");
        assert_eq!(plain("."), ".");
        assert_eq!(plain(""), ".");
        assert_eq!(plain("..a/b.."), "..a/b..");
    }

    #[test]
    fn a_path_that_may_lead_out_is_refused() {
        let why = |text: &str| Inside::parse(text).expect_err("it is refused");
        let is_not = |text: &str, reason: &str| format!("`{text}` is not a path in this folder: {reason}");
        assert_eq!(why("../x"), is_not("../x", "it may not have `..` in it"));
        assert_eq!(why("a/../../x"), is_not("a/../../x", "it may not have `..` in it"));
        assert_eq!(
            why("/etc/passwd"),
            is_not("/etc/passwd", "paths are relative to the folder, as in `notes/today.md`")
        );
        assert_eq!(why("a\0b"), is_not("a\0b", "it has a NUL character in it"));
        let long = "é".repeat(2049);
        assert_eq!(why(&long), is_not(&format!("{}…", "é".repeat(100)), "it is over 4096 bytes"));
        assert_eq!(why(&"a/".repeat(65)), is_not(&"a/".repeat(65), "it is over 64 folders deep"));
        assert_eq!(why(&"a".repeat(256)), is_not(&format!("{}…", "a".repeat(200)), "a name in it is over 255 bytes"));
    }
}
