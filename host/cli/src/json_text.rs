//! JSON text laid out anew, token by token: keys keep their order and numbers their digits, which a tree would not.

use serde_json::value::RawValue;

#[derive(Clone, Copy)]
enum Layout {
    Compact,
    Indented,
}

/// On one line, without blanks.
pub(crate) fn compact(json: &RawValue) -> String {
    lay_out(json.get(), Layout::Compact)
}

/// Indented by two blanks a level, like `JSON.stringify(value, null, 2)`.
pub(crate) fn indented(json: &RawValue) -> String {
    lay_out(json.get(), Layout::Indented)
}

/// `text` is valid JSON.
fn lay_out(text: &str, layout: Layout) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '"' => &rest[..string_end(rest)],
            _ => &rest[..first.len_utf8()],
        };
        rest = &rest[token.len()..];
        match token {
            " " | "\n" | "\r" | "\t" => {}
            "[" | "{" => {
                out.push_str(token);
                let inside = rest.trim_ascii_start();
                if inside.starts_with([']', '}']) {
                    out.push_str(&inside[..1]);
                    rest = &inside[1..];
                } else {
                    depth += 1;
                    line_break(&mut out, depth, layout);
                }
            }
            "]" | "}" => {
                depth = depth.saturating_sub(1);
                line_break(&mut out, depth, layout);
                out.push_str(token);
            }
            "," => {
                out.push(',');
                line_break(&mut out, depth, layout);
            }
            ":" => out.push_str(if matches!(layout, Layout::Indented) { ": " } else { ":" }),
            _ => out.push_str(token),
        }
    }
    out
}

fn line_break(out: &mut String, depth: usize, layout: Layout) {
    if let Layout::Indented = layout {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

/// Where the string that `text` begins with ends, quotes included.
fn string_end(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return index + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{compact, indented};
    use serde_json::value::RawValue;

    #[track_caller]
    fn check(text: &str, line: &str, lines: &str) {
        let json = RawValue::from_string(text.to_owned()).expect("it is JSON");
        assert_eq!((compact(&json).as_str(), indented(&json).as_str()), (line, lines));
    }

    #[test]
    fn scalars_and_empty_containers_stay_as_they_are() {
        for text in ["1e400", "-0.0", "\"a, [b]: \\\" {\\\\\"", "null", "[]", "{}"] {
            check(text, text, text);
        }
        check("[ ]", "[]", "[]");
    }

    #[test]
    fn order_digits_and_duplicates_survive() {
        check(
            "{\"b\":12345678901234567890,\r\n \"a\" : [ {} , [1.0, \"x y\"]], \"a\":\"é\" }",
            "{\"b\":12345678901234567890,\"a\":[{},[1.0,\"x y\"]],\"a\":\"é\"}",
            "{\n  \"b\": 12345678901234567890,\n  \"a\": [\n    {},\n    [\n      1.0,\n      \"x y\"\n    ]\n  ],\n  \"a\": \"é\"\n}",
        );
    }
}
