//! Types of TypeScript, as far as JSON Schema can say them, and the comments on them.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Bytes of a description that are shown.
const DESCRIPTION_BYTES_MAX: usize = 2_000;
/// Bytes of a default, a pattern or the like that are shown.
const TAG_BYTES_MAX: usize = 100;

/// Keywords that TypeScript cannot express: they go into the comment, as tags of the same name.
const TAGS: &[&str] = &[
    "default",
    "format",
    "pattern",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Nothing is said, and nothing may be done with it. Takes any value.
    Unknown,
    /// Nothing is said, and anything may be done with it.
    Any,
    /// A primitive type or a literal.
    Text(String),
    /// One of the definitions.
    Named(usize),
    Object {
        members: Vec<Member>,
        index: Option<Box<Type>>,
    },
    Array(Box<Type>),
    Tuple {
        items: Vec<Type>,
        required: usize,
        rest: Option<Box<Type>>,
    },
    Union(Vec<Type>),
    Intersection(Vec<Type>),
    /// A tool.
    Call {
        arguments: Box<Type>,
        result: Box<Type>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) is_optional: bool,
    pub(crate) r#type: Type,
    pub(crate) documentation: Vec<String>,
}

impl Member {
    pub(crate) fn new(name: &str, r#type: Type) -> Self {
        Self { name: name.to_owned(), is_optional: false, r#type, documentation: Vec::new() }
    }

    pub(crate) fn documented(mut self, documentation: Vec<String>) -> Self {
        self.documentation = documentation;
        self
    }
}

impl Type {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(crate) fn says_nothing(&self) -> bool {
        matches!(self, Self::Unknown | Self::Any)
    }

    /// One of several. A type that says nothing takes the others in.
    pub(crate) fn union(types: Vec<Self>) -> Self {
        let mut union = Vec::new();
        for r#type in types {
            let parts = if let Self::Union(parts) = r#type { parts } else { vec![r#type] };
            for part in parts {
                if part.says_nothing() {
                    return part;
                }
                if part != Self::text("never") && !union.contains(&part) {
                    union.push(part);
                }
            }
        }
        match union.len() {
            0 => Self::text("never"),
            1 => union.remove(0),
            _ => Self::Union(union),
        }
    }

    /// All of several. `None` if none of them says anything.
    pub(crate) fn intersection(types: Vec<Self>) -> Option<Self> {
        let mut intersection = Vec::new();
        for r#type in types {
            let parts = if let Self::Intersection(parts) = r#type { parts } else { vec![r#type] };
            for part in parts {
                if !part.says_nothing() && !intersection.contains(&part) {
                    intersection.push(part);
                }
            }
        }
        match intersection.len() {
            0 => None,
            1 => intersection.pop(),
            _ => Some(Self::Intersection(intersection)),
        }
    }

    /// The definitions that must be known before this type is.
    fn needs(&self, needed: &mut Vec<usize>) {
        match self {
            Self::Named(index) => needed.push(*index),
            Self::Union(parts) | Self::Intersection(parts) => parts.iter().for_each(|part| part.needs(needed)),
            _ => {}
        }
    }
}

/// A type with a name: one that a `$ref` points at.
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) r#type: Type,
    pub(crate) documentation: Vec<String>,
    /// The type that says nothing, where this one is used.
    nothing: Type,
}

/// The named types of all tools.
#[derive(Default)]
pub(crate) struct Definitions {
    definitions: Vec<Definition>,
    names: BTreeSet<String>,
    /// Types that were made so far: there is a limit for all tools together.
    pub(crate) made: usize,
}

impl Definitions {
    pub(crate) fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.iter()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Definition> {
        self.definitions.get(index)
    }

    /// A new name, after what is wished for. Until its type is told, it says nothing.
    pub(crate) fn reserve(&mut self, wish: &str, nothing: Type) -> usize {
        let mut name = wish.to_owned();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{wish}{number}");
        }
        self.definitions.push(Definition { name, r#type: nothing.clone(), nothing, documentation: Vec::new() });
        self.definitions.len() - 1
    }

    pub(crate) fn define(&mut self, index: usize, r#type: Type, documentation: Vec<String>) {
        if let Some(definition) = self.definitions.get_mut(index) {
            (definition.r#type, definition.documentation) = (r#type, documentation);
        }
    }

    /// A type that is nothing but itself, such as `type A = A | null`, is no type: it says nothing.
    pub(crate) fn break_circles(&mut self) {
        for index in 0..self.definitions.len() {
            let mut seen = BTreeSet::new();
            let mut needed = Vec::new();
            self.definitions[index].r#type.needs(&mut needed);
            while let Some(next) = needed.pop() {
                if seen.insert(next) {
                    self.definitions[next].r#type.needs(&mut needed);
                }
            }
            if seen.contains(&index) {
                self.definitions[index].r#type = self.definitions[index].nothing.clone();
            }
        }
    }

    /// Whether an empty object is of this type: then a tool can be called without arguments.
    pub(crate) fn takes_empty(&self, r#type: &Type, steps: usize) -> bool {
        match r#type {
            Type::Unknown | Type::Any => true,
            Type::Object { members, .. } => members.iter().all(|member| member.is_optional),
            Type::Intersection(parts) => parts.iter().all(|part| self.takes_empty(part, steps)),
            Type::Union(parts) => parts.iter().any(|part| self.takes_empty(part, steps)),
            Type::Named(index) if steps > 0 => {
                self.get(*index).is_some_and(|definition| self.takes_empty(&definition.r#type, steps - 1))
            }
            _ => false,
        }
    }
}

/// What the comment on a schema's type says, line by line.
pub(crate) fn documentation(schema: &Map<String, Value>) -> Vec<String> {
    let mut lines = match schema.get("description").or_else(|| schema.get("title")) {
        Some(Value::String(text)) => paragraphs(text),
        _ => Vec::new(),
    };
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        lines.push("@deprecated".to_owned());
    }
    for tag in TAGS {
        let text = match schema.get(*tag) {
            None | Some(Value::Bool(false)) if *tag != "default" => continue,
            None => continue,
            Some(Value::String(text)) if *tag != "default" => text.clone(),
            Some(value) => value.to_string(),
        };
        lines.push(format!("@{tag} {}", plain(cut(&text, TAG_BYTES_MAX))));
    }
    lines
}

/// A description, line by line, without empty lines at its ends.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let lines = cut(text.trim(), DESCRIPTION_BYTES_MAX).lines().map(|line| plain(line.trim_end()));
    lines.skip_while(String::is_empty).collect()
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Without what would end the comment, or the line.
fn plain(text: &str) -> String {
    let is_break = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    text.replace(is_break, " ").replace("*/", "*\\/")
}
