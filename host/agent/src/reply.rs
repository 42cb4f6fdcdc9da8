//! What a model means by its reply: a script, an answer, or something that cannot be used.

use crate::provider::{NativeCall, RUN_JS, Reply, ReplyStyle, Stop};
use std::collections::BTreeMap;

/// A script as the model gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The native call that it came by.
    pub call_id: Option<String>,
    /// The source.
    pub source: String,
    /// Texts given beside it, which the script takes by `LiteralLoader(id)`.
    pub literals: BTreeMap<String, String>,
}

impl Script {
    /// Whether running it is running that again.
    pub(crate) fn is_same_as(&self, source: &str, literals: &BTreeMap<String, String>) -> bool {
        self.source.trim() == source.trim() && self.literals == *literals
    }
}

/// What a reply asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Run these, in order.
    Scripts(Vec<Script>),
    /// The task is done; this is the answer.
    Answer(String),
    /// Nothing that can be acted on: tell the model why, for each native call if there are any.
    Unusable {
        /// What to tell it.
        why: String,
        /// The calls that wait for a result.
        call_ids: Vec<String>,
    },
}

/// Reads a reply. Pure.
pub fn meaning(reply: &Reply, style: ReplyStyle) -> Meaning {
    if reply.stop == Stop::Length {
        let why = "Your reply was cut off at its maximum length, so nothing of it was run. Give a shorter script; put long \
                   texts into literals, or do the task in several scripts.";
        return unusable(reply, why);
    }
    if !reply.calls.is_empty() {
        return match reply.calls.iter().map(|call| of_call(call, &reply.text)).collect() {
            Ok(scripts) => Meaning::Scripts(scripts),
            Err(why) => unusable(reply, &why),
        };
    }
    let (text, literals) = split_literals(&reply.text);
    // A model that was told to call a tool may still write its script down: the block says clearly what is meant.
    if let Some(source) = fenced_script(&text, style) {
        return Meaning::Scripts(vec![Script { call_id: None, source, literals }]);
    }
    match reply.text.trim() {
        "" => unusable(reply, "Your reply was empty. Run a script, or answer in plain text."),
        text => Meaning::Answer(text.to_owned()),
    }
}

fn unusable(reply: &Reply, why: &str) -> Meaning {
    Meaning::Unusable { why: why.to_owned(), call_ids: reply.calls.iter().map(|call| call.id.clone()).collect() }
}

fn of_call(call: &NativeCall, text: &str) -> Result<Script, String> {
    if call.name != RUN_JS {
        return Err(format!(
            "There is no tool `{}` to call directly. The only one is `{RUN_JS}`; inside its code the others are functions \
             of `tools`.",
            call.name
        ));
    }
    let code = call.arguments.get("code").and_then(serde_json::Value::as_str);
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
        return Err(format!("`{RUN_JS}` takes an object with the script as the string `code`."));
    };
    let (source, mut literals) = split_literals(code);
    literals.extend(split_literals(text).1);
    Ok(Script { call_id: Some(call.id.clone()), source, literals })
}

/// The languages of a block that is meant to be run.
const LANGUAGES: [&str; 6] = ["js", "javascript", "ts", "typescript", "jsx", "mjs"];

/// The blocks of a text that are scripts, joined in order. Without a language, a block counts only where scripts are given so.
fn fenced_script(text: &str, style: ReplyStyle) -> Option<String> {
    let mut scripts: Vec<String> = Vec::new();
    let mut open: Option<(usize, bool, Vec<&str>)> = None;
    for line in text.lines() {
        let ticks = line.trim_start().bytes().take_while(|byte| *byte == b'`').count();
        match &mut open {
            None if ticks >= 3 => {
                let language = line.trim_start()[ticks..].split_whitespace().next().unwrap_or("").to_lowercase();
                let runs =
                    LANGUAGES.contains(&language.as_str()) || (language.is_empty() && style == ReplyStyle::FencedCode);
                open = Some((ticks, runs, Vec::new()));
            }
            None => {}
            Some((opening, runs, _)) if ticks >= *opening && line.trim().bytes().all(|byte| byte == b'`') => {
                let runs = *runs;
                let lines = open.take().map(|(_, _, lines)| lines).unwrap_or_default();
                if runs {
                    scripts.push(lines.join("\n"));
                }
            }
            Some((_, _, lines)) => lines.push(line),
        }
    }
    // A block that is not closed is what a model ends with that stops at its fence.
    if let Some((_, true, lines)) = open {
        scripts.push(lines.join("\n"));
    }
    let script = scripts.join("\n\n");
    (!script.trim().is_empty()).then_some(script)
}

const LITERALS_OPEN: &str = "<literals>";
const LITERALS_CLOSE: &str = "</literals>";

