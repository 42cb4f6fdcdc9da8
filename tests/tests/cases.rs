//! Scripts of the kind that models write, each with the console lines and the value that it must give: `cases/<topic>.js` or
//! `.ts`, and `cases/<topic>.json`.

use agentloop_tests::{Expect, run};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
    console: Vec<String>,
    value: Option<Value>,
    threw: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// The scripts, sorted.
fn scripts() -> BTreeSet<PathBuf> {
    let files = fs::read_dir(folder()).expect("the folder can be read").map(|entry| entry.expect("it is there").path());
    files.filter(|file| file.extension().is_some_and(|extension| extension != "json")).collect()
}

#[test]
fn every_script_does_what_is_written_beside_it() {
    let scripts = scripts();
    assert!(scripts.len() >= 100, "{} scripts", scripts.len());
    let mut wrong = Vec::new();
    for script in scripts {
        let expected: Expected =
            serde_json::from_str(&read(&script.with_extension("json"))).expect("the expectation is well formed");
        let outcome = run(&read(&script));
        let console = outcome.console.iter().map(|line| format!("{}: {}", line.level.name(), line.text)).collect();
        let (value, threw) = match Expect::from(&outcome.ending) {
            Expect::Finished(json) => (serde_json::from_str(&json).ok(), None),
            Expect::Threw(error) => (None, Some(error)),
            other => (None, Some(format!("{other:?}"))),
        };
        let found = Expected { console, value, threw };
        // A value of `null` reads as none.
        let is_equal = found.console == expected.console
            && found.threw == expected.threw
            && found.value.unwrap_or_default() == *expected.value.as_ref().unwrap_or(&Value::Null);
        if !is_equal {
            wrong.push(format!("{}: {:?}", script.display(), outcome.ending));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_expectation_has_a_script() {
    let stems: BTreeSet<PathBuf> = scripts().iter().map(|script| script.with_extension("json")).collect();
    let files = fs::read_dir(folder()).expect("the folder can be read").map(|entry| entry.expect("it is there").path());
    let orphans: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "json") && !stems.contains(file))
        .collect();
    assert_eq!(orphans, Vec::<PathBuf>::new());
}
