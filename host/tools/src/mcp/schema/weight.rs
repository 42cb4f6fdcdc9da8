//! How much work a schema can make. A few references are enough to make a check that does not end: the schema of a stranger is
//! weighed before any value is checked against it.
//!
//! The check of one value visits a schema once for each way that leads to it. What counts is the most visits that one value,
//! nested as deeply as values may be, can cause at one of its places and all that lie on the way to it.

use serde_json::Value;
use std::collections::HashMap;

/// Values are nested no more deeply than this, so references end here.
const DEPTH_MAX: usize = 128;
/// So many visits are nothing. What makes more is not taken.
const VISITS_MAX: u64 = 10_000;
/// Places in schemas, at depths of values, that are looked at before a schema is given up.
const STEPS_MAX: usize = 200_000;

/// Schemas for the value that is at hand.
const IN_PLACE: [&str; 10] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies", "propertyNames"];
/// Schemas for values inside of it, all of which may be for the same one.
const INSIDE: [&str; 8] = [
    "items",
    "additionalItems",
    "prefixItems",
    "contains",
    "additionalProperties",
    "patternProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// References that are found in another way than by a pointer into the schema.
const OTHER_REFERENCES: [&str; 5] = ["$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor"];

/// Why a check of this schema might not end, if it might not.
pub(super) fn fault(schema: &Value) -> Option<&'static str> {
    let mut scale = Scale { root: schema, known: HashMap::new(), steps: 0 };
    match scale.visits(schema, 0) {
        Ok(visits) if visits <= VISITS_MAX => None,
        Ok(_) => Some("a check of it could take too long: it refers to itself in too many ways"),
        Err(why) => Some(why),
    }
}

struct Scale<'a> {
    root: &'a Value,
    /// Visits from a schema on, by its address and the depth of the value. Nothing while they are being counted.
    known: HashMap<(*const Value, usize), Option<u64>>,
    steps: usize,
}

impl<'a> Scale<'a> {
    fn visits(&mut self, schema: &'a Value, depth: usize) -> Result<u64, &'static str> {
        let Value::Object(members) = schema else { return Ok(1) };
        if depth > DEPTH_MAX {
            return Ok(1);
        }
        let key = (std::ptr::from_ref(schema), depth);
        match self.known.get(&key) {
            Some(Some(visits)) => return Ok(*visits),
            Some(None) => return Err("it refers to itself without end"),
            None => {}
        }
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err("it has too many references to follow");
        }
        if OTHER_REFERENCES.iter().any(|keyword| members.contains_key(*keyword)) {
            return Err("it has references other than `$ref` with a pointer");
        }
        if depth > 0 && members.contains_key("$id") {
            return Err("it has a schema with an `$id` of its own inside");
        }
        self.known.insert(key, None);
        let mut visits: u64 = 1;
        if let Some(Value::String(reference)) = members.get("$ref") {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            let target = target.ok_or("it refers to a place that it does not have")?;
            visits = visits.saturating_add(self.visits(target, depth)?);
        }
        for (keywords, deeper) in [(&IN_PLACE[..], 0), (&INSIDE[..], 1)] {
            for keyword in keywords {
                for inner in members.get(*keyword).into_iter().flat_map(|value| schemas(keyword, value)) {
                    visits = visits.saturating_add(self.visits(inner, depth + deeper)?);
                }
            }
        }
        // Each of these is for another value.
        let mut most = 0;
        for inner in members.get("properties").into_iter().flat_map(|value| schemas("properties", value)) {
            most = most.max(self.visits(inner, depth + 1)?);
        }
        visits = visits.saturating_add(most);
        self.known.insert(key, Some(visits));
        Ok(visits)
    }
}

/// The schemas that a keyword has: one, a list, or one for each of its names.
fn schemas<'a>(keyword: &str, value: &'a Value) -> Vec<&'a Value> {
    match (keyword, value) {
        ("properties" | "patternProperties" | "dependentSchemas" | "dependencies", Value::Object(named)) => {
            named.values().collect()
        }
        (_, Value::Array(listed)) => listed.iter().collect(),
        _ => vec![value],
    }
}

#[cfg(test)]
mod tests {
    use super::fault;
    use serde_json::{Value, json};

    #[test]
    fn schemas_of_every_day_are_light() {
        let tree = json!({ "$ref": "#/$defs/t", "$defs": { "t": { "type": "object", "properties": {
            "left": { "$ref": "#/$defs/t" }, "right": { "$ref": "#/$defs/t" },
            "children": { "type": "array", "items": { "$ref": "#/$defs/t" } },
        } } } });
        let wide: Value =
            (0..500).map(|number| (format!("p{number}"), json!({ "anyOf": [{ "type": "null" }, {}] }))).collect();
        for schema in
            [json!({}), json!(true), tree, json!({ "properties": wide }), json!({ "properties": { "$ref": {} } })]
        {
            assert_eq!(fault(&schema), None, "{schema}");
        }
    }

    /// Attack: a check that never ends, or ends after the universe. Control: the same shapes with one way each, above.
    #[test]
    fn a_check_that_would_not_end_is_refused() {
        let endless = Some("it refers to itself without end");
        assert_eq!(fault(&json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#" }] })), endless);
        assert_eq!(
            fault(&json!({ "$ref": "#/$defs/a", "$defs": { "a": { "not": { "$ref": "#/$defs/a" } } } })),
            endless
        );
        let long = Some("a check of it could take too long: it refers to itself in too many ways");
        assert_eq!(fault(&json!({ "items": { "allOf": [{ "$ref": "#" }, { "$ref": "#" }] } })), long);
        assert_eq!(fault(&json!({ "patternProperties": { "a": { "$ref": "#" }, "b": { "$ref": "#" } } })), long);
        let doubled = |level: u32| json!({ "allOf": [{ "$ref": format!("#/$defs/{}", level + 1) }, { "$ref": format!("#/$defs/{}", level + 1) }] });
        let mut definitions: serde_json::Map<String, Value> =
            (0..40).map(|level| (level.to_string(), doubled(level))).collect();
        definitions.insert("40".to_owned(), json!({}));
        assert_eq!(fault(&json!({ "$ref": "#/$defs/0", "$defs": definitions })), long);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        for schema in [
            json!({ "$ref": "https://example.com/schema" }),
            json!({ "$ref": "#/$defs/none" }),
            json!({ "$ref": "#name" }),
            json!({ "properties": { "a": { "$dynamicRef": "#a" } } }),
            json!({ "items": { "$id": "x" } }),
        ] {
            assert!(fault(&schema).is_some(), "{schema}");
        }
    }
}
