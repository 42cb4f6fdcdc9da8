//! The list of a server's tools, made into tools of a sandbox. Each bound here is on something that the server decides.

mod extras;
mod pages;

use self::pages::{Pages, Walk};
use super::errors::Error;
use super::mirror::Mirror;
use super::results::{self, Declared};
use super::server::Inner;
use super::session::Session;
use super::text::{cut, one_line};
use super::{names, schema};
use agentloop_sandbox::{Call, Effect, Tool, ToolFailure};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// A description is cut after so many characters.
const DESCRIPTION_CHARS_MAX: usize = 8 * 1024;

/// A name is quoted up to so many characters.
const QUOTED_CHARS_MAX: usize = 80;

/// More notes than this are only counted.
const NOTES_MAX: usize = 100;

/// What a server offers.
///
/// A tool is called `server.tool`. Where such a name is not allowed, each byte of it that is not becomes `$` and two
/// hexadecimal digits, so that no two names become one. A result is the structured content that the server sends, or
/// else the text, or `null` when there is nothing, or a list of blocks: `{type: "text", text}`, `{type: "image" |
/// "audio", data, mimeType}` with base64, `{type: "resource", uri, mimeType, text | data}`, `{type: "resource_link",
/// uri, name, …}`. A result of more than 4 MiB is a failure.
///
/// A server with resources has `server.list_resources` and `server.read_resource` as well, one with prompts
/// `server.list_prompts` and `server.get_prompt`, unless it has tools of these names itself.
///
/// Tools that the configuration switches off are left out without a note.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listing {
    /// Its tools, in its order, each marked with what the server says that a call of it does. At most 10,000, and up to
    /// four more for resources and prompts.
    pub tools: Vec<Tool>,
    /// What was left out or replaced, and why, for the operator. At most 101.
    pub notes: Vec<String>,
}

/// Notes, up to a number of them.
#[derive(Default)]
struct Notes {
    kept: Vec<String>,
    more: usize,
}

impl Notes {
    fn add(&mut self, text: String) {
        if self.kept.len() < NOTES_MAX {
            self.kept.push(text);
        } else {
            self.more += 1;
        }
    }

    fn done(mut self) -> Vec<String> {
        if self.more > 0 {
            self.kept.push(format!("and {} notes more", self.more));
        }
        self.kept
    }
}

/// Asks a server for its tools.
pub(super) async fn list(inner: &Arc<Inner>, session: &Session) -> Result<Listing, Error> {
    let mut notes = Notes::default();
    let mut tools = Vec::new();
    let mut taken = HashSet::new();
    if session.capabilities().tools.is_some() {
        let mut pages = Pages::new("tools/list", "tools");
        while let Some(items) = pages.next(session).await? {
            for item in items {
                tools.extend(tool(inner, item, &mut taken, &mut notes));
            }
        }
        if let Walk::Stopped(why) = pages.walk() {
            notes.add(format!("`{}`: the list of tools is cut short: {why}", inner.name()));
        }
    }
    // The configuration may leave these out as well, by the last part of their names.
    for (name, tool) in extras::of(inner, session) {
        if taken.insert(name) {
            tools.push(tool);
        }
    }
    tools.retain(|tool| is_apart(tool.name().as_str(), inner.name(), &taken, &mut notes));
    Ok(Listing { tools, notes: notes.done() })
}

/// Makes one tool, or a note of why not.
fn tool(inner: &Arc<Inner>, item: Value, taken: &mut HashSet<String>, notes: &mut Notes) -> Option<Tool> {
    let server = inner.name();
    let Some(name) = item.get("name").and_then(Value::as_str) else {
        notes.add(format!("`{server}`: a tool without a name is left out"));
        return None;
    };
    if !inner.config().offers(name) {
        return None;
    }
    let quoted = one_line(name, QUOTED_CHARS_MAX);
    let Some(full) = names::of_tool(&names::of_server(server), name) else {
        notes.add(format!("`{server}`: the tool `{quoted}` is left out: its name is empty or too long"));
        return None;
    };
    if !taken.insert(full.clone()) {
        notes.add(format!("`{server}`: a second tool `{quoted}` is left out"));
        return None;
    }
    let mut bounded = |member: &str, what: &str| {
        let found = item.get(member).filter(|schema| !schema.is_null())?;
        match schema::fault(found) {
            None => Some(found.clone()),
            Some(why) => {
                notes.add(format!("`{server}`: the {what} schema of `{quoted}` is not used: {why}"));
                None
            }
        }
    };
    let input = bounded("inputSchema", "input").unwrap_or_else(schema::any_object);
    let output = bounded("outputSchema", "output");
    let hints = Hints::of(&item);
    let mirror = match Mirror::of(&input) {
        Ok(mirror) => mirror,
        Err(why) => {
            let why = one_line(&why, 300);
            notes.add(format!("`{server}`: the tool `{quoted}` is left out: {why}"));
            return None;
        }
    };
    let declared = declared(output.as_ref());
    let handler = Handler { inner: Arc::clone(inner), name: name.to_owned(), declared, mirror };
    let description = description(&item);
    let made = match handler.tool(&full, &description, input) {
        Ok(made) => made,
        Err(error) => {
            let why = one_line(&error.to_string(), 300);
            notes.add(format!("`{server}`: the input schema of `{quoted}` is not used: {why}"));
            handler.tool(&full, &description, schema::any_object()).ok()?
        }
    };
    let made = match output {
        Some(output) => made.output_schema(output),
        None => made,
    };
    let made = match inner.config().call_time_max() {
        Some(time_max) => made.time_max(time_max),
        None => made,
    };
    let made = made.marked(hints.effect);
    Some(if hints.idempotent { made.idempotent(1) } else { made })
}

