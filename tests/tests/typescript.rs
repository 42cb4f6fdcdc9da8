//! TypeScript runs, at its own lines and columns; what is refused is refused with its place; and a script is looked at without
//! running it. The tables are `realm/typescript.json` and `realm/survey.json`.

use agentloop_sandbox::{Ending, Outcome, Position};
use agentloop_tests::{Expect, run, survey};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    name: String,
    source: String,
    expected: Expected,
}

/// What comes of a script: a value, or an error at a place. `code` is what it is translated to, which only the guest sees:
/// here it says that the script is a program.
#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    Error { error: String, line: u32, column: u32 },
    Value { value: Value },
    Code {},
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../realm/typescript.json")).expect("the table is JSON")
}

fn does(outcome: &Outcome, source: &str, expected: &Expected) -> bool {
    match (expected, &outcome.ending) {
        (Expected::Value { value }, Ending::Finished(json)) => {
            serde_json::from_str::<Value>(json.get()).is_ok_and(|found| found == *value)
        }
        (Expected::Error { error, line, column }, Ending::Syntax(found)) => {
            // Columns of the table count bytes, as the engine does.
            let bytes = |position: Position| {
                let text = source.lines().nth(position.line as usize - 1).unwrap_or_default();
                text.chars().take(position.column as usize - 1).map(char::len_utf8).sum::<usize>() + 1
            };
            found.message == *error
                && found.position.is_some_and(|place| place.line == *line && bytes(place) == *column as usize)
        }
        // A module that names another is translated, and refused later.
        (Expected::Code {}, Ending::Syntax(found)) => found.message.starts_with("cannot import "),
        (Expected::Code {}, _) => true,
        _ => false,
    }
}

#[test]
fn typescript_means_what_it_means_elsewhere() {
    let cases = cases();
    assert!(cases.len() >= 200, "{} cases", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, run(&case.source)))
        .filter(|(case, outcome)| !does(outcome, &case.source, &case.expected))
        .map(|(case, outcome)| format!("{}: {:?}", case.name, Expect::from(&outcome.ending)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[derive(Deserialize)]
struct Look {
    name: String,
    source: String,
    expected: Value,
}

#[test]
fn what_can_be_seen_in_a_script_is_seen() {
    let looks: Vec<Look> = serde_json::from_str(include_str!("../realm/survey.json")).expect("the table is JSON");
    assert!(looks.len() >= 70, "{} cases", looks.len());
    let mut wrong = Vec::new();
    for look in looks {
        let mut found: Value = serde_json::from_str(&survey(&look.source)).expect("a survey is JSON");
        // What to do about an unknown variable is said in `check.rs`.
        for variable in found["unknown_globals"].as_array_mut().expect("it is a list") {
            variable.as_object_mut().expect("it is an object").remove("hint");
        }
        if found != look.expected {
            wrong.push(format!("{}: {found}", look.name));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
