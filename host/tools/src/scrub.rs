//! Texts that must not be seen, found in the forms in which programs write them, and taken out.
//!
//! The one place that knows these forms. It is the last line of defence, not the first: what is written in pieces, compressed or
//! encrypted gets past it.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde::de::IgnoredAny;
use serde_json::Value;

/// A shorter secret cannot be told from other text.
pub(crate) const SECRET_BYTES_MIN: usize = 8;

/// JSON in strings of JSON is read so many times over.
const NESTED_MAX: usize = 4;

/// Finds secrets. Without any it finds nothing.
#[derive(Clone)]
pub(crate) struct Scrubber {
    finder: Option<AhoCorasick>,
    /// For each form what is put in its place.
    placeholders: Vec<String>,
}

impl Scrubber {
    /// Takes secrets, each with what is put in its place, of at least [`SECRET_BYTES_MIN`] bytes. Fails if there are more than can
    /// be looked for; the error speaks of sizes alone.
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut forms: Vec<(String, &str)> = Vec::new();
        for (secret, placeholder) in secrets {
            forms.extend(forms_of(secret).into_iter().map(|form| (form, placeholder)));
        }
        forms.sort_unstable();
        forms.dedup_by(|one, other| one.0 == other.0);
        let placeholders = forms.iter().map(|(_, placeholder)| (*placeholder).to_owned()).collect();
        if forms.is_empty() {
            return Ok(Self { finder: None, placeholders });
        }
        let mut builder = AhoCorasick::builder();
        // A DFA would be faster, and take hundreds of bytes for each byte of a form.
        builder.kind(Some(AhoCorasickKind::ContiguousNFA));
        builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
        let finder = builder.build(forms.iter().map(|(form, _)| form));
        Ok(Self { finder: Some(finder.map_err(|error| error.to_string())?), placeholders })
    }

    /// Whether a text has a secret in it.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.finder.as_ref().is_some_and(|finder| {
            finder.is_match(text)
                || Decoded::new(text.as_bytes()).is_some_and(|decoded| finder.is_match(&decoded.bytes))
        })
    }

    /// Takes secrets out of bytes.
    pub(crate) fn bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(finder) = &self.finder else { return bytes };
        let bytes = if finder.is_match(&bytes) { finder.replace_all_bytes(&bytes, &self.placeholders) } else { bytes };
        let Some(decoded) = Decoded::new(&bytes) else { return bytes };
        let mut scrubbed = Vec::new();
        let mut done = 0;
        for found in finder.find_iter(&decoded.bytes) {
            scrubbed.extend_from_slice(&bytes[done..decoded.places[found.start()]]);
            scrubbed.extend_from_slice(self.placeholders[found.pattern().as_usize()].as_bytes());
            done = decoded.places[found.end()];
        }
        scrubbed.extend_from_slice(&bytes[done..]);
        scrubbed
    }

    /// Takes secrets out of a text.
    pub(crate) fn text(&self, text: &str) -> String {
        // Secrets are whole characters, so what is left is whole ones as well.
        String::from_utf8_lossy(&self.bytes(text.as_bytes().to_vec())).into_owned()
    }

    /// Takes secrets out of a text that may be JSON. What was JSON stays JSON.
    pub(crate) fn text_or_json(&self, text: String) -> String {
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        let scrubbed = if is_json { self.json(&text, NESTED_MAX) } else { self.plain(&text) };
        scrubbed.unwrap_or(text)
    }

    /// What becomes of a text that is not JSON, if anything does.
    fn plain(&self, text: &str) -> Option<String> {
        self.is_in(text).then(|| self.text(text))
    }

    /// What becomes of the strings, keys and other words of a valid JSON text, if anything does. In strings there may be JSON again.
    fn json(&self, text: &str, nested_max: usize) -> Option<String> {
        // Without escapes everything is there as it is.
        if !text.contains('\\') && !self.is_in(text) {
            return None;
        }
        let mut scrubbed = String::new();
        let (mut done, mut at) = (0, 0);
        let mut spans =
            self.finder.iter().flat_map(|finder| finder.find_iter(text)).map(|span| span.range()).peekable();
        while let Some(next) = text[at..].find(|character| !is_between_words(character)) {
            let start = at + next;
            at = start + end_of_word(&text[start..]);
            while let Some(span) = spans.next_if(|span| span.start < at) {
                // A secret that is JSON itself: its place can be taken by nothing that leaves the rest as it is.
                if span.start < start || span.end > at {
                    return Some(Value::from(self.text(text)).to_string());
                }
            }
            let word = &text[start..at];
            let found = match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
                Some(raw) => self.string(&unescaped(raw), nested_max),
                // A number, `true` or so: what is left of it is a string.
                None => self.plain(word),
            };
            if let Some(found) = found {
                scrubbed.push_str(&text[done..start]);
                scrubbed.push_str(&Value::from(found).to_string());
                done = at;
            }
        }
        (done > 0).then(|| scrubbed + &text[done..])
    }

    fn string(&self, text: &str, nested_max: usize) -> Option<String> {
        let found = self.plain(text);
        let left = found.as_deref().unwrap_or(text);
        let is_json = nested_max > 0
            && left.trim_start().starts_with(['{', '[', '"'])
            && serde_json::from_str::<IgnoredAny>(left).is_ok();
        let nested = if is_json { self.json(left, nested_max - 1) } else { None };
        nested.or(found)
    }
}