/// Whether no other tool is what this one would have to be inside of: `a.b` cannot be beside `a`.
fn is_apart(name: &str, server: &str, taken: &HashSet<String>, notes: &mut Notes) -> bool {
    let around = name.match_indices('.').map(|(dot, _)| &name[..dot]).find(|around| taken.contains(*around));
    if let Some(around) = around {
        notes.add(format!("`{server}`: the tool `{name}` is left out: `{around}` is a tool, and cannot hold another"));
    }
    around.is_none()
}

fn declared(output: Option<&Value>) -> Declared {
    if output.is_some() { Declared::Yes } else { Declared::No }
}

/// What it does, in the server's words: without anything that a terminal would obey.
fn description(item: &Value) -> String {
    let text = |place: &str| item.pointer(place).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let text =
        text("/description").or_else(|| text("/title")).or_else(|| text("/annotations/title")).unwrap_or_default();
    let text = cut(text.trim(), DESCRIPTION_CHARS_MAX);
    text.replace(|letter: char| letter.is_control() && letter != '\n' && letter != '\t', " ")
}

/// What a server says about a tool.
struct Hints {
    effect: Effect,
    idempotent: bool,
}

impl Hints {
    fn of(item: &Value) -> Self {
        let hint = |name: &str| item.get("annotations")?.get(name)?.as_bool();
        let effect = match (hint("readOnlyHint"), hint("destructiveHint")) {
            (Some(true), _) => Effect::ReadOnly,
            (_, Some(false)) => Effect::Additive,
            // By the protocol, what changes something destroys unless it is said not to.
            (Some(false), None) | (_, Some(true)) => Effect::Destructive,
            (None, None) => Effect::Unmarked,
        };
        Self { effect, idempotent: hint("idempotentHint") == Some(true) }
    }
}

/// Calls one tool of a server.
#[derive(Clone)]
struct Handler {
    inner: Arc<Inner>,
    name: String,
    declared: Declared,
    mirror: Mirror,
}

impl Handler {
    fn tool(&self, name: &str, description: &str, input: Value) -> Result<Tool, agentloop_sandbox::Error> {
        let handler = Arc::new(self.clone());
        Tool::untyped(name, description, input, move |call| Arc::clone(&handler).call(call))
    }

    async fn call(self: Arc<Self>, mut call: Call) -> Result<String, ToolFailure> {
        let arguments = match call.arguments.take() {
            Value::Null => json!({}),
            arguments @ Value::Object(_) => arguments,
            _ => return Err("the tool takes an object with its arguments".into()),
        };
        let params = json!({ "name": self.name, "arguments": arguments });
        let headers = self.mirror.headers(&params["arguments"]);
        match self.inner.request("tools/call", params, headers, Some(&call.progress)).await {
            Ok(result) => results::of_call(self.inner.voice(), result, self.declared),
            Err(error) => Err(error.to_string().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Hints, description};
    use serde_json::json;

    #[test]
    fn hints_become_effects() {
        let effect = |annotations| Hints::of(&json!({ "annotations": annotations })).effect;
        assert_eq!(effect(json!({})), Effect::Unmarked);
        assert_eq!(effect(json!("odd")), Effect::Unmarked);
        assert_eq!(effect(json!({ "title": "x", "openWorldHint": true })), Effect::Unmarked);
        assert_eq!(effect(json!({ "readOnlyHint": true, "destructiveHint": true })), Effect::ReadOnly);
        assert_eq!(effect(json!({ "readOnlyHint": false })), Effect::Destructive);
        assert_eq!(effect(json!({ "readOnlyHint": false, "destructiveHint": false })), Effect::Additive);
        assert_eq!(effect(json!({ "destructiveHint": true })), Effect::Destructive);
    }

    #[test]
    fn descriptions_are_cut_and_cleaned() {
        assert_eq!(description(&json!({ "description": " a\u{1b}[2J\nb ", "title": "t" })), "a [2J\nb");
        assert_eq!(description(&json!({ "description": " ", "title": "t" })), "t");
        assert_eq!(description(&json!({ "description": 3 })), "");
        assert_eq!(description(&json!({ "description": "x".repeat(10_000) })), "x".repeat(8 * 1024) + "…");
    }
}
