//! What a rule may ask of the arguments of a call.

use super::below::Below;
use super::host::Host;
use crate::message::shorten;
use regex::{Regex, RegexBuilder};
use serde_json::{Number, Value};
use std::fmt;

/// A longer pointer is refused.
const POINTER_BYTES_MAX: usize = 1 << 10;

/// A longer regular expression is refused.
const PATTERN_BYTES_MAX: usize = 4 << 10;

/// Bytes of memory that a compiled regular expression may take.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A longer text is not held against a regular expression.
const MATCHED_BYTES_MAX: usize = 64 << 10;

/// What one argument must be.
///
/// ```
/// use agentloop_tools::policy::{Constraint, Must};
///
/// let constraint = Constraint::new("/url", Must::BeOnHost("api.example.com".to_owned()));
/// assert_eq!(constraint.to_string(), "`/url` must be a URL on the host `api.example.com`");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Constraint {
    /// Where it is in the arguments: a JSON Pointer (RFC 6901), as in `/issue/title` or `/paths/0`. The empty text is all of the
    /// arguments.
    pub argument: String,
    /// What it must be.
    pub must: Must,
}

/// What an argument must be. One that is missing is none of these.
///
/// Texts are compared as they are, byte by byte: what a tool makes of them is not known here.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Must {
    /// The same JSON value. Numbers are the same if they have the same value, as `1` and `1.0`.
    Equal(Value),
    /// One of these.
    OneOf(Vec<Value>),
    /// A text that begins with this. Not for paths and URLs, where the beginning says little: see [`Must::BeBelow`] and
    /// [`Must::BeOnHost`].
    StartWith(String),
    /// The path of this folder, or of something below it, as far as its text says. Both are absolute or both are relative. `.`,
    /// `..` and doubled slashes are resolved, links are not: where a folder may have links that lead out, constrain the tool that
    /// opens it instead, as [`Files`](crate::Files) does. A path is unclear, see [`Rule`](super::Rule), if `..` leads above its
    /// beginning, if it has a backslash, a control character or a byte in percent-encoding, if it begins with `//`, `~`, a drive
    /// or a scheme, or if it is over 4,096 bytes.
    BeBelow(String),
    /// A number in these bounds, which belong to it.
    BeBetween {
        /// Default: none.
        min: Option<f64>,
        /// Default: none.
        max: Option<f64>,
    },
    /// A text that this regular expression matches from the beginning to the end. The syntax is that of the crate `regex`; at most
    /// 4 KiB, and 1 MiB when compiled. A text over 64 KiB is unclear.
    Match(String),
    /// A URL (`http`, `https`, `ws`, `wss`) whose host is this, or with `*.` before it, below it: `api.example.com`,
    /// `*.example.com`. The port does not matter, nor does the case, nor a dot at the end. A URL is unclear, see
    /// [`Rule`](super::Rule), if it is not written plainly, as programs differ in how they read it: with a user or a password, a
    /// backslash, a space, escapes or letters beyond ASCII in the host, an address in an unusual spelling, another scheme, or over
    /// 8 KiB.
    BeOnHost(String),
}

impl Constraint {
    /// What the argument at a JSON Pointer must be.
    pub fn new(argument: impl Into<String>, must: Must) -> Self {
        Self { argument: argument.into(), must }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.argument.as_str() {
            "" => formatter.write_str("the arguments must ")?,
            argument => write!(formatter, "`{}` must ", shorten(argument))?,
        }
        match &self.must {
            Must::Equal(value) => write!(formatter, "be `{}`", shorten(&value.to_string())),
            Must::OneOf(values) => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(formatter, "be one of `{}`", shorten(&values.join("`, `")))
            }
            Must::StartWith(prefix) => write!(formatter, "start with `{}`", shorten(prefix)),
            Must::BeBelow(folder) => write!(formatter, "be a path below `{}`", shorten(folder)),
            Must::BeBetween { min: Some(min), max: Some(max) } => write!(formatter, "be from {min} to {max}"),
            Must::BeBetween { min: Some(min), max: None } => write!(formatter, "be at least {min}"),
            Must::BeBetween { min: None, max: Some(max) } => write!(formatter, "be at most {max}"),
            Must::BeBetween { min: None, max: None } => formatter.write_str("be a number"),
            Must::Match(pattern) => write!(formatter, "match `{}`", shorten(pattern)),
            Must::BeOnHost(host) => write!(formatter, "be a URL on the host `{}`", shorten(host)),
        }
    }
}

/// Whether a constraint holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    Yes,
    No,
    /// The argument is there, but of another type, or it may be read in more than one way.
    Unclear,
}

impl From<Option<bool>> for Held {
    fn from(held: Option<bool>) -> Self {
        match held {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unclear,
        }
    }
}

