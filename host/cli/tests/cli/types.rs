//! `agentloop check --types`, with the real TypeScript compiler, which `scripts/test.sh` installs.

use crate::harness::{Ran, agentloop, folder, root};
use serde::Deserialize;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[derive(Deserialize)]
struct Case {
    name: String,
    script: String,
    findings: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    code: String,
    message: String,
    line: u64,
    column: u64,
}

fn look(arguments: &[&str], path: &Path) -> Ran {
    let mut command = agentloop(&[&["check", "--types"], arguments].concat());
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(path.to_owned()).chain(std::env::split_paths(&inherited));
    command.env("PATH", std::env::join_paths(paths).expect("paths can be joined"));
    command.output().expect("the binary starts").into()
}

/// Each finding of the compiler is told, unless another one stands at its place; and no other is.
fn wrong(case: &Case, report: &Value) -> Vec<String> {
    let found = report["findings"].as_array().expect("it is a list");
    if found.iter().any(|finding| finding["rule"] == "syntax") {
        // It is not asked about a text that is no program here: one that imports files, for example.
        return found.iter().filter(|finding| finding["rule"] == "types").map(Value::to_string).collect();
    }
    let at =
        |finding: &Value, expected: &Expected| finding["line"] == expected.line && finding["column"] == expected.column;
    let is = |finding: &Value, expected: &Expected| {
        finding["message"] == format!("{} ({})", expected.message, expected.code) && at(finding, expected)
    };
    let missing = case.findings.iter().filter(|expected| {
        !found
            .iter()
            .any(|finding| if finding["rule"] == "types" { is(finding, expected) } else { at(finding, expected) })
    });
    let more = found
        .iter()
        .filter(|finding| finding["rule"] == "types" && !case.findings.iter().any(|expected| is(finding, expected)));
    missing.map(|expected| expected.message.clone()).chain(more.map(Value::to_string)).collect()
}

#[test]
fn the_compiler_checks_scripts_against_the_tools_on_file() {
    let compiler = root().join(".tools/typescript/node_modules/.bin");
    assert!(compiler.join("tsc").exists(), "the compiler is not there: run `bash scripts/test.sh`");
    let cases: Vec<Case> = serde_json::from_str(include_str!("types.json")).expect("the table is JSON");
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        let fixtures = "host/cli/tests/cli/types.fixtures.json";
        let ran = look(&["--json", "--fixtures", fixtures, "-e", &case.script], &compiler);
        let report = serde_json::from_str(&ran.stdout).unwrap_or(Value::Null);
        let wrong = if report.is_null() { vec![ran.stderr] } else { wrong(&case, &report) };
        if !wrong.is_empty() {
            failures.push(format!("{}: {wrong:?}", case.name));
        }
    }
    assert_eq!(failures, Vec::<String>::new());
}

#[test]
fn a_compiler_that_is_too_old_is_named() {
    let folder = folder("a_compiler_that_is_too_old");
    let compiler = folder.join("tsc");
    std::fs::write(&compiler, "#!/bin/sh\necho Version 5.8.2\n").expect("the folder is writable");
    std::fs::set_permissions(&compiler, std::fs::Permissions::from_mode(0o755)).expect("it can be made a program");
    let ran = look(&["-e", "1"], &folder);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    let expected = format!(
        "error: --types needs TypeScript 7 or later, and `{}` is 5.8.2\n\
         help: install TypeScript 7, as in `npm install -g typescript@7`\n",
        compiler.display()
    );
    assert_eq!(ran.stderr, expected);
}
