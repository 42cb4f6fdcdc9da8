//! The tools on file as TypeScript declarations: what a type checker, or a model, needs to know to call them.
//!
//! A pure function of names, descriptions and schemas, the same byte for byte. Schemas may come from anywhere: what
//! they refer to in circles ends in a named type, what is too deep or too large ends in `unknown`, and no text of
//! theirs leaves the comment or the literal that it is put into.

mod convert;
mod print;
mod types;

use crate::Tool;
use convert::{Convert, Side};
use print::print;
use serde_json::Value;
use std::collections::BTreeMap;
use types::{Definitions, Member, Type};

/// The namespace of the types that have a name of their own. It declares no value.
const NAMESPACE: &str = "ToolTypes";
/// What is told of a tool in a line.
const SUMMARY_CHARACTERS_MAX: usize = 100;

/// What is declared of one tool.
pub(crate) struct Declared<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    pub(crate) arguments: &'a Value,
    pub(crate) result: Option<&'a Value>,
}

impl<'a> Declared<'a> {
    pub(crate) fn of(tool: &'a Tool) -> Self {
        Self {
            name: tool.name().as_str(),
            description: tool.description(),
            arguments: tool.input_schema(),
            result: tool.result_schema(),
        }
    }
}

/// The first sentence of a description, on one line and not too long.
pub(crate) fn summary(description: &str) -> String {
    let paragraphs = types::paragraphs(description);
    let line = paragraphs.first().map_or("", String::as_str);
    let sentence = line.split_inclusive(". ").next().unwrap_or(line).trim();
    match sentence.char_indices().nth(SUMMARY_CHARACTERS_MAX) {
        None => sentence.to_owned(),
        Some((end, _)) => format!("{}…", sentence[..end].trim_end()),
    }
}

enum Node<'a> {
    Tool(Declared<'a>),
    Namespace(BTreeMap<&'a str, Node<'a>>),
}

/// `declare const tools: { … };`, after the types that it refers to. Ends with a line break.
pub(crate) fn declarations<'a>(tools: impl Iterator<Item = Declared<'a>>) -> String {
    let mut root = BTreeMap::new();
    for tool in tools {
        insert(&mut root, tool.name, tool);
    }
    let mut definitions = Definitions::default();
    let tools = namespace(root, &mut definitions);
    definitions.break_circles();
    settle(&tools, &definitions)
}

/// Puts a tool in its place. A toolbox has no tool that is the namespace of another: such a one would be left out.
fn insert<'a>(namespace: &mut BTreeMap<&'a str, Node<'a>>, path: &'a str, tool: Declared<'a>) {
    let Some((first, rest)) = path.split_once('.') else {
        namespace.insert(path, Node::Tool(tool));
        return;
    };
    if let Node::Namespace(inner) = namespace.entry(first).or_insert_with(|| Node::Namespace(BTreeMap::new())) {
        insert(inner, rest, tool);
    }
}

fn namespace(nodes: BTreeMap<&str, Node<'_>>, definitions: &mut Definitions) -> Type {
    let member = |(name, node): (&str, Node<'_>)| match node {
        Node::Tool(tool) => {
            let arguments = Convert::new(tool.arguments, Side::Arguments, definitions).run();
            let result = tool.result.map_or(Type::Any, |schema| Convert::new(schema, Side::Result, definitions).run());
            let call = Type::Call { arguments: Box::new(arguments), result: Box::new(result) };
            Member::new(name, call).documented(types::paragraphs(tool.description))
        }
        Node::Namespace(inner) => Member::new(name, namespace(inner, definitions)),
    };
    Type::Object { members: nodes.into_iter().map(member).collect(), index: None }
}

fn settle(tools: &Type, definitions: &Definitions) -> String {
    let mut text = String::new();
    if !definitions.is_empty() {
        text.push_str(&format!("declare namespace {NAMESPACE} {{\n"));
        for definition in definitions.iter() {
            print::documentation(&definition.documentation, 4, &mut text);
            text.push_str(&format!("    type {} = ", definition.name));
            print(&definition.r#type, definitions, 4, &mut text);
            text.push_str(";\n");
        }
        text.push_str("}\n\n");
    }
    text.push_str("declare const tools: ");
    print(tools, definitions, 0, &mut text);
    text.push_str(";\n");
    text
}

#[cfg(test)]
mod tests;