/// A constraint, made ready.
#[derive(Debug)]
pub(super) struct Test {
    argument: String,
    check: Check,
}

#[derive(Debug)]
enum Check {
    OneOf(Vec<Value>),
    StartWith(String),
    Below(Below),
    Between { min: f64, max: f64 },
    Match(Regex),
    Host(Host),
}

impl Test {
    pub(super) fn new(constraint: &Constraint) -> Result<Self, String> {
        let argument = constraint.argument.clone();
        if argument.len() > POINTER_BYTES_MAX || !is_pointer(&argument) {
            return Err(format!(
                "`{}` is no JSON Pointer to an argument, as in `/path` or `/issue/title`",
                shorten(&argument)
            ));
        }
        let check = match &constraint.must {
            Must::Equal(value) => Check::OneOf(vec![value.clone()]),
            Must::OneOf(values) if values.is_empty() => {
                return Err(format!("there is no value that `{argument}` may be: name at least one"));
            }
            Must::OneOf(values) => Check::OneOf(values.clone()),
            Must::StartWith(prefix) => Check::StartWith(prefix.clone()),
            Must::BeBelow(folder) => Check::Below(Below::parse(folder)?),
            Must::BeBetween { min, max } => {
                let (min, max) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
                // Not a number is in no order with any other.
                if !matches!(min.partial_cmp(&max), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)) {
                    return Err(format!("there is no number from {min} to {max}"));
                }
                Check::Between { min, max }
            }
            Must::Match(pattern) => Check::Match(whole(pattern)?),
            Must::BeOnHost(host) => Check::Host(Host::parse(host)?),
        };
        Ok(Self { argument, check })
    }

    pub(super) fn held(&self, arguments: &Value) -> Held {
        let Some(value) = arguments.pointer(&self.argument) else { return Held::No };
        match (&self.check, value) {
            (Check::OneOf(values), value) => Some(values.iter().any(|one| is_same(one, value))).into(),
            (Check::StartWith(prefix), Value::String(text)) => Some(text.starts_with(prefix.as_str())).into(),
            (Check::Below(below), Value::String(text)) => below.contains(text).into(),
            (Check::Between { min, max }, Value::Number(number)) => is_between(number, *min, *max).into(),
            (Check::Match(regex), Value::String(text)) => {
                (text.len() <= MATCHED_BYTES_MAX).then(|| regex.is_match(text)).into()
            }
            (Check::Host(host), Value::String(text)) => host.contains(text).into(),
            _ => Held::Unclear,
        }
    }
}

/// The empty text, or parts that begin with a slash each, in which `~` begins `~0` or `~1`.
fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']))
}

/// Compiles a pattern such that only whole texts match.
fn whole(pattern: &str) -> Result<Regex, String> {
    let refused = |reason: &str| format!("`{}` is no regular expression: {reason}", shorten(pattern));
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(refused(&format!("it is over {PATTERN_BYTES_MAX} bytes")));
    }
    let compile = |pattern: &str| {
        let compiled =
            RegexBuilder::new(pattern).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build();
        compiled.map_err(|error| refused(&error.to_string()))
    };
    // By itself first: `a)|(b` would close the group that is put around it.
    compile(pattern)?;
    compile(&format!(r"\A(?:{pattern})\z"))
}