/// Takes `<literals>…</literals>` out of a text. What is in them needs no escaping: it ends at the last `</literal>` before the
/// next `<literal id=`.
fn split_literals(text: &str) -> (String, BTreeMap<String, String>) {
    let mut literals = BTreeMap::new();
    let Some((before, rest)) = text.split_once(LITERALS_OPEN) else { return (text.to_owned(), literals) };
    let Some(end) = rest.rfind(LITERALS_CLOSE) else { return (text.to_owned(), literals) };
    let (inside, after) = (&rest[..end], &rest[end + LITERALS_CLOSE.len()..]);
    for piece in inside.split("<literal id=").skip(1) {
        let Some(quote) = piece.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { continue };
        let Some((id, body)) = piece[1..].split_once(quote) else { continue };
        let Some((_, body)) = body.split_once('>') else { continue };
        let Some(end) = body.rfind("</literal>") else { continue };
        let body = &body[..end];
        // The line breaks next to the tags are layout.
        let body = body.strip_prefix("\r\n").or_else(|| body.strip_prefix('\n')).unwrap_or(body);
        literals.insert(id.to_owned(), body.to_owned());
    }
    (format!("{before}{after}"), literals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(text: &str) -> Reply {
        Reply { text: text.to_owned(), ..Reply::default() }
    }

    fn call(name: &str, arguments: serde_json::Value) -> Reply {
        let call = NativeCall { id: "c1".to_owned(), name: name.to_owned(), arguments };
        Reply { calls: vec![call], ..Reply::default() }
    }

    fn source(meaning: Meaning) -> String {
        match meaning {
            Meaning::Scripts(scripts) => scripts.into_iter().map(|script| script.source).collect::<Vec<_>>().join("|"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_native_call_is_a_script() {
        let Meaning::Scripts(scripts) = meaning(&call("run_js", json!({"code": "1+1"})), ReplyStyle::NativeTool) else {
            panic!("a script was expected")
        };
        assert_eq!(
            scripts,
            [Script { call_id: Some("c1".to_owned()), source: "1+1".to_owned(), literals: BTreeMap::new() }]
        );
    }

    #[test]
    fn a_call_of_something_else_is_answered_with_what_there_is() {
        let Meaning::Unusable { why, call_ids } = meaning(&call("read_file", json!({})), ReplyStyle::NativeTool) else {
            panic!("it cannot be used")
        };
        assert!(why.starts_with("There is no tool `read_file` to call directly."), "{why}");
        assert_eq!(call_ids, ["c1"]);
        let missing = meaning(&call("run_js", json!({"script": "1"})), ReplyStyle::NativeTool);
        assert!(matches!(missing, Meaning::Unusable { .. }), "{missing:?}");
    }

    #[test]
    fn fences_are_scripts_where_they_are_meant_to_be() {
        let fenced = |body: &str, style| source(meaning(&text(body), style));
        assert_eq!(fenced("Like this:\n```js\nreturn 1\n```\nand then", ReplyStyle::FencedCode), "return 1");
        assert_eq!(fenced("```\nreturn 1\n```", ReplyStyle::FencedCode), "return 1");
        assert_eq!(
            fenced("```ts\nlet x: number = 1\n```\n```js\nreturn x\n```", ReplyStyle::FencedCode),
            "let x: number = 1\n\nreturn x"
        );
        assert_eq!(fenced("````js\nreturn `\n```\n`\n````", ReplyStyle::FencedCode), "return `\n```\n`");
        assert_eq!(fenced("```js\nreturn 1", ReplyStyle::FencedCode), "return 1");
        assert_eq!(fenced("```js\nreturn 1\n```", ReplyStyle::NativeTool), "return 1");
        assert_eq!(fenced("```\nls -l\n```", ReplyStyle::NativeTool), r#"Answer("```\nls -l\n```")"#);
        assert_eq!(fenced("```python\nprint(1)\n```", ReplyStyle::FencedCode), r#"Answer("```python\nprint(1)\n```")"#);
    }

    #[test]
    fn literals_need_no_escaping() {
        let reply = text(
            "<literals><literal id=\"page\">\n<b>\"quoted\" `ticks` </literal> ${x}</b></literal>\n\
             <literal id='two'>2</literal></literals>\n```js\nreturn LiteralLoader('page')\n```",
        );
        let Meaning::Scripts(scripts) = meaning(&reply, ReplyStyle::FencedCode) else {
            panic!("a script was expected")
        };
        assert_eq!(scripts[0].source, "return LiteralLoader('page')");
        assert_eq!(
            scripts[0].literals,
            BTreeMap::from([
                ("page".to_owned(), "<b>\"quoted\" `ticks` </literal> ${x}</b>".to_owned()),
                ("two".to_owned(), "2".to_owned()),
            ])
        );
    }

    #[test]
    fn what_was_cut_off_is_not_run() {
        let reply = Reply { stop: Stop::Length, ..call("run_js", json!({"code": "deleteAll("})) };
        assert!(matches!(meaning(&reply, ReplyStyle::NativeTool), Meaning::Unusable { .. }));
    }

    #[test]
    fn nothing_is_not_an_answer() {
        assert!(matches!(meaning(&text("  \n"), ReplyStyle::NativeTool), Meaning::Unusable { .. }));
        assert_eq!(meaning(&text(" 42 \n"), ReplyStyle::NativeTool), Meaning::Answer("42".to_owned()));
    }
}