/// Bytes without percent-encoding. Programs differ in what they encode, so it is undone instead of done.
struct Decoded {
    bytes: Vec<u8>,
    /// Where each of them begins in what was decoded, and its end.
    places: Vec<usize>,
}

impl Decoded {
    /// Nothing if nothing is encoded.
    fn new(encoded: &[u8]) -> Option<Self> {
        if !encoded.contains(&b'%') {
            return None;
        }
        let (mut bytes, mut places) = (Vec::with_capacity(encoded.len()), Vec::with_capacity(encoded.len() + 1));
        let mut at = 0;
        while at < encoded.len() {
            places.push(at);
            let escaped =
                encoded[at..].strip_prefix(b"%").and_then(|rest| Some((digit(*rest.first()?)?, digit(*rest.get(1)?)?)));
            bytes.push(escaped.map_or(encoded[at], |(high, low)| high << 4 | low));
            at += if escaped.is_some() { 3 } else { 1 };
        }
        places.push(encoded.len());
        Some(Self { bytes, places })
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_between_words(character: char) -> bool {
    matches!(character, '[' | ']' | '{' | '}' | ',' | ':' | ' ' | '\n' | '\r' | '\t')
}

/// Where the string, number or other word ends that a text begins with.
fn end_of_word(text: &str) -> usize {
    if !text.starts_with('"') {
        return text.find(is_between_words).unwrap_or(text.len());
    }
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// What stands between the quotes of a JSON string. Half a surrogate pair is lost.
fn unescaped(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut units = Vec::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => characters.next().unwrap_or_default(),
            other => {
                units.extend_from_slice(other.encode_utf16(&mut [0; 2]));
                continue;
            }
        };
        let plain = match character {
            'b' => 0x08,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'u' => {
                let digits: String = characters.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).unwrap_or(0xfffd)
            }
            // A quote, a slash or a backslash.
            other => u16::try_from(u32::from(other)).unwrap_or(0xfffd),
        };
        units.push(plain);
    }
    String::from_utf16_lossy(&units)
}

/// How programs write a text. Letters of ASCII are found in either case.
fn forms_of(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned(), text.bytes().map(|byte| format!("{byte:02x}")).collect()];
    // Where percent-encoding writes spaces so.
    forms.push(text.replace(' ', "+"));
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.extend((0..3).flat_map(|offset| base64_at(text, offset, engine)));
    }
    let json = Value::from(text).to_string();
    let json = &json[1..json.len() - 1];
    forms.extend([json.to_owned(), json.replace('/', "\\/")]);
    if !json.is_ascii() {
        let escaped: String = json.chars().map(ascii_in_json).collect();
        forms.extend([escaped.replace('/', "\\/"), escaped]);
    }
    forms
}

/// A text in base64 when `offset` bytes stand before it, modulo three: the characters that do not depend on what is around it, and
/// the same with the last one that is there if nothing follows.
fn base64_at(text: &str, offset: usize, engine: &GeneralPurpose) -> [String; 2] {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(text.as_bytes());
    let encoded = engine.encode(&bytes);
    let (start, end) = ((8 * offset).div_ceil(6), 8 * bytes.len() / 6);
    [encoded[start..end].to_owned(), encoded[start..].to_owned()]
}

