//! JSON as people write it: with comments and trailing commas.

use serde_json::Value;

/// Whether a text is meant to be JSON: its first character that is no space and in no comment is a brace.
pub(super) fn looks_like_json(text: &str) -> bool {
    plain(text).trim_start().starts_with('{')
}

/// Reads it. Lines and columns in errors are those of the text.
pub(super) fn read(text: &str) -> Result<Value, serde_json::Error> {
    // What is valid stays untouched.
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&plain(text)))
}

/// The text with spaces where comments and trailing commas were.
fn plain(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut comma: Option<usize> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let end = match byte {
            b'"' => string_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => find(bytes, at, b"\n").unwrap_or(bytes.len()),
            b'/' if bytes.get(at + 1) == Some(&b'*') => find(bytes, at + 2, b"*/").map_or(bytes.len(), |end| end + 2),
            _ => at + 1,
        };
        let piece = &bytes[at..end];
        let is_comment = byte == b'/' && piece.len() > 1;
        if is_comment {
            out.extend(piece.iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }));
        } else {
            match byte {
                b',' => comma = Some(out.len()),
                b'}' | b']' => {
                    if let Some(comma) = comma.take() {
                        out[comma] = b' ';
                    }
                }
                _ if byte.is_ascii_whitespace() => {}
                _ => comma = None,
            }
            out.extend_from_slice(piece);
        }
        at = end;
    }
    String::from_utf8(out).unwrap_or_default()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes.get(from..)?.windows(what.len()).position(|window| window == what).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::{looks_like_json, read};
    use serde_json::json;

    #[test]
    fn comments_and_trailing_commas_are_passed_over() {
        let text = "// first\n{ \"a\": \"// no, }\\\"\", /* b,\n */ \"c\": [1, 2, ], }";
        assert_eq!(read(text).expect("it is valid"), json!({ "a": "// no, }\"", "c": [1, 2] }));
        assert!(looks_like_json(text));
        assert!(!looks_like_json("a = 1") && !looks_like_json("[mcp_servers.a]"));
    }

    #[test]
    fn mistakes_keep_their_place() {
        let error = read("{ /* a\n b */ \"a\": nothing }").unwrap_err();
        assert_eq!((error.line(), error.column()), (2, 13));
        assert!(read("{\"a").is_err() && read("{\"a\\").is_err() && read("/*").is_err());
    }
}
