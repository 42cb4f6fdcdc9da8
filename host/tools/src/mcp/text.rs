//! Text of strangers, made fit to be shown: short, on one line, without secrets and without paths of the host.

use std::fmt;
use std::sync::Arc;

/// Shorter values are words such as `true` or `8080`. To blank them out would garble messages, and protects nothing.
const SECRET_BYTES_MIN: usize = 6;

/// What stands where a secret stood.
pub(super) const STAND_IN: &str = "[secret]";

/// The values that the configuration gives to a server, and that no message may repeat.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<Vec<String>>);

impl Secrets {
    /// Takes values of variables and headers. Of `Bearer …` the second word is a secret as well.
    pub(super) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut secrets: Vec<String> = Vec::new();
        for value in values {
            if let Some((scheme, rest)) = value.split_once(' ')
                && scheme.chars().all(|letter| letter.is_ascii_alphabetic())
            {
                secrets.push(rest.trim().to_owned());
            }
            secrets.push(value);
        }
        secrets.retain(|secret| secret.len() >= SECRET_BYTES_MIN);
        // The longest first: a part of a longer one would otherwise leave the rest of it behind.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(Arc::new(secrets))
    }

    pub(super) fn scrub(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), STAND_IN))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({})", self.0.len())
    }
}

/// One line of at most `chars_max` characters, without anything that a terminal would obey.
pub(super) fn one_line(text: &str, chars_max: usize) -> String {
    cut(&spaced(text), chars_max)
}

/// The last `chars_max` characters, on one line.
pub(super) fn last_of(text: &str, chars_max: usize) -> String {
    let line = spaced(text);
    match line.chars().count().checked_sub(chars_max) {
        None | Some(0) => line,
        Some(more) => format!("…{}", line.chars().skip(more).collect::<String>()),
    }
}

/// At most `chars_max` characters, and a mark where more was cut off.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn spaced(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.trim().chars() {
        let letter = if letter.is_control() { ' ' } else { letter };
        if letter != ' ' || !line.ends_with(' ') {
            line.push(letter);
        }
    }
    line.trim_end().to_owned()
}

/// The text with every absolute path of two or more parts shortened to its last part: `/home/ann/x.js` becomes
/// `…/x.js`. Web addresses stay.
pub(super) fn without_paths(text: &str) -> String {
    let text = text.replace("file://", "");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = path_start(rest) {
        let (before, from) = rest.split_at(start);
        let end = from.find(ends_path).unwrap_or(from.len());
        let (path, after) = from.split_at(end);
        out.push_str(before);
        out.push_str(&shortened(path));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the next absolute path starts.
fn path_start(text: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        let from = &text[at..];
        let starts_word = !before.is_alphanumeric() && !"/\\._-~".contains(before);
        let unix = letter == '/' && !from.starts_with("//");
        let drive = letter.is_ascii_alphabetic() && (from[1..].starts_with(":\\") || from[1..].starts_with(":/"));
        let drive = drive && !from[1..].starts_with("://");
        if starts_word && (unix || drive) {
            return Some(at);
        }
        before = letter;
    }
    None
}

fn ends_path(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || "\"'`()<>[]{},;|".contains(letter)
}

fn shortened(path: &str) -> String {
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [.., _, last] => format!("…/{last}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Secrets, last_of, one_line, without_paths};

    #[test]
    fn paths_are_shortened_and_addresses_are_not() {
        let text =
            "Error at file:///home/ann/srv/x.js:3:1 (/usr/lib/node.js), see https://a.b/c/d and C:\\Users\\ann\\y.txt";
        let short = "Error at …/x.js:3:1 (…/node.js), see https://a.b/c/d and …/y.txt";
        assert_eq!(without_paths(text), short);
        assert_eq!(without_paths("and/or a/b /tmp 1/2"), "and/or a/b /tmp 1/2");
    }

    #[test]
    fn secrets_are_blanked_out_whole_and_without_their_scheme() {
        let secrets = Secrets::new(["Bearer abcdef123".to_owned(), "short".to_owned(), "abcdef123456".to_owned()]);
        let text = "got `abcdef123456`, `Bearer abcdef123`, `abcdef123` and short";
        assert_eq!(secrets.scrub(text), "got `[secret]`, `[secret]`, `[secret]` and short");
    }

    #[test]
    fn lines_are_joined_and_cut_at_either_end() {
        assert_eq!(one_line("a\n\u{1b}[31mb\r\nc", 100), "a [31mb c");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(last_of("abcdef\n", 3), "…def");
        assert_eq!(last_of("ab", 3), "ab");
    }
}
