//! `tools.$search` and `tools.$describe`: by which a script finds the tools that its author was not told of.

use crate::declarations::{Declared, declarations, summary};
use crate::search::Index;
use crate::{Error, Tool, ToolName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

const SEARCH: &str = "$search";
const DESCRIBE: &str = "$describe";

/// Tools that a search finds, if it does not say how many, and at most.
const FOUND: usize = 8;
const FOUND_MAX: usize = 50;
/// Bytes of a declaration in what a search finds.
const DECLARATION_BYTES_MAX: usize = 4_000;
/// Fuel of a search, for each tool that there is.
const TOOL_FUEL: u64 = 100;

/// The tools of a toolbox, by name.
pub(crate) type Shelf = BTreeMap<ToolName, Tool>;

/// Whether a tool of this name is always there.
pub(crate) fn is_built_in(name: &str) -> bool {
    name == SEARCH || name == DESCRIBE
}

/// What is made of the tools when somebody looks for one.
#[derive(Debug)]
pub(crate) struct Discovery {
    index: Arc<Index>,
    tools: [Tool; 2],
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    query: String,
    limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Describe {
    name: String,
}

/// What is told of a tool that was found.
#[derive(Serialize)]
struct Found<'a> {
    name: &'a str,
    description: String,
    declaration: String,
}

impl Discovery {
    pub(crate) fn new(shelf: &Arc<Shelf>) -> Result<Self, Error> {
        let index = Arc::new(Index::new(shelf.values()));
        let price = TOOL_FUEL.saturating_mul(shelf.len() as u64);
        let (of_search, of_describe, searched) = (Arc::clone(shelf), Arc::clone(shelf), Arc::clone(&index));
        let search = Tool::instant(SEARCH, "Finds tools by words.", move |search: Search| {
            let limit = search.limit.map_or(FOUND, |limit| limit as usize).min(FOUND_MAX);
            let tools = of_places(&of_search, &searched.search(&search.query, limit));
            Ok::<_, String>(serde_json::json!(tools.into_iter().map(found).collect::<Vec<_>>()))
        })?;
        let describe = Tool::instant(DESCRIBE, "Declares one tool in TypeScript.", move |describe: Describe| {
            describe_in(&of_describe, &describe.name)
                .ok_or_else(|| format!("there is no tool `{}`; look for it with tools.$search", shown(&describe.name)))
        })?;
        Ok(Self { index, tools: [search.fuel_price(price), describe.fuel_price(price)] })
    }

    /// The tool that is called by this name.
    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name().as_str() == name)
    }

    pub(crate) fn search<'a>(&self, shelf: &'a Shelf, query: &str, limit: usize) -> Vec<&'a Tool> {
        of_places(shelf, &self.index.search(query, limit))
    }
}

/// The declaration of one tool.
pub(crate) fn describe_in(shelf: &Shelf, name: &str) -> Option<String> {
    // Names that could not be parsed are not on the shelf.
    let tool = shelf.get(&ToolName::parse(name).ok()?)?;
    Some(declarations(std::iter::once(Declared::of(tool))))
}

fn of_places<'a>(shelf: &'a Shelf, places: &[usize]) -> Vec<&'a Tool> {
    let tools: Vec<&Tool> = shelf.values().collect();
    places.iter().filter_map(|place| tools.get(*place).copied()).collect()
}

fn found(tool: &Tool) -> Found<'_> {
    let mut declaration = declarations(std::iter::once(Declared::of(tool)));
    if declaration.len() > DECLARATION_BYTES_MAX {
        declaration.truncate(declaration.floor_char_boundary(DECLARATION_BYTES_MAX));
        declaration.push_str("… (all of it: tools.$describe(name))");
    }
    Found { name: tool.name().as_str(), description: summary(tool.description()), declaration }
}

fn shown(name: &str) -> &str {
    &name[..name.floor_char_boundary(128)]
}
