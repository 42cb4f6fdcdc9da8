//! What can be seen of a value in the text of a script, and where it cannot match a JSON Schema. Only what is certain counts:
//! what the text leaves open is left to the run.

use crate::check::{Finding, Place, Rule, listed, nearest, shown};
use serde::Deserialize;
use serde_json::{Map, Value};

/// `$ref`s that are followed, and levels that are looked at.
const STEPS_MAX: usize = 64;

#[derive(Deserialize)]
pub(crate) struct Property {
    pub(crate) name: String,
    #[serde(flatten)]
    place: Place,
    value: Shape,
}

/// What a piece of the script's text says about its value.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Shape {
    /// An object literal. `open`: it has spread or computed members as well.
    Object {
        open: bool,
        properties: Vec<Property>,
        #[serde(flatten)]
        place: Place,
    },
    Array {
        open: bool,
        items: Vec<Shape>,
        #[serde(flatten)]
        place: Place,
    },
    Literal {
        value: Value,
        #[serde(flatten)]
        place: Place,
    },
    /// Only the type is certain, as `typeof` and `Array.isArray` would tell it.
    Type {
        r#type: String,
        #[serde(flatten)]
        place: Place,
    },
    Unknown {
        #[serde(flatten)]
        place: Place,
    },
}

impl Shape {
    /// A call without arguments is one with an empty object.
    pub(crate) fn no_arguments(place: Place) -> Self {
        Self::Object { open: false, properties: Vec::new(), place }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Object { place, .. }
            | Self::Array { place, .. }
            | Self::Literal { place, .. }
            | Self::Type { place, .. }
            | Self::Unknown { place } => *place,
        }
    }

    /// The value, if all of it is written out.
    pub(crate) fn value(&self) -> Option<Value> {
        match self {
            Self::Literal { value, .. } => Some(value.clone()),
            Self::Array { open: false, items, .. } => items.iter().map(Self::value).collect(),
            Self::Object { open: false, properties, .. } => {
                let members: Option<Map<String, Value>> = properties
                    .iter()
                    // JSON has no `undefined`: such a member is left out.
                    .filter(|property| !property.value.is_undefined())
                    .map(|property| Some((property.name.clone(), property.value.value()?)))
                    .collect();
                members.map(Value::Object)
            }
            _ => None,
        }
    }

    fn is_undefined(&self) -> bool {
        matches!(self, Self::Type { r#type, .. } if r#type == "undefined")
    }

    /// Its type in the words of JSON Schema, if it is certain.
    fn type_name(&self) -> Option<&str> {
        Some(match self {
            Self::Object { .. } => "object",
            Self::Array { .. } => "array",
            Self::Literal { value: Value::Null, .. } => "null",
            Self::Literal { value: Value::Bool(_), .. } => "boolean",
            Self::Literal { value: Value::String(_), .. } => "string",
            Self::Literal { value: Value::Number(number), .. } => {
                if number.as_f64().is_some_and(|number| number.fract() == 0.0) { "integer" } else { "number" }
            }
            Self::Type { r#type, .. } => match r#type.as_str() {
                // A `Date` is an object that becomes a string; so may others through `toJSON`.
                "object" | "undefined" | "function" | "bigint" => return None,
                known => known,
            },
            _ => return None,
        })
    }
}

/// Where `arguments` of `tool` cannot match `schema`.
pub(crate) fn mismatches(tool: &str, schema: &Value, arguments: &Shape) -> Vec<(Finding, Place)> {
    let mut comparison = Comparison { tool, root: schema, found: Vec::new() };
    comparison.compare(schema, arguments, "", 0);
    comparison.found
}

struct Comparison<'a> {
    tool: &'a str,
    root: &'a Value,
    found: Vec<(Finding, Place)>,
}

