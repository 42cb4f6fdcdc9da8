//! `agentloop check`, `run --check` and `--literal`.

use crate::harness::{Ran, agentloop, errors_by, folder, run, run_in};
use serde_json::{Value, json};

const FIXTURES: &str = "examples/errors.fixtures.json";

fn looked_at(arguments: &[&str]) -> Ran {
    agentloop(&[&["check"], arguments].concat()).output().expect("the binary starts").into()
}

#[test]
fn a_script_without_findings_is_said_to_be_well() {
    let stderr =
        "check: nothing found: the script is a program, and the calls that can be seen fit the tools on file\n";
    let script = "await tools.prices.list({ sku: 'lamp' })";
    assert_eq!(looked_at(&["-e", script, "--fixtures", FIXTURES]), Ran::new(0, "", stderr));
}

#[test]
fn each_finding_is_shown_with_its_place_and_what_to_do() {
    let stderr = "\
unknown_tool: there is no tool `price.list`
 --> script.js:1:7
  |
1 | await tools.price.list({ sku: 'lamp' });
  |       ^
2 | await tools.prices.list({ sku: 5 }); totl
help: did you mean `tools.prices.list`?
wrong_argument: `tools.prices.list`: `sku` is an integer, a string is expected
 --> script.js:2:32
  |
1 | await tools.price.list({ sku: 'lamp' });
2 | await tools.prices.list({ sku: 5 }); totl
  |                                ^
unknown_variable: nothing declares `totl`
 --> script.js:2:38
  |
1 | await tools.price.list({ sku: 'lamp' });
2 | await tools.prices.list({ sku: 5 }); totl
  |                                      ^
check: 3 findings
";
    let script = "await tools.price.list({ sku: 'lamp' });\nawait tools.prices.list({ sku: 5 }); totl";
    assert_eq!(looked_at(&["-e", script, "--fixtures", FIXTURES]), Ran::new(12, "", stderr));
}

#[test]
fn the_json_of_findings_fits_its_schema() {
    for (script, findings) in [
        ("1", json!([])),
        (
            "consol.log(1)",
            json!([{
                "rule": "unknown_variable", "message": "nothing declares `consol`", "hint": "did you mean console?",
                "line": 1, "column": 1,
                "frame": "error: nothing declares `consol`\n --> script.js:1:1\n  |\n1 | consol.log(1)\n  | ^"
            }]),
        ),
        (
            "",
            json!([{
                "rule": "not_checked", "message": "the script is empty", "hint": null, "line": null, "column": null, "frame": null
            }]),
        ),
    ] {
        let ran = looked_at(&["--json", "-e", script]);
        let report: Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
        assert_eq!(errors_by("docs/check.schema.json", &report), Vec::<String>::new(), "{script}");
        assert_eq!((report, ran.stderr), (json!({ "version": 1, "findings": findings }), String::new()), "{script}");
    }
    assert_ne!(errors_by("docs/check.schema.json", &json!({ "version": 1 })), Vec::<String>::new());
}

#[test]
fn run_with_check_does_not_begin_when_there_is_a_finding() {
    let script = "console.log('begun'); nothing";
    let stderr = "\
unknown_variable: nothing declares `nothing`
 --> script.js:1:23
  |
1 | console.log('begun'); nothing
  |                       ^
check: 1 finding
";
    assert_eq!(run(&["--check", "-e", script]), Ran::new(12, "", stderr));
    assert_eq!(run(&["--check", "-e", "console.log('begun'); 1"]), Ran::new(0, "1\n", "begun\n"));
}

#[test]
fn a_literal_reaches_the_script_as_it_stands() {
    let folder = folder("a_literal_reaches_the_script");
    std::fs::write(folder.join("note.md"), "`${a}` \"b\"\n\\n").expect("the folder is writable");
    let script = "return LiteralLoader('note')";
    assert_eq!(run_in(&folder, &["--literal", "note=note.md", "-e", script]), Ran::new(0, "`${a}` \"b\"\n\\n\n", ""));
    let stderr = "\
error: TypeError: there is no literal \"nota\"; there are: note
 --> script.js:1:8
  |
1 | return LiteralLoader('nota')
  |        ^
";
    let ran = run_in(&folder, &["--literal", "note=note.md", "-e", "return LiteralLoader('nota')"]);
    assert_eq!(ran, Ran::new(1, "", stderr));
    let missing = "error: there is no literal `no.md`\nhelp: check the path given with --literal\n";
    assert_eq!(run_in(&folder, &["--literal", "note=no.md", "-e", script]), Ran::new(66, "", missing));
    assert_eq!(run(&["--literal", "note", "-e", script]).code, Some(2));
}
