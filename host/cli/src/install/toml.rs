//! TOML, as Codex reads it.

use super::document::{Broken, Document, Entry};
use serde_json::Value;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, TableLike, value};

pub(super) struct Toml {
    document: DocumentMut,
    list: &'static str,
}

impl Toml {
    fn servers(&self) -> Option<&dyn TableLike> {
        self.document.get(self.list)?.as_table_like()
    }

    /// The list, which is made if it is not there.
    fn servers_mut(&mut self) -> Option<&mut Item> {
        let list = self.document.entry(self.list).or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        Some(list).filter(|list| list.is_table_like())
    }

    fn insert(&mut self, name: &str, mut item: Item) {
        let is_empty = self.document.iter().next().is_none();
        let Some(list) = self.servers_mut() else { return };
        match list {
            Item::Table(servers) => {
                if let Item::Table(table) = &mut item
                    && !servers.contains_key(name)
                {
                    let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
                    let gap = if is_empty || prefix.starts_with(['\n', '\r']) { "" } else { "\n" };
                    let prefix = format!("{gap}{prefix}");
                    table.decor_mut().set_prefix(prefix);
                }
                servers.insert(name, item);
            }
            list => {
                if let (Some(servers), Ok(value)) = (list.as_inline_table_mut(), item.into_value()) {
                    servers.insert(name, value);
                }
            }
        }
    }
}

impl Document for Toml {
    fn read(text: &str, list: &'static str) -> Result<Self, Broken> {
        let document = text.parse::<DocumentMut>().map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
            Broken { line: Some(line), message: error.message().lines().collect::<Vec<_>>().join("; ") }
        })?;
        if document.get(list).is_some_and(|servers| !servers.is_table_like()) {
            return Err(Broken::whole(format!("`{list}` is no table")));
        }
        Ok(Self { document, list })
    }

    fn list(&self) -> &'static str {
        self.list
    }

    fn names(&self) -> Vec<String> {
        self.servers().map(|servers| servers.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
    }

    fn server(&self, name: &str) -> Value {
        let data = toml::from_str::<toml::Table>(&self.text()).ok();
        let server = data.and_then(|mut data| data.remove(self.list)?.as_table_mut()?.remove(name));
        server.and_then(|server| serde_json::to_value(server).ok()).unwrap_or_default()
    }

    fn inputs(&self) -> Vec<Value> {
        Vec::new()
    }

    fn put(&mut self, name: &str, entry: &Entry) {
        let mut table = Table::new();
        table.insert("command", value(&entry.command));
        table.insert("args", value(entry.args.iter().collect::<Array>()));
        if !entry.variables.is_empty() {
            // Codex knows their values.
            table.insert("env_vars", value(entry.variables.iter().map(|(name, _)| name).collect::<Array>()));
        }
        let before = self.servers().and_then(|servers| servers.get(name)).and_then(Item::as_table);
        if let Some(before) = before {
            *table.decor_mut() = before.decor().clone();
            if let Some(position) = before.position() {
                table.set_position(position);
            }
        }
        self.insert(name, Item::Table(table));
    }

    fn copy(&mut self, names: &[String], from: &Self) {
        for name in names {
            if let Some(server) = from.servers().and_then(|servers| servers.get(name)) {
                self.insert(name, unplaced(server));
            }
        }
    }

    fn remove(&mut self, name: &str) {
        if let Some(servers) = self.document.get_mut(self.list).and_then(Item::as_table_like_mut) {
            servers.remove(name);
        }
    }

    fn text(&self) -> String {
        self.document.to_string()
    }
}

/// The same without its place among the tables of another file.
fn unplaced(item: &Item) -> Item {
    match item {
        Item::Table(table) => Item::Table(unplaced_table(table)),
        Item::ArrayOfTables(tables) => {
            Item::ArrayOfTables(tables.iter().map(unplaced_table).collect::<ArrayOfTables>())
        }
        other => other.clone(),
    }
}

fn unplaced_table(table: &Table) -> Table {
    let mut copy = Table::new();
    copy.set_implicit(table.is_implicit());
    // Keys with dots would need a place beside those that they are among.
    copy.set_dotted(false);
    *copy.decor_mut() = table.decor().clone();
    for (name, _) in table.iter() {
        if let Some((key, item)) = table.get_key_value(name) {
            copy.insert_formatted(key, unplaced(item));
        }
    }
    copy
}

#[cfg(test)]
mod tests;
