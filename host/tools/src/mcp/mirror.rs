//! Arguments that travel in headers as well, where the schema of a tool says so (`x-mcp-header`): gateways on the way
//! to a server read them there. Only from version 2026-07-28 on, and only to servers behind an address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;
use std::collections::HashSet;

/// What marks an argument.
const MARK: &str = "x-mcp-header";

/// What the name of each such header begins with.
const PREFIX: &str = "mcp-param-";

/// More arguments than this in headers are a mistake.
const MIRRORED_MAX: usize = 64;

/// A longer value would not get through most servers.
const VALUE_BYTES_MAX: usize = 8 * 1024;

/// Headers of one request.
pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

/// The arguments of one tool that travel in headers.
#[derive(Clone, Debug, Default)]
pub(super) struct Mirror(Vec<(Vec<String>, HeaderName)>);

impl Mirror {
    /// Reads a schema that [`schema::fault`](super::schema::fault) has found to be within bounds.
    ///
    /// # Errors
    ///
    /// Why the schema is wrong, and its tool cannot be called by the protocol.
    pub(super) fn of(schema: &Value) -> Result<Self, String> {
        let mut found = Vec::new();
        collect(schema, &mut Vec::new(), &mut found);
        if marks(schema) != found.len() {
            return Err(format!("`{MARK}` stands where no argument is"));
        }
        if found.len() > MIRRORED_MAX {
            return Err(format!("more than {MIRRORED_MAX} arguments have an `{MARK}`"));
        }
        let mut names = HashSet::new();
        let mut mirrored = Vec::new();
        for (path, argument) in found {
            let quoted = path.join(".");
            let name = argument[MARK].as_str().filter(|name| !name.is_empty());
            let name = name.and_then(|name| HeaderName::try_from(format!("{PREFIX}{name}")).ok());
            let name = name.ok_or_else(|| format!("the `{MARK}` of `{quoted}` cannot be the name of a header"))?;
            if !matches!(argument["type"].as_str(), Some("string" | "integer" | "boolean")) {
                return Err(format!("`{quoted}` has an `{MARK}` and is no string, integer or boolean"));
            }
            if !names.insert(name.clone()) {
                return Err(format!("two arguments have the same `{MARK}`"));
            }
            mirrored.push((path, name));
        }
        Ok(Self(mirrored))
    }

    /// The headers for a call with these arguments. What is too long, absent or nothing has none.
    pub(super) fn headers(&self, arguments: &Value) -> Headers {
        let header = |(path, name): &(Vec<String>, HeaderName)| {
            let value = match path.iter().try_fold(arguments, |value, key| value.get(key))? {
                Value::String(text) => text.clone(),
                value @ (Value::Bool(_) | Value::Number(_)) => value.to_string(),
                _ => return None,
            };
            let value = encoded(value);
            let value = (value.len() <= VALUE_BYTES_MAX).then(|| HeaderValue::try_from(value).ok())??;
            Some((name.clone(), value))
        };
        self.0.iter().filter_map(header).collect()
    }
}

/// Goes from the schema of an object to those of its members, and theirs.
fn collect<'a>(schema: &'a Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'a Value)>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        if member.get(MARK).is_some() {
            found.push((path.clone(), member));
        }
        collect(member, path, found);
        path.pop();
    }
}

/// How many marks there are in all places where a schema can be.
fn marks(schema: &Value) -> usize {
    match schema {
        Value::Array(items) => items.iter().map(marks).sum(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match key.as_str() {
                MARK => 1,
                // Values, not schemas.
                "default" | "const" | "enum" | "examples" => 0,
                // The names of arguments are any.
                "properties" => value.as_object().into_iter().flatten().map(|(_, member)| marks(member)).sum(),
                _ => marks(value),
            })
            .sum(),
        _ => 0,
    }
}

/// A header cannot say everything as it is.
fn encoded(value: String) -> String {
    let plain = value.bytes().all(|byte| matches!(byte, 0x20..=0x7e));
    let looks_encoded = value.starts_with("=?base64?") && value.ends_with("?=");
    if plain && !looks_encoded && value.trim() == value {
        value
    } else {
        format!("=?base64?{}?=", STANDARD.encode(value))
    }
}

#[cfg(test)]
mod tests {
    use super::Mirror;
    use serde_json::{Value, json};

    fn headers(schema: &Value, arguments: &Value) -> Vec<String> {
        let mirror = Mirror::of(schema).expect("the schema is right");
        let text = |(name, value)| format!("{name:?}: {value:?}").replace('"', "");
        mirror.headers(arguments).into_iter().map(text).collect()
    }

    #[test]
    fn marked_arguments_become_headers() {
        let schema = json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "inner": { "properties": { "n": { "type": "integer", "x-mcp-header": "N" } } },
            "plain": { "type": "string" },
            "x-mcp-header": { "type": "string" },
        } });
        let arguments = json!({ "region": "eu west", "inner": { "n": 3 }, "plain": "x" });
        assert_eq!(headers(&schema, &arguments), ["mcp-param-n: 3", "mcp-param-region: eu west"]);
        assert_eq!(headers(&schema, &json!({ "region": null, "inner": [] })), [""; 0]);
        assert_eq!(headers(&schema, &json!({ "region": "a\r\nb: c" })), ["mcp-param-region: =?base64?YQ0KYjogYw==?="]);
        assert_eq!(headers(&schema, &json!({ "region": " x" })), ["mcp-param-region: =?base64?IHg=?="]);
        assert_eq!(headers(&schema, &json!({ "region": "x".repeat(10_000) })), [""; 0]);
    }

    #[test]
    fn a_schema_with_a_wrong_mark_is_refused() {
        let refused = |schema: Value| Mirror::of(&schema).expect_err("it is wrong");
        let one = |argument: Value| refused(json!({ "properties": { "a": argument } }));
        let no_name = "the `x-mcp-header` of `a` cannot be the name of a header";
        for name in [json!(""), json!("a b"), json!("a:b"), json!("é"), json!(3)] {
            assert_eq!(one(json!({ "type": "string", "x-mcp-header": name })), no_name);
        }
        let kind = "`a` has an `x-mcp-header` and is no string, integer or boolean";
        assert_eq!(one(json!({ "type": "number", "x-mcp-header": "A" })), kind);
        let twice =
            json!({ "a": { "type": "string", "x-mcp-header": "A" }, "b": { "type": "string", "x-mcp-header": "a" } });
        assert_eq!(refused(json!({ "properties": twice })), "two arguments have the same `x-mcp-header`");
        let elsewhere = json!({ "items": { "type": "string", "x-mcp-header": "A" } });
        assert_eq!(one(elsewhere), "`x-mcp-header` stands where no argument is");
    }
}
