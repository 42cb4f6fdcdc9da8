//! Resources and prompts of a server, as tools that only look.

use super::pages::{Pages, Walk};
use crate::mcp::errors::{Error, ErrorKind};
use crate::mcp::mirror::Headers;
use crate::mcp::results::{self, kept};
use crate::mcp::server::Inner;
use crate::mcp::session::Session;
use crate::mcp::{names, schema};
use agentloop_sandbox::{Call, Effect, Tool, ToolFailure};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What is kept of each resource, template and prompt.
const MEMBERS: &[&str] = &["uri", "uriTemplate", "name", "title", "description", "mimeType", "size", "arguments"];

#[derive(Clone, Copy)]
enum Extra {
    ListResources,
    ReadResource,
    ListPrompts,
    GetPrompt,
}

/// The tools for what the server says that it has besides tools, by their names.
pub(super) fn of(inner: &Arc<Inner>, session: &Session) -> Vec<(String, Tool)> {
    let mut extras: Vec<Extra> = Vec::new();
    if session.capabilities().resources.is_some() {
        extras.extend([Extra::ListResources, Extra::ReadResource]);
    }
    if session.capabilities().prompts.is_some() {
        extras.extend([Extra::ListPrompts, Extra::GetPrompt]);
    }
    extras.into_iter().filter_map(|extra| tool(inner, extra)).collect()
}

fn tool(inner: &Arc<Inner>, extra: Extra) -> Option<(String, Tool)> {
    let server = inner.name();
    let nothing = schema::any_object();
    let text = json!({ "type": "string" });
    let (name, description, input) = match extra {
        Extra::ListResources => (
            "list_resources",
            format!(
                "Lists the resources of `{server}`: {{resources: [{{uri, name, …}}], \
                 templates: [{{uriTemplate, name, …}}]}}."
            ),
            nothing,
        ),
        Extra::ReadResource => (
            "read_resource",
            format!("Reads a resource of `{server}`: its text, or a list of its parts with `data` in base64."),
            json!({ "type": "object", "properties": { "uri": text }, "required": ["uri"] }),
        ),
        Extra::ListPrompts => (
            "list_prompts",
            format!("Lists the prompts of `{server}`: [{{name, description, arguments: [{{name, required, …}}]}}]."),
            nothing,
        ),
        Extra::GetPrompt => (
            "get_prompt",
            format!("Fills in a prompt of `{server}`: {{description, messages: [{{role, content}}]}}."),
            json!({
                "type": "object",
                "properties": {
                    "name": text,
                    "arguments": { "type": "object", "additionalProperties": text },
                },
                "required": ["name"],
            }),
        ),
    };
    if !inner.config().offers(name) {
        return None;
    }
    let full = names::of_tool(&names::of_server(server), name)?;
    let inner = Arc::clone(inner);
    let made = Tool::untyped(&full, &description, input, move |call| answer(Arc::clone(&inner), extra, call)).ok()?;
    Some((full, made.idempotent(1).marked(Effect::ReadOnly)))
}

async fn answer(inner: Arc<Inner>, extra: Extra, call: Call) -> Result<String, ToolFailure> {
    let said = |error: Error| ToolFailure(error.to_string());
    match extra {
        Extra::ListResources => {
            let resources = list(&inner, "resources/list", "resources").await.map_err(said)?;
            let templates = match list(&inner, "resources/templates/list", "resourceTemplates").await {
                // Many servers have none, and do not know that they may be asked for them.
                Err(error) if error.kind() == ErrorKind::Refused => Vec::new(),
                templates => templates.map_err(said)?,
            };
            results::written(&json!({ "resources": resources, "templates": templates }))
        }
        Extra::ListPrompts => {
            let prompts = list(&inner, "prompts/list", "prompts").await.map_err(said)?;
            results::written(&Value::Array(prompts))
        }
        Extra::ReadResource => {
            let params = params(&call, &["uri"]);
            results::of_resource(
                inner.request("resources/read", params, Headers::new(), Some(&call.progress)).await.map_err(said)?,
            )
        }
        Extra::GetPrompt => {
            let params = params(&call, &["name", "arguments"]);
            results::of_prompt(
                inner.request("prompts/get", params, Headers::new(), Some(&call.progress)).await.map_err(said)?,
            )
        }
    }
}

fn params(call: &Call, names: &[&str]) -> Value {
    let member = |name: &&str| call.arguments.get(*name).map(|member| ((*name).to_owned(), member.clone()));
    Value::Object(names.iter().filter_map(member).collect::<Map<_, _>>())
}

/// All items of a list, each with what matters of it.
async fn list(inner: &Inner, method: &'static str, member: &'static str) -> Result<Vec<Value>, Error> {
    let mut pages = Pages::new(method, member);
    let mut all = Vec::new();
    let session = inner.session().await?;
    while let Some(items) = pages.next(&session).await? {
        all.extend(items.into_iter().map(|mut item| Value::Object(kept(&mut item, MEMBERS))));
    }
    match pages.walk() {
        Walk::Stopped(why) => {
            Err(inner.voice().error(ErrorKind::TooLarge, &format!("has a list that is too long: {why}")))
        }
        _ => Ok(all),
    }
}
