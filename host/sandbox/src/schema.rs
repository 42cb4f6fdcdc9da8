//! A JSON Schema, compiled once; a mismatch is said in words that repair it.

use serde_json::Value;

/// Mismatches named in one message.
const MISMATCHES_MAX: usize = 5;
/// Characters of one mismatch: the value that came may be a megabyte.
const MISMATCH_CHARACTERS_MAX: usize = 300;
/// Steps of backtracking that a `pattern` may take on one string, which the script chooses.
const BACKTRACK_MAX: usize = 10_000;

/// A JSON Schema, compiled, for values that come from a script or a model: checking one is bounded, and fetches nothing.
///
/// ```
/// use agentloop_sandbox::Schema;
/// use serde_json::json;
///
/// let schema = Schema::new(json!({ "type": "object", "properties": { "n": { "type": "integer" } } }))?;
/// assert_eq!(schema.mismatch("the value", &json!({ "n": 1 })), None);
/// let mismatch = schema.mismatch("the value", &json!({ "n": "1" }));
/// assert_eq!(mismatch.as_deref(), Some("`n`: \"1\" is not of type \"integer\""));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Schema {
    value: Value,
    validator: jsonschema::Validator,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    ///
    /// What the validator says of a schema that is none, or that refers to another document.
    pub fn new(value: Value) -> Result<Self, String> {
        let validator = jsonschema::options()
            .with_pattern_options(jsonschema::PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_MAX))
            .build(&value)
            .map_err(|error| cut(&error.to_string()))?;
        Ok(Self { value, validator })
    }

    /// The schema as it was given.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What is wrong with a value, called `root` itself, if anything is: each field, what was expected, and what came. At most five,
    /// each cut to 300 characters.
    pub fn mismatch(&self, root: &str, value: &Value) -> Option<String> {
        if self.validator.is_valid(value) {
            return None;
        }
        let mut mismatches = self.validator.iter_errors(value);
        let told = mismatches.by_ref().take(MISMATCHES_MAX).map(|mismatch| {
            let path = field(root, &mismatch.instance_path().to_string());
            format!("{path}: {}", cut(&mismatch.to_string()))
        });
        let mut told: Vec<String> = told.collect();
        if mismatches.next().is_some() {
            told.push("and more".to_owned());
        }
        Some(told.join("; "))
    }
}

/// `/items/0/name` as a script writes it: `items[0].name`.
fn field(root: &str, pointer: &str) -> String {
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
    if path.is_empty() { root.to_owned() } else { format!("`{path}`") }
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
    use serde_json::json;

    #[track_caller]
    fn check(schema: serde_json::Value, arguments: serde_json::Value, expected: &str) {
        let schema = Schema::new(schema).expect("the schema is good");
        assert_eq!(schema.mismatch("the arguments", &arguments).as_deref(), Some(expected));
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
        let schema = Schema::new(json!({"type": "object"})).expect("the schema is good");
        let message = schema.mismatch("the value", &json!("x".repeat(1_000_000))).expect("a string is no object");
        assert!(message.len() < 600, "{} bytes", message.len());
        assert!(message.ends_with("is not of type \"object\""), "{message}");
    }

    #[test]
    fn a_schema_that_fetches_is_refused_when_the_tool_is_made() {
        assert!(Schema::new(json!({"$ref": "http://127.0.0.1:1/schema.json"})).is_err());
    }

    #[test]
    fn pointers_read_as_a_script_writes_them() {
        assert_eq!(field("it", ""), "it");
        assert_eq!(field("it", "/a/0/b~1c"), "`a[0].b/c`");
    }
}
