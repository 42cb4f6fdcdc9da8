//! From a JSON Schema to a type. What TypeScript cannot say is left out, so that a value which the schema allows is, as
//! far as can be, of the type.

use super::types::{Definitions, Member, Type, documentation};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Schemas inside schemas that are followed.
const DEPTH_MAX: usize = 16;
/// Types that come of one schema, and of all of them.
const TYPES_MAX: usize = 4_000;
const ALL_TYPES_MAX: usize = 100_000;
/// Alternatives in one union, and elements of one tuple.
const PARTS_MAX: usize = 500;
/// Bytes of a literal type.
const LITERAL_BYTES_MAX: usize = 200;

/// What the schema describes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Side {
    /// Where it says nothing, any value may be given.
    Arguments,
    /// Where it says nothing, anything may be done with the value: it cannot be known better.
    Result,
}

pub(crate) struct Convert<'a, 'd> {
    root: &'a Value,
    side: Side,
    definitions: &'d mut Definitions,
    by_pointer: BTreeMap<&'a str, usize>,
    /// What a `$ref` points at, until it has become a definition.
    pending: VecDeque<(usize, &'a Value)>,
    made: usize,
}

impl<'a, 'd> Convert<'a, 'd> {
    pub(crate) fn new(root: &'a Value, side: Side, definitions: &'d mut Definitions) -> Self {
        Self { root, side, definitions, by_pointer: BTreeMap::new(), pending: VecDeque::new(), made: 0 }
    }

    pub(crate) fn run(mut self) -> Type {
        let r#type = self.schema(self.root, 0);
        while let Some((index, schema)) = self.pending.pop_front() {
            let r#type = self.schema(schema, 0);
            let lines = schema.as_object().map(documentation).unwrap_or_default();
            self.definitions.define(index, r#type, lines);
        }
        r#type
    }

    fn nothing(&self) -> Type {
        match self.side {
            Side::Arguments => Type::Unknown,
            Side::Result => Type::Any,
        }
    }

    fn schema(&mut self, schema: &'a Value, depth: usize) -> Type {
        let schema = match schema {
            Value::Bool(false) => return Type::text("never"),
            Value::Object(schema) => schema,
            _ => return self.nothing(),
        };
        if depth > DEPTH_MAX || self.made >= TYPES_MAX || self.definitions.made >= ALL_TYPES_MAX {
            return self.nothing();
        }
        self.made += 1;
        self.definitions.made += 1;
        let mut parts = Vec::new();
        if let Some(Value::String(reference)) = schema.get("$ref") {
            parts.push(self.reference(reference));
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(schemas)) = schema.get(keyword) {
                parts.push(self.union(schemas, depth));
            }
        }
        if let Some(Value::Array(schemas)) = schema.get("allOf") {
            parts.extend(schemas.iter().take(PARTS_MAX).map(|schema| self.schema(schema, depth + 1)));
        }
        let of_values = values(schema);
        parts.extend(of_values.clone());
        if of_values.is_none() {
            // That something is an object, or an array, adds nothing to what is known of it.
            let is_described = parts.iter().any(|part| !part.says_nothing());
            parts.extend(self.of_type(schema, depth).filter(|base| !is_described || !is_open(base)));
        }
        let r#type = Type::intersection(parts).unwrap_or_else(|| self.nothing());
        match schema.get("nullable") {
            Some(Value::Bool(true)) => Type::union(vec![r#type, Type::text("null")]),
            _ => r#type,
        }
    }

    fn union(&mut self, schemas: &'a [Value], depth: usize) -> Type {
        if schemas.len() > PARTS_MAX {
            return self.nothing();
        }
        Type::union(schemas.iter().map(|schema| self.schema(schema, depth + 1)).collect())
    }

    fn reference(&mut self, reference: &'a str) -> Type {
        let Some(pointer) = reference.strip_prefix('#') else { return self.nothing() };
        if let Some(index) = self.by_pointer.get(pointer) {
            return Type::Named(*index);
        }
        // Not a pointer, but an anchor: `Value::pointer` knows none.
        let Some(target) = self.root.pointer(pointer) else { return self.nothing() };
        let name = match (pointer, self.side) {
            ("", Side::Arguments) => "Arguments".to_owned(),
            ("", Side::Result) => "Result".to_owned(),
            _ => type_name(pointer),
        };
        let index = self.definitions.reserve(&name, self.nothing());
        self.by_pointer.insert(pointer, index);
        self.pending.push_back((index, target));
        Type::Named(index)
    }

    /// What `type` says, and the keywords that belong to one of the types.
    fn of_type(&mut self, schema: &'a Map<String, Value>, depth: usize) -> Option<Type> {
        match schema.get("type") {
            Some(Value::String(name)) => Some(self.named(name, schema, depth)),
            Some(Value::Array(names)) => {
                let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
                // `null` last, as people write it.
                let (nulls, others): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| *name == "null");
                Some(Type::union(others.iter().chain(&nulls).map(|name| self.named(name, schema, depth)).collect()))
            }
            _ if schema.contains_key("properties") => Some(self.object(schema, depth)),
            _ if schema.contains_key("items") || schema.contains_key("prefixItems") => Some(self.array(schema, depth)),
            _ => None,
        }
    }

    fn named(&mut self, name: &str, schema: &'a Map<String, Value>, depth: usize) -> Type {
        match name {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "integer" | "number" => Type::text("number"),
            "string" | "boolean" | "null" => Type::text(name),
            _ => self.nothing(),
        }
    }

    fn object(&mut self, schema: &'a Map<String, Value>, depth: usize) -> Type {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        let required: BTreeSet<&str> = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => BTreeSet::new(),
        };
        let mut members: BTreeMap<&str, Member> = BTreeMap::new();
        if let Some(properties) = properties {
            for (name, schema) in properties {
                let member = Member::new(name, self.schema(schema, depth + 1));
                let lines = documentation(schema.as_object().unwrap_or(&none));
                let is_optional = !required.contains(name.as_str());
                members.insert(name, Member { is_optional, ..member.documented(lines) });
            }
        }
        for name in required {
            members.entry(name).or_insert_with(|| Member::new(name, self.nothing()));
        }
        let members: Vec<Member> = members.into_values().collect();
        let index = self.index(schema, members.is_empty(), depth);
        Type::Object { members, index: index.map(Box::new) }
    }