/// Equal as JSON values. No deeper than the shallower of the two.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (integer(one), integer(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64() && one.as_f64().is_some(),
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Exact for integers, which `f64` would round.
fn is_between(number: &Number, min: f64, max: f64) -> Option<bool> {
    if let Some(integer) = integer(number) {
        // Infinities and what is beyond become the ends of `i128`.
        return Some(min.ceil() as i128 <= integer && integer <= max.floor() as i128);
    }
    let number = number.as_f64().filter(|number| number.is_finite())?;
    Some(min <= number && number <= max)
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

#[cfg(test)]
mod tests {
    use super::{Constraint, Held, Must, Test};
    use serde_json::{Value, json};

    fn held(argument: &str, must: Must, arguments: Value) -> Held {
        Test::new(&Constraint::new(argument, must)).expect("it is a constraint").held(&arguments)
    }

    fn why(argument: &str, must: Must) -> String {
        Test::new(&Constraint::new(argument, must)).expect_err("it is refused")
    }

    fn between(min: Option<f64>, max: Option<f64>) -> Must {
        Must::BeBetween { min, max }
    }

    #[test]
    fn a_missing_argument_never_holds() {
        let all = [
            Must::Equal(Value::Null),
            Must::OneOf(vec![Value::Null]),
            Must::StartWith(String::new()),
            Must::BeBelow(".".to_owned()),
            between(None, None),
            Must::Match(".*".to_owned()),
            Must::BeOnHost("example.com".to_owned()),
        ];
        for must in all {
            assert_eq!(held("/a", must.clone(), json!({ "b": 1 })), Held::No, "{must:?}");
            assert_eq!(held("/a/b", must.clone(), json!({ "a": "b" })), Held::No, "{must:?}");
            assert_eq!(held("/a/0", must.clone(), json!({ "a": [] })), Held::No, "{must:?}");
            assert_eq!(held("/__proto__", must, json!({})), Held::No);
        }
    }

    #[test]
    fn values_are_the_same_as_json() {
        let equal = |one: Value, other: Value| held("/a", Must::Equal(one), json!({ "a": other }));
        assert_eq!(equal(json!({ "x": [1, "2"], "y": null }), json!({ "y": null, "x": [1.0, "2"] })), Held::Yes);
        assert_eq!(equal(json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64)), Held::No);
        assert_eq!(equal(json!(u64::MAX), json!(-1)), Held::No);
        for other in [json!("1"), json!(true), json!([1]), json!({ "1": 1 }), json!(null), json!(1.5)] {
            assert_eq!(equal(json!(1), other), Held::No);
        }
        assert_eq!(equal(json!({ "x": 1 }), json!({ "x": 1, "__proto__": 1 })), Held::No);
        let one_of = |other: Value| held("", Must::OneOf(vec![json!("a"), json!(2)]), other);
        assert_eq!([one_of(json!("a")), one_of(json!(2.0)), one_of(json!("b"))], [Held::Yes, Held::Yes, Held::No]);
    }

    #[test]
    fn pointers_lead_to_what_they_say() {
        let at = |argument: &str| {
            held(argument, Must::Equal(json!(1)), json!({ "a/b": { "~": [0, 1] }, "__proto__": 1, "": 1 }))
        };
        assert_eq!([at("/a~1b/~0/1"), at("/__proto__"), at("/")], [Held::Yes; 3]);
        assert_eq!([at("/a~1b/~0/0"), at("/a~1b/~0/01"), at("/a~1b/~0/-"), at("/constructor")], [Held::No; 4]);
        for argument in ["a", "/a~", "/a~2", "$.a"] {
            let reason = format!("`{argument}` is no JSON Pointer to an argument, as in `/path` or `/issue/title`");
            assert_eq!(why(argument, Must::Equal(json!(1))), reason);
        }
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let number = |must: Must, value: Value| held("", must, value);
        assert_eq!(number(between(Some(0.0), Some(10.0)), json!(10)), Held::Yes);
        assert_eq!(number(between(Some(0.0), Some(10.0)), json!(10.000_000_000_000_002)), Held::No);
        assert_eq!(number(between(Some(0.5), None), json!(0)), Held::No);
        assert_eq!(number(between(None, Some(-0.5)), json!(-1)), Held::Yes);
        let (max, above) = (Some(9_007_199_254_740_992.0), json!(9_007_199_254_740_993_u64));
        assert_eq!(number(between(None, max), above), Held::No);
        assert_eq!(number(between(Some(0.0), None), json!(u64::MAX)), Held::Yes);
        for other in [json!("5"), json!("NaN"), json!(null), json!([5]), json!({ "valueOf": 5 }), json!("1e400")] {
            assert_eq!(number(between(Some(0.0), Some(10.0)), other), Held::Unclear);
        }
        assert_eq!(why("", between(Some(f64::NAN), None)), "there is no number from NaN to inf");
        assert_eq!(why("", between(Some(2.0), Some(1.0))), "there is no number from 2 to 1");
    }

    #[test]
    fn regular_expressions_match_whole_texts() {
        let text = |pattern: &str, text: &str| held("", Must::Match(pattern.to_owned()), json!(text));
        assert_eq!([text("a|ab", "ab"), text("[a-z]+", "abc"), text("(?i)abc", "ABC")], [Held::Yes; 3]);
        assert_eq!([text("a", "ba"), text("a", "a\n"), text("(?m)^a$", "a\nb"), text("a|b", "ac")], [Held::No; 4]);
        assert_eq!(text("(a*)*b", &"a".repeat(60_000)), Held::No);
        assert_eq!(text("a*", &"a".repeat(70_000)), Held::Unclear);
        for pattern in ["a)|(b", "(", "a{1000}{1000}{1000}"] {
            assert!(
                why("", Must::Match(pattern.to_owned()))
                    .starts_with(&format!("`{pattern}` is no regular expression: "))
            );
        }
    }

    #[test]
    fn texts_begin_as_they_are_written() {
        let text = |text: Value| held("", Must::StartWith("ab".to_owned()), text);
        assert_eq!([text(json!("ab")), text(json!("abc"))], [Held::Yes; 2]);
        assert_eq!([text(json!("Ab")), text(json!(" ab")), text(json!(""))], [Held::No; 3]);
        assert_eq!([text(json!(["ab"])), text(json!(1)), text(json!(null))], [Held::Unclear; 3]);
    }
}
