//! Names of tools: what a sandbox does not allow is written in another way, which no other name shares.

use agentloop_sandbox::ToolName;

/// The longest name of a tool, with its server, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// A tool's name of more segments has its dots replaced.
const SEGMENTS_MAX: usize = 7;

/// The name under which a server's tools are found: its own, with `$` and two hexadecimal digits for each byte that is
/// no letter, no digit, `_` or `-`.
///
/// Two servers never share one.
pub(super) fn of_server(name: &str) -> String {
    let escaped = escape(name, |byte| byte == b'.');
    if is_segment(&escaped) { escaped } else { first_escaped(&escaped) }
}

/// The name of a tool of this server. `None` if it is empty or too long.
///
/// Names that are allowed stay as they are, unless one looks as if it had been replaced. In all others each byte that
/// is not allowed becomes `$` and two hexadecimal digits, as in `read$20file`: two names never become one.
pub(super) fn of_tool(server: &str, name: &str) -> Option<String> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return None;
    }
    let nests = !name.split('.').any(str::is_empty) && name.split('.').count() <= SEGMENTS_MAX;
    let escaped = escape(name, |byte| byte == b'.' && !nests);
    let segments =
        escaped.split('.').map(|segment| if is_segment(segment) { segment.to_owned() } else { first_escaped(segment) });
    let name = format!("{server}.{}", segments.collect::<Vec<_>>().join("."));
    ToolName::parse(&name).is_ok().then_some(name)
}

fn escape(name: &str, forbidden: impl Fn(u8) -> bool) -> String {
    let bytes = name.as_bytes();
    let mut out = String::with_capacity(name.len());
    for (at, byte) in bytes.iter().copied().enumerate() {
        let looks_escaped = byte == b'$'
            && bytes.len() >= at + 3
            && bytes[at + 1..at + 3].iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let allowed = byte.is_ascii_alphanumeric() || b"_-$.".contains(&byte);
        if !allowed || looks_escaped || forbidden(byte) {
            out.push_str(&format!("${byte:02x}"));
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

fn is_segment(segment: &str) -> bool {
    ToolName::parse(segment).is_ok()
}

/// A name that JavaScript looks up by itself, with its first letter replaced.
fn first_escaped(segment: &str) -> String {
    match segment.as_bytes().first() {
        Some(first) if segment.is_char_boundary(1) => format!("${first:02x}{}", &segment[1..]),
        _ => segment.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{of_server, of_tool};
    use std::collections::HashMap;

    #[test]
    fn what_is_allowed_stays_and_all_else_is_replaced() {
        let check = |name: &str, expected: &str| assert_eq!(of_tool("s", name).as_deref(), Some(expected), "{name:?}");
        for name in ["a", "get-weather", "a.b.c", "$x", "a_b", "$ab", "cost$", "$2"] {
            let expected = if name == "$ab" { "s.$24ab".to_owned() } else { format!("s.{name}") };
            check(name, &expected);
        }
        check("get weather", "s.get$20weather");
        check("repo/search", "s.repo$2fsearch");
        check("naïve", "s.na$c3$afve");
        check("then", "s.$74hen");
        check("a.__proto__", "s.a.$5f_proto__");
        check("a..b", "s.a$2e$2eb");
        check(".", "s.$2e");
        check("a.b.c.d.e.f.g", "s.a.b.c.d.e.f.g");
        check("a.b.c.d.e.f.g.h", "s.a$2eb$2ec$2ed$2ee$2ef$2eg$2eh");
        assert_eq!(of_tool("s", ""), None);
        assert_eq!(of_tool("s", &"x".repeat(127)), None);
        assert_eq!(of_tool("s", &" ".repeat(60)), None);
    }

    #[test]
    fn servers_have_one_segment() {
        assert_eq!(of_server("github"), "github");
        assert_eq!(of_server("My Server"), "My$20Server");
        assert_eq!(of_server("a.b"), "a$2eb");
        assert_eq!(of_server("then"), "$74hen");
    }

    #[test]
    fn no_two_names_become_one() {
        let pieces = ["$", "2", "f", "20", "/", " ", ".", "then", "a", "$2f", "$$"];
        let mut seen: HashMap<String, String> = HashMap::new();
        for a in pieces {
            for b in pieces {
                for c in pieces {
                    for d in ["", "2f", "$", "4"] {
                        let name = format!("{a}{b}{c}{d}");
                        let Some(mapped) = of_tool("s", &name) else { continue };
                        let other = seen.insert(mapped.clone(), name.clone());
                        assert!(other.is_none_or(|other| other == name), "{name:?} is {mapped:?} as well");
                    }
                }
            }
        }
    }
}
