//! Paths as texts: whether one is below another, as far as the text alone says.

/// A longer path is not read.
const PATH_BYTES_MAX: usize = 4096;

/// A folder, and what is below it.
#[derive(Debug)]
pub(super) struct Below {
    is_absolute: bool,
    names: Vec<String>,
}

impl Below {
    pub(super) fn parse(folder: &str) -> Result<Self, String> {
        let refused =
            || format!("`{folder}` is no folder that paths can be compared with: give it as `notes` or `/srv/notes`");
        let (is_absolute, names) = read(folder).ok_or_else(refused)?;
        Ok(Self { is_absolute, names: names.into_iter().map(ToOwned::to_owned).collect() })
    }

    /// Whether a path is the folder or below it. Nothing if the path may be read in more than one way.
    pub(super) fn contains(&self, path: &str) -> Option<bool> {
        let (is_absolute, names) = read(path)?;
        let begins_so = names.len() >= self.names.len() && self.names.iter().zip(&names).all(|(own, name)| own == name);
        Some(is_absolute == self.is_absolute && begins_so)
    }
}

/// Whether it begins at the root, and its names, with `.` and `..` resolved. Nothing for what leads out, and for what some
/// programs read as another kind of path: with a backslash, an escape or a scheme in it, a drive, a home folder, a share.
fn read(path: &str) -> Option<(bool, Vec<&str>)> {
    let is_plain = path.len() <= PATH_BYTES_MAX
        && !path.contains(|character: char| character == '\\' || character.is_control())
        && !path.starts_with("//")
        && !path.starts_with('~')
        && !path.split('/').next().is_some_and(|first| first.contains(':'))
        && !has_escape(path);
    if !is_plain {
        return None;
    }
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some((path.starts_with('/'), names))
}

/// Whether there is a byte in percent-encoding.
fn has_escape(path: &str) -> bool {
    path.as_bytes()
        .windows(3)
        .any(|bytes| bytes[0] == b'%' && bytes[1].is_ascii_hexdigit() && bytes[2].is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::Below;

    #[test]
    fn a_path_is_resolved_by_its_text() {
        let is_below = |folder: &str, path: &str| Below::parse(folder).expect("it is a folder").contains(path);
        for path in
            ["notes", "notes/", "notes/a", "./notes/a", "notes//a", "notes/../notes/a", "x/../notes/a", "notes/a..b"]
        {
            assert_eq!(is_below("notes", path), Some(true), "{path}");
        }
        for path in ["", ".", "notes2", "note", "a/notes", "notes/../a", "notes/..", "/notes/a", "Notes/a", "..."] {
            assert_eq!(is_below("notes", path), Some(false), "{path}");
        }
        assert_eq!(is_below("/srv/notes/", "/srv/./notes/a"), Some(true));
        assert_eq!(is_below("/srv/notes", "srv/notes/a"), Some(false));
        assert_eq!(is_below("/srv/notes", "/srv/notes/../a"), Some(false));
        assert_eq!(is_below("/", "/anything"), Some(true));
        assert_eq!(is_below(".", "anything/./else"), Some(true));
        assert_eq!(is_below(".", "/anything"), Some(false));
    }

    #[test]
    fn a_path_that_leads_out_or_that_others_read_otherwise_is_not_told() {
        let below = Below::parse(".").expect("it is a folder");
        let long = "a/".repeat(3_000);
        for path in [
            "..",
            "a/../..",
            "../notes",
            "/..",
            "//server/share",
            "~/.ssh",
            "~root",
            "C:/x",
            "C:x",
            "file:///etc/passwd",
            "a\\..\\..\\b",
            "a\0b",
            "a\nb",
            "%2e%2e/x",
            "a/%2F",
            &long,
        ] {
            assert_eq!(below.contains(path), None, "{path:?}");
        }
        assert_eq!(below.contains("100%/a%zz"), Some(true));
    }
}
