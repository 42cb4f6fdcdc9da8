//! Tool names: checked once, at the door.

use crate::Error;
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

pub(crate) const NAME_BYTES_MAX: usize = 128;
const SEGMENTS_MAX: usize = 8;

/// Names that JavaScript itself looks up on an object: a tool of this name would be called when nobody meant to.
const RESERVED: &[&str] = &[
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "prototype",
    "then",
    "toJSON",
    "toLocaleString",
    "toString",
    "valueOf",
];

/// The name of a tool: one to eight segments of `A-Z a-z 0-9 _ $ -` joined by dots, at most 128 bytes, none of them a
/// name that JavaScript looks up by itself (`then`, `toString`, `__proto__`, …). Dots nest: `github.create_issue` is
/// called as `tools.github.create_issue(…)`.
///
/// ```
/// use agentloop_sandbox::ToolName;
///
/// assert_eq!(ToolName::parse("github.create_issue")?.as_str(), "github.create_issue");
/// let error = ToolName::parse("__proto__").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`__proto__` cannot be the name of a tool: JavaScript itself looks this name up on objects; choose another"
/// );
/// # Ok::<(), agentloop_sandbox::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ToolName(Arc<str>);

impl ToolName {
    /// Checks `name`.
    ///
    /// # Errors
    ///
    /// [`Error::ToolName`] with the rule it breaks.
    pub fn parse(name: &str) -> Result<Self, Error> {
        match broken_rule(name) {
            None => Ok(Self(name.into())),
            Some(reason) => Err(Error::ToolName { name: name.chars().take(100).collect(), reason }),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names are looked up as text: what no tool can be called is not there.
impl Borrow<str> for ToolName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn broken_rule(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > NAME_BYTES_MAX {
        return Some("it is longer than 128 bytes");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$-.".contains(&byte)) {
        return Some("only letters and digits of ASCII, `_`, `$`, `-` and `.` are allowed");
    }
    if name.split('.').count() > SEGMENTS_MAX {
        return Some("it has more than eight segments");
    }
    if name.split('.').any(str::is_empty) {
        return Some("a segment between dots is empty");
    }
    if name.split('.').any(|segment| RESERVED.contains(&segment)) {
        return Some("JavaScript itself looks this name up on objects; choose another");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::ToolName;

    #[track_caller]
    fn check(name: &str, reason: Option<&str>) {
        let refusal = ToolName::parse(name).err().map(|error| error.to_string());
        let expected = reason.map(|reason| {
            format!("`{}` cannot be the name of a tool: {reason}", name.escape_debug().collect::<String>())
        });
        assert_eq!(refusal, expected);
    }

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["a", "readFile", "github.create_issue", "mcp-server.tool", "$search", "0", "a.b.c.d.e.f.g.h"] {
            check(name, None);
        }
    }

    #[test]
    fn names_that_javascript_looks_up_are_refused_in_every_segment() {
        for name in ["__proto__", "constructor", "then", "toString", "toJSON", "a.then", "prototype.x"] {
            check(name, Some("JavaScript itself looks this name up on objects; choose another"));
        }
    }

    #[test]
    fn every_other_string_is_refused_with_its_rule() {
        let letters = "only letters and digits of ASCII, `_`, `$`, `-` and `.` are allowed";
        check("", Some("it is empty"));
        check("a b", Some(letters));
        check("a\0b", Some(letters));
        check("naïve", Some(letters));
        check("a/b", Some(letters));
        check(".", Some("a segment between dots is empty"));
        check("a..b", Some("a segment between dots is empty"));
        check("a.b.c.d.e.f.g.h.i", Some("it has more than eight segments"));
        assert!(ToolName::parse(&"x".repeat(128)).is_ok());
        assert_eq!(
            ToolName::parse(&"x".repeat(129)).unwrap_err().to_string(),
            format!("`{}` cannot be the name of a tool: it is longer than 128 bytes", "x".repeat(100))
        );
    }
}