impl<'a> Comparison<'a> {
    fn compare(&mut self, schema: &'a Value, shape: &Shape, path: &str, steps: usize) {
        if steps > STEPS_MAX {
            return;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            return if let Some(target) = target {
                self.compare(target, shape, path, steps + 1)
            };
        }
        if !self.has_type(schema, shape, path) {
            return;
        }
        match shape {
            Shape::Object { open, properties, place } => {
                self.compare_members(schema, properties, path, steps);
                if !open {
                    self.find_missing(schema, properties, *place, path);
                }
            }
            Shape::Array { items, .. } => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(schema) = schema.get("items") {
                        self.compare(schema, item, &format!("{path}[{index}]"), steps + 1);
                    }
                }
            }
            Shape::Literal { value, place } => self.compare_choice(schema, value, *place, path),
            Shape::Type { .. } | Shape::Unknown { .. } => {}
        }
    }

    fn compare_members(&mut self, schema: &'a Value, properties: &[Property], path: &str, steps: usize) {
        let Some(known) = schema.get("properties").and_then(Value::as_object) else { return };
        let takes_others = schema.get("patternProperties").is_some()
            || schema.get("additionalProperties").is_some_and(|others| *others != Value::Bool(false))
            || ["allOf", "anyOf", "oneOf", "if"].iter().any(|keyword| schema.get(keyword).is_some());
        for property in properties {
            let path =
                if path.is_empty() { shown(&property.name) } else { format!("{path}.{}", shown(&property.name)) };
            if let Some(schema) = known.get(&property.name) {
                self.compare(schema, &property.value, &path, steps + 1);
            } else if !takes_others {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                let hint = match nearest(&property.name, &names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "it takes no arguments".to_owned(),
                    None => format!("there are: {}", listed(&names)),
                };
                let message = format!("`tools.{}` has no argument `{path}`", self.tool);
                self.found.push((Finding::new(Rule::UnknownArgument, message, Some(hint)), property.place));
            }
        }
    }

    fn find_missing(&mut self, schema: &Value, properties: &[Property], place: Place, path: &str) {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            let is_there = |property: &&Property| property.name == name && !property.value.is_undefined();
            if properties.iter().find(is_there).is_none() {
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                let message = format!("`tools.{}` needs the argument `{path}`", self.tool);
                self.found.push((Finding::new(Rule::MissingArgument, message, None), place));
            }
        }
    }

    /// Whether the shape may be of a type that the schema takes.
    fn has_type(&mut self, schema: &Value, shape: &Shape, path: &str) -> bool {
        let Some(found) = shape.type_name() else { return true };
        let types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return true,
        };
        // `1.0` is an integer; and of a number whose value is not known nobody can tell.
        let fits =
            |wanted: &&str| *wanted == found || (matches!(*wanted, "number" | "integer") && is_number(shape, wanted));
        if types.iter().any(fits) {
            return true;
        }
        let what = if path.is_empty() { "the arguments are".to_owned() } else { format!("`{path}` is") };
        let article = |name: &str| if name.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
        let message = format!(
            "`tools.{}`: {what} {} {found}, {} {} is expected",
            self.tool,
            article(found),
            types.first().map_or("a", |name| article(name)),
            types.join(" or ")
        );
        self.found.push((Finding::new(Rule::WrongArgument, message, None), shape.place()));
        false
    }

    fn compare_choice(&mut self, schema: &Value, value: &Value, place: Place, path: &str) {
        let Some(choices) = schema.get("enum").and_then(Value::as_array) else { return };
        if choices.contains(value) {
            return;
        }
        let names: Vec<String> = choices.iter().map(Value::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let value = shown(&value.to_string());
        let hint = nearest(&value, &names)
            .map_or_else(|| format!("there are: {}", listed(&names)), |near| format!("did you mean {near}?"));
        let message = format!("`tools.{}`: `{path}` cannot be {value}", self.tool);
        self.found.push((Finding::new(Rule::WrongArgument, message, Some(hint)), place));
    }
}

fn is_number(shape: &Shape, wanted: &str) -> bool {
    match shape.type_name() {
        Some("integer") => true,
        Some("number") => wanted == "number" || matches!(shape, Shape::Type { .. }),
        _ => false,
    }
}
