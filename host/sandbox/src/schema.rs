//! A tool's JSON Schema: compiled once, and a mismatch said in words that repair a call.

use crate::{Error, ToolError, ToolErrorKind, ToolName};
use serde_json::Value;

/// Mismatches named in one message.
const MISMATCHES_MAX: usize = 5;
/// Characters of one mismatch: the value that came may be a megabyte.
const MISMATCH_CHARACTERS_MAX: usize = 300;
/// Steps of backtracking that a `pattern` may take on one string, which the script chooses.
const BACKTRACK_MAX: usize = 10_000;

pub(crate) struct Schema {
    value: Value,
    validator: jsonschema::Validator,
}

impl Schema {
    pub(crate) fn new(name: &ToolName, value: Value) -> Result<Self, Error> {
        let validator = jsonschema::options()
            .with_pattern_options(jsonschema::PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_MAX))
            .build(&value)
            .map_err(|error| Error::ToolSchema { name: name.clone(), reason: cut(&error.to_string()) })?;
        Ok(Self { value, validator })
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// Checks arguments. The error names each field, what was expected, and what came.
    pub(crate) fn check(&self, tool: &ToolName, arguments: &Value) -> Result<(), ToolError> {
        if self.validator.is_valid(arguments) {
            return Ok(());
        }
        let mut message = format!("the arguments of `{tool}` do not match its schema");
        let mut mismatches = self.validator.iter_errors(arguments);
        for mismatch in mismatches.by_ref().take(MISMATCHES_MAX) {
            let path = field(&mismatch.instance_path().to_string());
            message.push_str(&format!("; {path}: {}", cut(&mismatch.to_string())));
        }
        if mismatches.next().is_some() {
            message.push_str("; and more");
        }
        Err(ToolError::new(ToolErrorKind::InvalidArguments, message))
    }
}

/// `/items/0/name` as a script writes it: `items[0].name`.
fn field(pointer: &str) -> String {
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{segment}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&cut(&segment));
        }
    }
    if path.is_empty() { "the arguments".to_owned() } else { format!("`{path}`") }
}

/// The beginning and the end: what came is at the beginning of a mismatch, what was expected at its end.
fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= MISMATCH_CHARACTERS_MAX {
        return text.to_owned();
    }
    let half = MISMATCH_CHARACTERS_MAX / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(count - half).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::{Schema, field};
    use crate::ToolName;
    use serde_json::json;

    #[track_caller]
    fn check(schema: serde_json::Value, arguments: serde_json::Value, expected: &str) {
        let name = ToolName::parse("t").expect("the name is good");
        let schema = Schema::new(&name, schema).expect("the schema is good");
        let error = schema.check(&name, &arguments).expect_err("the arguments should be refused");
        assert_eq!(error.message, format!("the arguments of `t` do not match its schema; {expected}"));
    }

    #[test]
    fn a_mismatch_names_the_field_what_was_expected_and_what_came() {
        let schema = json!({"type": "object", "properties": {"items": {"type": "array", "items": {"type": "number"}}}});
        check(schema, json!({"items": [1, "2"]}), "`items[1]`: \"2\" is not of type \"number\"");
    }

    #[test]
    fn a_missing_field_is_named() {
        let schema = json!({"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}});
        check(schema.clone(), json!({}), "the arguments: \"path\" is a required property");
        check(schema, json!([]), "the arguments: [] is not of type \"object\"");
    }

    #[test]
    fn a_huge_value_does_not_make_a_huge_message() {
        let name = ToolName::parse("t").expect("the name is good");
        let schema = Schema::new(&name, json!({"type": "object"})).expect("the schema is good");
        let error = schema.check(&name, &json!("x".repeat(1_000_000))).expect_err("a string is no object");
        assert!(error.message.len() < 600, "{} bytes", error.message.len());
        assert!(error.message.ends_with("is not of type \"object\""), "{}", error.message);
    }

    #[test]
    fn a_schema_that_fetches_is_refused_when_the_tool_is_made() {
        let name = ToolName::parse("t").expect("the name is good");
        let refused = Schema::new(&name, json!({"$ref": "http://127.0.0.1:1/schema.json"}));
        assert!(matches!(refused, Err(crate::Error::ToolSchema { .. })));
    }

    #[test]
    fn pointers_read_as_a_script_writes_them() {
        assert_eq!(field(""), "the arguments");
        assert_eq!(field("/a/0/b~1c"), "`a[0].b/c`");
    }
}
