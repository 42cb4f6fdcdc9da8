//! What `docs/CLI.md` shows is true.

use crate::harness::{Ran, errors_in, folder, root, run_in};

/// The blocks of JSON in the document, in order: a report, and a file of fixtures.
fn blocks() -> [String; 2] {
    let document = std::fs::read_to_string(root().join("docs/CLI.md")).expect("it is there");
    let blocks = document.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.map(str::to_owned).collect::<Vec<_>>().try_into().expect("there are two")
}

#[test]
fn the_report_in_the_documentation_fits_the_schema() {
    let [report, _] = blocks();
    let report = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(errors_in(&report), Vec::<String>::new());
}

#[test]
fn the_fixtures_in_the_documentation_answer_as_it_says() {
    let folder = folder("the_fixtures_in_the_documentation");
    let [_, fixtures] = blocks();
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
    let [report, _] = blocks();
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
