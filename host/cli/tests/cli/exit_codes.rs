//! The exit codes are the same in `--help`, in the documentation, and in fact.

use crate::harness::{agentloop, folder, root, run, run_in};
use std::collections::BTreeMap;

fn in_help() -> BTreeMap<i32, String> {
    let output = agentloop(&["run", "--help"]).output().expect("the binary starts");
    let help = String::from_utf8(output.stdout).expect("help is text");
    let (_, table) = help.split_once("Exit codes:\n").expect("help has the table");
    let row = |line: &str| {
        let (code, meaning) = line.trim().split_once("  ").expect("a row has a code and a meaning");
        (code.parse().expect("the code is a number"), meaning.to_owned())
    };
    table.lines().filter(|line| !line.is_empty()).map(row).collect()
}

#[test]
fn the_documentation_has_the_table_of_the_help() {
    let document = std::fs::read_to_string(root().join("docs/CLI.md")).expect("it is there");
    let rows = document.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let code: i32 = cells.next()?.parse().ok()?;
        Some((code, cells.next()?.replace('`', "")))
    });
    assert_eq!(rows.collect::<BTreeMap<_, _>>(), in_help());
}

/// Statuses are named in the table and in the schema; every one of them has a code.
#[test]
fn every_status_of_the_schema_is_in_the_table() {
    let schema = std::fs::read_to_string(root().join("docs/run.schema.json")).expect("it is there");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let statuses = schema["properties"]["status"]["enum"].as_array().expect("the statuses are listed");
    let named: Vec<String> =
        in_help().into_values().map(|meaning| meaning.split(':').next().unwrap_or_default().to_owned()).collect();
    for status in statuses {
        assert_eq!(
            named.iter().filter(|name| *name == status.as_str().expect("a status is text")).count(),
            1,
            "{status}"
        );
    }
    assert_eq!(statuses.len(), 14);
}

#[test]
fn the_codes_are_those_that_processes_end_with() {
    let folder = folder("the_codes_are_those");
    std::fs::write(folder.join("binary"), [0xff]).expect("the folder is writable");
    for (code, arguments) in [
        (0, vec!["-e", "1"]),
        (1, vec!["-e", "throw 1"]),
        (2, vec!["--nope"]),
        (3, vec!["-e", "("]),
        (4, vec!["-e", "for (;;);", "--fuel", "1M"]),
        (5, vec!["-e", "const all = []; for (;;) all.push([all])", "--memory", "24MiB"]),
        (7, vec!["-e", "for (;;);", "--timeout", "1ms"]),
        (8, vec!["-e", "'x'.repeat(2e6)"]),
        (10, vec!["-e", "await new Promise(() => {})"]),
        (11, vec!["-e", ""]),
        (65, vec!["binary"]),
        (66, vec!["missing"]),
    ] {
        assert_eq!(run_in(&folder, &arguments).code, Some(code), "{arguments:?}");
        assert_eq!(in_help().get(&code).map(String::is_empty), Some(false), "{code}");
    }
    // Elsewhere: 9 in `endings.rs`, 15, 16 and 17 in `journals.rs`, 74 in `values.rs`, 77 in `login.rs`, 130 in `interrupts.rs`. 6 and 70 cannot be brought about.
    assert_eq!(run(&["--help"]).code, Some(0));
}
