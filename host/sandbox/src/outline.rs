//! The tools on file in a prompt of limited size: in full where that fits, a line each where it does not, and no more than
//! the namespaces where that is too much as well.

use crate::Tool;
use crate::declarations::summary;
use std::collections::BTreeMap;

/// Bytes of the names that are given as examples of a namespace.
const EXAMPLES_BYTES_MAX: usize = 48;
/// Bytes of the last form, whatever was asked for: less than this says nothing.
const NAMESPACES_BYTES_MIN: usize = 400;

const HOW: &str = "// Not all of them are declared here. `await tools.$search(\"words\", { limit: 5 })` finds tools, as \
    `{ name, description, declaration }[]`;\n// `await tools.$describe(name)` gives the declaration of one. Look before you \
    call what you have not seen declared.\n";

/// Tools whose declarations, `full`, are too long for `bytes_max`.
pub(crate) fn outline<'a>(tools: impl Iterator<Item = &'a Tool> + Clone, bytes_max: usize) -> String {
    let lines = lines(tools.clone(), bytes_max.saturating_sub(HOW.len()));
    format!("{HOW}{}", lines.unwrap_or_else(|| namespaces(tools, bytes_max.max(NAMESPACES_BYTES_MIN))))
}

/// Each tool with what it does. `None` if that is too long.
fn lines<'a>(tools: impl Iterator<Item = &'a Tool>, bytes_max: usize) -> Option<String> {
    let mut text = String::new();
    for tool in tools {
        text.push_str(&format!("tools.{} // {}\n", tool.name(), summary(tool.description())));
        if text.len() > bytes_max {
            return None;
        }
    }
    Some(text)
}

/// How many tools each namespace has, with the names of some.
fn namespaces<'a>(tools: impl Iterator<Item = &'a Tool>, bytes_max: usize) -> String {
    let mut by_namespace: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut count = 0;
    for tool in tools {
        let (namespace, name) = tool.name().as_str().split_once('.').unwrap_or(("", tool.name().as_str()));
        by_namespace.entry(namespace).or_default().push(name);
        count += 1;
    }
    let mut text = format!("// {count} tools:\n");
    let bytes_max = bytes_max.saturating_sub(HOW.len() + 40);
    let mut left = by_namespace.len();
    for (namespace, names) in &by_namespace {
        let place = if namespace.is_empty() { "tools".to_owned() } else { format!("tools.{namespace}") };
        let line = format!("{place} // {}: {}\n", names.len(), examples(names));
        if text.len() + line.len() > bytes_max {
            text.push_str(&format!("// and {left} namespaces more\n"));
            break;
        }
        text.push_str(&line);
        left -= 1;
    }
    text
}

fn examples(names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        if text.len() + name.len() > EXAMPLES_BYTES_MAX {
            return if text.is_empty() { "…".to_owned() } else { format!("{text}, …") };
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(name);
    }
    text
}
