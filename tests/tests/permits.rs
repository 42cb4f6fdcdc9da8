//! The realm is what its allow-list says (`guest-js/prelude/permits.txt`): no property more, none less. What the engine has
//! beyond it is named in `golden/removed.txt`, so that an engine that brings something new shows up as a difference.

use agentloop_tests::{Expect, run, run_bare};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const PERMITS: &str = include_str!("../../guest-js/prelude/permits.txt");

/// Object by object, its properties.
type Realm = BTreeMap<String, BTreeSet<String>>;

/// An object and its properties, as they stand on a line.
type Line = (String, Vec<String>);

/// Sections of the list, each with its title and its lines.
fn sections() -> Vec<(String, Vec<Line>)> {
    let mut sections: Vec<(String, Vec<Line>)> = Vec::new();
    for line in PERMITS.replace("\n    ", " ").lines() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push((title.to_owned(), Vec::new()));
        } else if let (Some((name, properties)), Some((_, lines))) = (line.split_once(": "), sections.last_mut()) {
            lines.push((name.to_owned(), properties.split(' ').map(str::to_owned).collect()));
        }
    }
    sections
}

fn permitted() -> Realm {
    let lines = sections().into_iter().flat_map(|(_, lines)| lines);
    lines.map(|(name, properties)| (name, properties.into_iter().collect())).collect()
}

fn walk() -> String {
    let libraries: Vec<String> =
        permitted().into_iter().filter(|(_, properties)| properties.contains("*")).map(|(name, _)| name).collect();
    let libraries = serde_json::to_string(&libraries).expect("names have a JSON form");
    include_str!("permits/walk.js").replace("LIBRARIES.includes", &format!("{libraries}.includes"))
}

fn realm(ending: &Expect) -> Realm {
    let Expect::Finished(json) = ending else { panic!("the walk ended otherwise: {ending:?}") };
    serde_json::from_str(json).expect("it is a realm")
}

#[test]
fn the_realm_is_the_allow_list() {
    let mut found = realm(&Expect::from(&run(&walk()).ending));
    // An empty object has no line.
    found.retain(|_, properties| !properties.is_empty());
    assert_eq!(found, permitted());
}

/// `object.property` for everything that the realm without hardening has and the list has not, and what hangs below it.
fn beyond_the_list() -> String {
    let permitted = permitted();
    let bare = realm(&run_bare(&walk()).0);
    let mut text = String::new();
    for (name, properties) in &bare {
        let listed = permitted.get(name);
        for property in properties.iter().filter(|property| listed.is_some_and(|listed| !listed.contains(*property))) {
            let _ = writeln!(text, "{name}: {property}");
        }
    }
    text
}

#[test]
fn what_the_engine_has_beyond_the_list_is_what_was_removed() {
    check_golden("golden/removed.txt", &beyond_the_list());
}

#[test]
fn the_table_of_the_documentation_is_the_allow_list() {
    let mut text = String::from(
        "# The realm\n\nEverything that a script finds beside its tools, object by object. This table is made from the \
         [allow-list](../guest-js/prelude/permits.txt) that the build\nenforces: what is not here does not exist in the sandbox. \
         `@@` stands before a well-known symbol. What behaves otherwise than elsewhere is in [LIMITATIONS.md](LIMITATIONS.md).\n",
    );
    for (title, lines) in sections() {
        let _ = write!(text, "\n## {title}\n\n| object | properties |\n| --- | --- |\n");
        for (name, properties) in lines {
            let _ = match properties.as_slice() {
                [any] if any == "*" => writeln!(text, "| `{name}` | a library; see its own documentation |"),
                _ => writeln!(text, "| `{name}` | {} |", properties.join(", ").replace('|', "\\|")),
            };
        }
    }
    check_golden("../docs/REALM.md", &text);
}

/// Compares with a file of the repository; with `BLESS=1`, writes it.
#[track_caller]
fn check_golden(path: &str, text: &str) {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, text).expect("the golden file can be written");
    }
    let golden = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, golden, "`{path}` differs; look at it, then write it with BLESS=1");
}