    /// The type of the members that have no name in the schema. `None`: there are to be none.
    fn index(&mut self, schema: &'a Map<String, Value>, is_alone: bool, depth: usize) -> Option<Type> {
        let additional = schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"));
        let patterns = schema.get("patternProperties").and_then(Value::as_object).filter(|some| !some.is_empty());
        match (additional, patterns) {
            (Some(Value::Bool(false)), None) if is_alone => Some(Type::text("never")),
            // In TypeScript all members must be of the type of the index: with others beside them, that says nothing.
            (Some(Value::Bool(true)), _) | (_, Some(_)) => Some(self.nothing()),
            (Some(additional @ Value::Object(_)), None) if is_alone => Some(self.schema(additional, depth + 1)),
            (Some(Value::Object(_)), None) => Some(self.nothing()),
            // More than what is named may be allowed, but is a slip more often than not.
            _ => is_alone.then(|| self.nothing()),
        }
    }

    fn array(&mut self, schema: &'a Map<String, Value>, depth: usize) -> Type {
        let items = schema.get("items");
        let (first, rest) = match (schema.get("prefixItems"), items) {
            (Some(Value::Array(first)), _) => (first.as_slice(), items),
            // As it was before draft 2020-12.
            (_, Some(Value::Array(first))) => (first.as_slice(), schema.get("additionalItems")),
            _ => (&[][..], items),
        };
        let rest = match rest {
            Some(Value::Bool(false)) => None,
            Some(rest) => Some(self.schema(rest, depth + 1)),
            None => Some(self.nothing()),
        };
        if first.len() > PARTS_MAX {
            return Type::Array(Box::new(self.nothing()));
        }
        if let ([], Some(rest)) = (first, &rest) {
            return Type::Array(Box::new(rest.clone()));
        }
        let items: Vec<Type> = first.iter().map(|schema| self.schema(schema, depth + 1)).collect();
        let length_min = schema.get("minItems").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        let required = match (length_min, self.side) {
            (Some(count), _) => count.min(items.len()),
            (None, Side::Arguments) => 0,
            (None, Side::Result) => items.len(),
        };
        Type::Tuple { items, required, rest: rest.map(Box::new) }
    }
}

/// Whether nothing is known of what is in it.
fn is_open(r#type: &Type) -> bool {
    match r#type {
        Type::Object { members, index } => {
            members.is_empty() && index.as_ref().is_some_and(|index| index.says_nothing())
        }
        Type::Array(items) => items.says_nothing(),
        _ => false,
    }
}

/// The type of the values that a schema lists. `None` if it lists none, or such as have no literal type.
fn values(schema: &Map<String, Value>) -> Option<Type> {
    if let Some(value) = schema.get("const") {
        return literal(value);
    }
    let values = schema.get("enum")?.as_array().filter(|values| values.len() <= PARTS_MAX)?;
    values.iter().map(literal).collect::<Option<Vec<Type>>>().map(Type::union)
}

fn literal(value: &Value) -> Option<Type> {
    let text = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (text.len() <= LITERAL_BYTES_MAX).then_some(Type::Text(text))
}

/// A name for what a pointer points at: `/$defs/tree-node` is a `TreeNode`.
fn type_name(pointer: &str) -> String {
    let last = pointer.rsplit('/').next().unwrap_or_default();
    let words = last.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    let name = &name[..name.len().min(64)];
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name.to_owned() } else { format!("Type{name}") }
}
