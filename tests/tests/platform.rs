//! What a model expects of `console`, of `Intl` and of the web platform: tables of code and what comes of it. Where a line does
//! not say otherwise, Node 20 gives the same.

use agentloop_tests::{Expect, finished, run};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    code: String,
    expected: Value,
}

#[derive(Deserialize)]
struct ConsoleCase {
    code: String,
    console: Vec<String>,
}

fn read<T: serde::de::DeserializeOwned>(table: &str) -> Vec<T> {
    serde_json::from_str(table).expect("the table is JSON")
}

/// The cases that do not come out as they should: code, what should be, what is.
fn wrong(cases: &[Case], script: impl Fn(&str) -> String) -> Vec<(&str, String, String)> {
    let ending = |case: &Case| match Expect::from(&run(&script(&case.code)).ending) {
        Expect::Finished(json) => serde_json::from_str::<Value>(&json).map_err(|error| error.to_string()),
        other => Err(format!("{other:?}")),
    };
    cases
        .iter()
        .map(|case| (case, ending(case)))
        .filter(|(case, ending)| ending.as_ref() != Ok(&case.expected))
        .map(|(case, ending)| (case.code.as_str(), case.expected.to_string(), format!("{ending:?}")))
        .collect()
}

#[test]
fn the_web_platform_is_as_in_a_browser() {
    let cases = read::<Case>(include_str!("../realm/web.json"));
    assert!(cases.len() >= 350, "{} cases", cases.len());
    assert_eq!(wrong(&cases, |code| code.to_owned()), []);
}

#[test]
fn numbers_dates_and_words_are_as_in_english() {
    let cases = read::<Case>(include_str!("../realm/intl.json"));
    assert!(cases.len() >= 380, "{} cases", cases.len());
    assert_eq!(wrong(&cases, |code| format!("return (\n{code}\n)")), []);
}

#[test]
fn the_console_shows_values_as_node_does() {
    let cases = read::<ConsoleCase>(include_str!("../realm/console.json"));
    assert!(cases.len() >= 440, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let outcome = run(&case.code);
        let lines: Vec<String> =
            outcome.console.iter().map(|line| format!("{}: {}", line.level.name(), line.text)).collect();
        if lines != case.console || !matches!(Expect::from(&outcome.ending), Expect::Finished(_)) {
            wrong.push((case.code, case.console, lines, format!("{:?}", outcome.ending)));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn random_bytes_are_a_function_of_the_seed() {
    let script = "return [crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(4))]]";
    let (first, second) = (run(script), run(script));
    let value = |outcome: &agentloop_sandbox::Outcome| Expect::from(&outcome.ending);
    assert_eq!(value(&first), value(&second));
    assert_ne!(value(&first), finished("null"));
}
