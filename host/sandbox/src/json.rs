//! JSON text that crosses the boundary: checked for nesting before anything recursive reads it.

use crate::limits::DEPTH_MAX;
use serde_json::value::RawValue;

/// Why text from the other side is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    TooDeep,
    NotJson,
}

/// Whether `text` is nested at most [`DEPTH_MAX`] deep. Counts brackets outside strings, in one pass, without a stack.
pub(crate) fn is_shallow(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = after_string(after),
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return false;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}

/// What comes after a string, of which the opening quote was read.
fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr::memchr2(b'"', b'\\', rest) {
        let is_end = rest[at] == b'"';
        rest = rest.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

/// Takes ownership of JSON text after checking it.
pub(crate) fn take(text: String) -> Result<Box<RawValue>, Malformed> {
    if !is_shallow(&text) {
        return Err(Malformed::TooDeep);
    }
    RawValue::from_string(text).map_err(|_| Malformed::NotJson)
}

/// The same value without line breaks: between two tokens a space does as well, and elsewhere JSON has none. A text of one line
/// is a line of a journal as it stands.
pub(crate) fn on_one_line(text: String) -> String {
    if memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some() { text.replace(['\n', '\r'], " ") } else { text }
}

/// Reads checked JSON text into a tree. The depth was checked, so the parser's own bound is not needed.
pub(crate) fn parse(text: &str) -> Result<serde_json::Value, Malformed> {
    use serde::Deserialize as _;
    if !is_shallow(text) {
        return Err(Malformed::TooDeep);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.disable_recursion_limit();
    let value = serde_json::Value::deserialize(&mut deserializer).map_err(|_| Malformed::NotJson)?;
    deserializer.end().map_err(|_| Malformed::NotJson)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{DEPTH_MAX, Malformed, is_shallow, parse, take};

    fn nested(depth: usize) -> String {
        "[".repeat(depth) + &"]".repeat(depth)
    }

    #[test]
    fn the_limit_itself_is_allowed_and_one_more_is_not() {
        assert!(is_shallow(&nested(DEPTH_MAX)));
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(DEPTH_MAX + 1)), Err(Malformed::TooDeep));
        assert!(matches!(take(nested(1_000_000)), Err(Malformed::TooDeep)));
    }

    #[test]
    fn brackets_in_strings_do_not_nest() {
        let text = format!("[\"{}\\\"{}\"]", "[".repeat(500), "{".repeat(500));
        assert!(is_shallow(&text));
        assert!(parse(&text).is_ok());
    }

    #[test]
    fn half_a_value_is_not_json() {
        assert_eq!(parse("{\"a\":1"), Err(Malformed::NotJson));
        assert_eq!(parse("1 2"), Err(Malformed::NotJson));
        assert!(matches!(take("nul".to_owned()), Err(Malformed::NotJson)));
    }
}
