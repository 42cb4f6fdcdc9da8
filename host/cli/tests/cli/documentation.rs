//! What `README.md` and `docs/CLI.md` show is true.

use crate::harness::{Ran, errors_by, errors_in, folder, leveled, root, run_in};
use std::process::Command;

/// The blocks of JSON in the document, in order: a report of a run, one of a turn, and a file of fixtures.
fn blocks() -> [String; 3] {
    let document = std::fs::read_to_string(root().join("docs/CLI.md")).expect("it is there");
    let blocks = document.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect::<Vec<_>>().try_into().expect("there are three")
}

#[test]
fn the_report_in_the_documentation_fits_the_schema() {
    let [report, ..] = blocks();
    let report = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(errors_in(&report), Vec::<String>::new());
    let [_, turn, _] = blocks();
    let turn = serde_json::from_str(&turn).expect("it is JSON");
    assert_eq!(errors_by("docs/turn.schema.json", &turn), Vec::<String>::new());
}

#[test]
fn the_fixtures_in_the_documentation_answer_as_it_says() {
    let folder = folder("the_fixtures_in_the_documentation");
    let [.., fixtures] = blocks();
    std::fs::write(folder.join("f.json"), fixtures).expect("the folder is writable");
    let script = "const ask = (page) => tools.github.list_issues({ page }).catch((error) => error.message);\n\
                  const answers = [];\n\
                  for (const page of [1, 1, 1, 2, 3]) answers.push(JSON.stringify(await ask(page)));\n\
                  return answers.join('\\n')";
    let answers = "\
\"503 busy\"
[{\"title\":\"Crash at start\"}]
[{\"title\":\"Crash at start\"}]
[]
\"no such page\"
";
    assert_eq!(run_in(&folder, &["--fixtures", "f.json", "-e", script]), Ran::new(0, answers, ""));
}

/// Positive control of every other use of the schema: it does refuse.
#[test]
fn the_schema_refuses_what_is_no_report() {
    let [report, ..] = blocks();
    let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
    for (key, value) in [
        ("status", serde_json::json!("finished")),
        ("status", serde_json::json!("fuel_exhausted")),
        ("value", serde_json::json!(1)),
        ("more", serde_json::json!(1)),
    ] {
        let mut report = report.clone();
        report[key] = value;
        assert_ne!(errors_in(&report), Vec::<String>::new(), "{key}");
    }
}

/// The commands in blocks of `console` that run the binary, each with what it is said to print.
fn commands(markdown: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for block in markdown.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        let mut goes_on = false;
        for line in block.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((format!("{command}\n"), String::new())),
                (None, Some((command, _))) if goes_on => *command += &format!("{line}\n"),
                (None, Some((_, output))) => *output += &format!("{line}\n"),
                (None, None) => panic!("a block begins with a command: {block}"),
            }
            goes_on = line.ends_with('\\') && (goes_on || line.starts_with("$ "));
        }
    }
    commands.retain(|(command, _)| command.starts_with(BINARY));
    commands
}

const BINARY: &str = "target/release/agentloop ";

#[cfg(unix)]
#[test]
fn the_commands_of_the_readme_print_what_it_says() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("it is there");
    let commands = commands(&readme);
    assert_eq!(commands.len(), 3);
    for (command, expected) in commands {
        let command = command.replacen(BINARY, concat!(env!("CARGO_BIN_EXE_agentloop"), " "), 1);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(root()).env_remove("CLICOLOR_FORCE");
        let output = shell.output().expect("there is a shell");
        let printed = String::from_utf8(output.stdout).expect("the output is text");
        assert_eq!(leveled(&printed), leveled(&expected), "{command}");
    }
}

/// The model of the example is right: what it says is the sum of what the tools have on file.
#[test]
fn the_numbers_in_the_example_are_those_of_its_tools() {
    let read = |name: &str| std::fs::read_to_string(root().join("examples/invoices").join(name)).expect("it is there");
    let tools: serde_json::Value = serde_json::from_str(&read("fixtures.json")).expect("it is JSON");
    let results = |tool: &str, pointer: &str| -> Vec<serde_json::Value> {
        let tools = tools.as_array().expect("it is a list");
        let tool = tools.iter().find(|known| known["name"] == tool).expect("there is such a tool");
        let responses = tool["responses"].as_array().expect("they are a list").iter();
        responses
            .flat_map(|response| response.pointer(pointer).and_then(|list| list.as_array()).cloned())
            .flatten()
            .collect()
    };
    let cents =
        |items: &[serde_json::Value]| -> u64 { items.iter().filter_map(|item| item["amount_cents"].as_u64()).sum() };
    let (invoices, payments) = (results("invoices.list", "/result/invoices"), results("payments.list", "/result"));
    let owed = cents(&invoices) - cents(&payments);
    assert_eq!((invoices.len(), payments.len(), owed), (8, 5, 2_452_475));
    let cassette = read("cassette.jsonl");
    let last: serde_json::Value =
        serde_json::from_str(cassette.lines().last().expect("there are lines")).expect("it is JSON");
    let answer = last["text"].as_str().expect("it is an answer");
    assert_eq!(answer.lines().next(), Some("Customers owe us €24,524.75 on 8 open invoices:"));
    // The parts are the whole.
    let euros = answer.lines().skip(2).filter_map(|line| line.split('€').nth(1)?.split(' ').next());
    let parts: u64 = euros.filter_map(|euros| euros.replace([',', '.'], "").parse::<u64>().ok()).sum();
    assert_eq!(parts, owed);
}
