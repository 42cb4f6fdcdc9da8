//! JSON with comments and trailing commas, as Claude Code, Cursor and VS Code read it.

use super::document::{Broken, Document, Entry};
use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::Value;

/// Values that the servers of VS Code refer to.
const INPUTS: &str = "inputs";

/// What clients read. Anything looser they would not.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) struct Json {
    root: CstRootNode,
    object: CstObject,
    list: &'static str,
}

impl Json {
    fn servers(&self) -> Option<CstObject> {
        self.object.object_value(self.list)
    }
}

impl Document for Json {
    fn read(text: &str, list: &'static str) -> Result<Self, Broken> {
        let text = if text.trim().is_empty() { "{}\n" } else { text };
        let root = CstRootNode::parse(text, &OPTIONS)
            .map_err(|error| Broken { line: Some(error.line_display()), message: error.kind().to_string() })?;
        let object = root.object_value_or_create().ok_or_else(|| Broken::whole("it is no JSON object"))?;
        if object.get(list).is_some() && object.object_value(list).is_none() {
            return Err(Broken::whole(format!("`{list}` is no object")));
        }
        let document = Self { root, object, list };
        // Programs take the last of two members of a name, and it is the first that would be edited.
        let lists = names(&document.object).into_iter().filter(|name| name == list);
        if let Some(name) = twice(lists.collect()).or_else(|| twice(document.names())) {
            return Err(Broken::whole(format!("`{name}` is in it twice")));
        }
        Ok(document)
    }

    fn list(&self) -> &'static str {
        self.list
    }

    fn names(&self) -> Vec<String> {
        self.servers().map(|servers| names(&servers)).unwrap_or_default()
    }

    fn server(&self, name: &str) -> Value {
        let member = self.servers().and_then(|servers| servers.get(name));
        member.and_then(|member| member.to_serde_value()).unwrap_or_default()
    }

    fn inputs(&self) -> Vec<Value> {
        let inputs = self.object.array_value(INPUTS).map(|inputs| inputs.elements()).unwrap_or_default();
        inputs.iter().filter_map(CstNode::to_serde_value).collect()
    }

    fn put(&mut self, name: &str, entry: &Entry) {
        let Some(servers) = self.object.object_value_or_create(self.list) else { return };
        match servers.get(name) {
            Some(member) => member.set_value(input(entry)),
            None => drop(servers.append(name, input(entry))),
        }
    }

    fn copy(&mut self, names: &[String], from: &Self) {
        let Some(theirs) = from.servers().filter(|_| !names.is_empty()) else { return };
        let Some(servers) = self.object.object_value_or_create(self.list) else { return };
        for name in names {
            if let Some(value) = theirs.get(name).and_then(|member| member.value()) {
                written(servers.append(name, String::new().into()).value(), &value);
            }
        }
        self.copy_inputs(from);
        // What was put in as text is data only when it is read again.
        if let Ok(read) = Self::read(&self.text(), self.list) {
            *self = read;
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(member) = self.servers().and_then(|servers| servers.get(name)) {
            member.remove();
        }
    }

    fn text(&self) -> String {
        self.root.to_string()
    }
}

impl Json {
    /// Those that are not there yet. A server may name any of them.
    fn copy_inputs(&mut self, from: &Self) {
        let Some(inputs) = from.object.array_value(INPUTS) else { return };
        let Some(own) = self.object.array_value_or_create(INPUTS) else { return };
        let id = |input: &CstNode| input.to_serde_value().and_then(|input| Some(input.get("id")?.as_str()?.to_owned()));
        let known: Vec<_> = own.elements().iter().map(id).collect();
        for input in inputs.elements().iter().filter(|input| !known.contains(&id(input))) {
            written(Some(own.append(String::new().into())), input);
        }
    }
}

/// Gives a new value, which is an empty text so far, the text of another one.
fn written(place: Option<CstNode>, value: &CstNode) {
    if let Some(place) = place.and_then(|place| place.as_string_lit()) {
        place.set_raw_value(value.to_string());
    }
}

fn names(object: &CstObject) -> Vec<String> {
    object.properties().iter().filter_map(|member| member.decoded_name()).collect()
}

fn twice(mut names: Vec<String>) -> Option<String> {
    names.sort();
    names.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone())
}

fn input(entry: &Entry) -> CstInputValue {
    let text = |text: &str| CstInputValue::String(text.to_owned());
    let args = entry.args.iter().map(|arg| text(arg)).collect();
    let mut members = Vec::new();
    if entry.typed {
        members.push(("type".to_owned(), text("stdio")));
    }
    members.push(("command".to_owned(), text(&entry.command)));
    members.push(("args".to_owned(), CstInputValue::Array(args)));
    if !entry.variables.is_empty() {
        let variables = entry.variables.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        members.push(("env".to_owned(), CstInputValue::Object(variables)));
    }
    CstInputValue::Object(members)
}

#[cfg(test)]
mod tests;