fn ascii_in_json(character: char) -> String {
    if character.is_ascii() {
        return character.to_string();
    }
    character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{STANDARD_NO_PAD, Scrubber, URL_SAFE_NO_PAD};
    use base64::Engine as _;

    fn scrubber(secret: &str) -> Scrubber {
        Scrubber::new([(secret, "[x]")]).expect("there are few")
    }

    #[test]
    fn base64_is_found_at_every_offset_and_with_anything_around() {
        let secret = "s~?cret>\u{ff}\u{fe}7";
        let scrubber = scrubber(secret);
        for before in 0..6 {
            for after in 0..4 {
                let text = format!("{}{secret}{}", "b".repeat(before), "a".repeat(after));
                for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                    let scrubbed = scrubber.text(&engine.encode(&text));
                    assert!(scrubbed.contains("[x]"), "{before} {after}: {scrubbed}");
                    let left = engine.encode(&text).len() - (scrubbed.len() - 3);
                    // All but a character at either end, and those of what is around.
                    assert!(left >= 8 * secret.len() / 6 - 1, "{before} {after}: {scrubbed}");
                }
            }
        }
    }

    #[test]
    fn json_stays_json() {
        let check = |secret: &str, text: &str, expected: &str| {
            let scrubbed = scrubber(secret).text_or_json(text.to_owned());
            assert_eq!(scrubbed, expected);
            assert!(serde_json::from_str::<serde::de::IgnoredAny>(&scrubbed).is_ok(), "{scrubbed}");
        };
        check("12345678", "[12345678, -12345678.5, 1234567]", r#"["[x]", "-[x].5", 1234567]"#);
        check("12345678", r#"{"12345678": {"a": "12345678"}}"#, r#"{"[x]": {"a": "[x]"}}"#);
        check("nabcdefgh", r#"["\nabcdefgh", "\\nabcdefgh"]"#, r#"["\nabcdefgh", "\\[x]"]"#);
        check("abcdefgh\\", r#"["abcdefgh\\", "abcdefgh\\\\", "\\"]"#, r#"["[x]", "[x]", "\\"]"#);
        check("abc\"defgh", r#"["abc\"defgh", "\"abc\\\"defgh\""]"#, r#"["[x]", "\"[x]\""]"#);
        check("abcdefgh", r#"["\u0061bcdefgh", "\u0061\ud800"]"#, r#"["[x]", "\u0061\ud800"]"#);
        check("abcdefgh", r#""\ud800\u0061bcdefgh\"""#, "\"\u{fffd}[x]\\\"\"");
        check("😀😀abc", r#"["\ud83d\ude00\ud83d\uDE00abc"]"#, r#"["[x]"]"#);
        check("line\nline", r#"["line\nline"]"#, r#"["[x]"]"#);
        check("a,\"b\":\"c", r#"{"a":"a","b":"c"}"#, r#"{"a":"a","b":"c"}"#);
        check("12345678", r#"["{\"a\":12345678}", "12345678"]"#, r#"["{\"a\":[x]}", "[x]"]"#);
        let key = r#"{"key":"123"}"#;
        check(key, r#"{"key":"123"}"#, r#""[x]""#);
        check(key, r#"[1, {"key":"123"}, "\n"]"#, r#""[1, [x], \"\\n\"]""#);
        check(key, r#"[1, "{\"key\":\"123\"}", {"key": "123"}]"#, r#"[1, "[x]", {"key": "123"}]"#);
        check("abcdefgh", r#"["[\"\\u0061bcdefgh\"]"]"#, r#"["[\"[x]\"]"]"#);
        check("truefalse", "[true,false]", "[true,false]");
        let deep = "[".repeat(100_000) + "\"abcdefgh\"" + &"]".repeat(100_000);
        check("abcdefgh", &deep, &deep.replace("abcdefgh", "[x]"));
    }

    #[test]
    fn what_is_not_json_is_a_text() {
        let scrubbed = |text: &str| scrubber("ab/cd é\"").text_or_json(text.to_owned());
        assert_eq!(scrubbed("no: ab/cd é\"!"), "no: [x]!");
        assert_eq!(scrubbed(r#"no: {"a":"ab/cd é\""}, {"a":"ab\/cd é\""}"#), r#"no: {"a":"[x]"}, {"a":"[x]"}"#);
        assert_eq!(
            scrubbed(r#"no: {"a":"ab/cd \u00e9\""}, {"a":"ab\/cd \u00E9\""}"#),
            r#"no: {"a":"[x]"}, {"a":"[x]"}"#
        );
        let encoded =
            "ab%2Fcd%20%c3%a9%22, ab/cd%20%C3%A9%22, ab%2Fcd+%C3%A9%22, %61%62%2f%63%64+é\", 1%, %zz%4, %C3%C3%A9";
        assert_eq!(scrubbed(encoded), "[x], [x], [x], [x], 1%, %zz%4, %C3%C3%A9");
        assert_eq!(scrubbed("no: 61622F636420c3a922"), "no: [x]");
    }

    #[test]
    fn the_longest_secret_is_taken_out() {
        let scrubber =
            Scrubber::new([("abcdefgh", "[a]"), ("abcdefghij", "[b]"), ("abcdefgh", "[c]")]).expect("there are few");
        assert_eq!(scrubber.text("abcdefgh abcdefghij ABCDEFGH"), "[a] [b] [a]");
        assert_eq!(Scrubber::new([]).expect("there are none").text_or_json("a\\b".to_owned()), "a\\b");
    }
}
