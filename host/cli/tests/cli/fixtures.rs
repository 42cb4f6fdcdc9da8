//! Tools from a file of canned answers.

use crate::harness::{Ran, check, folder, run_in};
use std::path::PathBuf;

/// A folder with `f.json` in it.
fn with_file(test: &str, fixtures: impl AsRef<[u8]>) -> PathBuf {
    let folder = folder(test);
    std::fs::write(folder.join("f.json"), fixtures).expect("the folder is writable");
    folder
}

fn tool(name: &str, responses: &str) -> String {
    format!(r#"[{{"name":"{name}","description":"","input_schema":{{}},"responses":{responses}}}]"#)
}

/// The value that a script returns with these fixtures.
#[track_caller]
fn check_value(test: &str, fixtures: &str, script: &str, value: &str) {
    let ran = run_in(&with_file(test, fixtures), &["--fixtures", "f.json", "-e", script]);
    assert_eq!(ran, Ran::new(0, &format!("{value}\n"), ""));
}

/// How a file is refused.
#[track_caller]
fn check_refused(test: &str, fixtures: impl AsRef<[u8]>, reason: &str) {
    let ran = run_in(&with_file(test, fixtures), &["--fixtures", "f.json", "-e", "1"]);
    let help = "help: see \"Fixtures\" in docs/CLI.md for the format";
    assert_eq!(ran, Ran::new(2, "", &format!("error: fixtures file `f.json`{reason}\n{help}\n")));
}

#[test]
fn arguments_match_as_json_and_dotted_names_nest() {
    check_value(
        "arguments_match_as_json",
        &tool("a.b-c.d", r#"[{"args":{"x":1.0,"y":["z"]},"result":"yes"}]"#),
        "tools.a['b-c'].d({ y: ['z'], x: 1 })",
        "yes",
    );
}

#[test]
fn a_call_without_arguments_is_a_call_with_an_empty_object() {
    check_value("a_call_without_arguments", &tool("a", r#"[{"args":{},"result":"empty"}]"#), "tools.a()", "empty");
}

#[test]
fn repeated_calls_get_the_responses_in_order_whatever_their_delay() {
    check_value(
        "repeated_calls",
        &tool("a", r#"[{"result":"first","delay_ms":20},{"result":"second"},{"error":"third"}]"#),
        "(await Promise.allSettled([1, 2, 3, 4].map((n) => tools.a(n))))\
         .map((one) => one.value ?? one.reason.message).join()",
        "first,second,third,third",
    );
}

#[test]
fn json_text_reaches_the_script_as_it_stands() {
    let responses = r#"[
        {"args_json":"{\"__proto__\":1}","result_json":"{\"__proto__\":{\"polluted\":1},\"a\":1,\"a\":2}"},
        {"args_json":"{\"n\":12345678901234567890}","result_json":"1e400"},
        {"args":null,"result":null},
        {"args":3,"result_json":"[1,"}
    ]"#;
    check_value(
        "json_text",
        &tool("a", responses),
        "const object = await tools.a(JSON.parse('{\"__proto__\":1}'));\n\
         const huge = await tools.a({ n: 12345678901234567890 });\n\
         const broken = await tools.a(3).catch((error) => error.message);\n\
         return [Object.hasOwn(object, '__proto__'), object.polluted, object.a, huge, await tools.a(null), broken].join()",
        "true,,2,Infinity,,`a` answered with text that is not JSON",
    );
}

#[test]
fn a_call_without_a_response_says_what_was_asked_for_and_what_is_on_file() {
    check_value(
        "a_call_without_a_response",
        &tool("a", r#"[{"args":{"page":1},"result":1},{"args":{"page":2},"result":2}]"#),
        "tools.a({ page: 3 }).catch((error) => error.kind + ': ' + error.message)",
        "failed: `a` has no response on file for {\"page\":3}; there are responses for {\"page\":1}, {\"page\":2}",
    );
    check_value(
        "a_call_without_a_response_at_all",
        &tool("a", "[]"),
        "tools.a('x'.repeat(1e5)).catch((error) => error.message)",
        &format!("`a` has no response on file, so none for \"{}…", "x".repeat(199)),
    );
}

#[test]
fn names_that_javascript_looks_up_are_refused_with_the_reason() {
    for name in ["__proto__", "constructor", "then", "toString", "a.then"] {
        let reason = "JavaScript itself looks this name up on objects; choose another";
        let refusal = format!(", tool 1: `{name}` cannot be the name of a tool: {reason}");
        check_refused("names_that_javascript_looks_up", tool(name, "[]"), &refusal);
    }
    check_refused(
        "a_name_with_an_escape",
        tool("\\u001b[2J", "[]"),
        ", tool 1: `\\u{1b}[2J` cannot be the name of a tool: only letters and digits of ASCII, `_`, `$`, `-` and `.` are \
         allowed",
    );
}

#[test]
fn tools_that_do_not_fit_together_are_refused() {
    let one = tool("a", "[]");
    let [one, two] = [one.clone(), one.replace("\"a\"", "\"a.b\"")].map(|list| list[1..list.len() - 1].to_owned());
    check_refused("tools_that_do_not_fit", format!("[{one},{one}]"), ": tool `a` is there twice");
    check_refused("tools_that_do_not_fit", format!("[{one},{two}]"), ": tool `a` is also the namespace of `a.b`");
}

#[test]
fn a_file_that_is_not_in_the_format_is_refused_with_its_place() {
    let test = "a_file_that_is_not_in_the_format";
    let whole =
        std::fs::read_to_string(crate::harness::root().join("examples/paging.fixtures.json")).expect("it is there");
    let half = &whole[..whole.len() / 2];
    let (line, column) = (half.lines().count(), half.lines().last().map_or(0, str::len));
    check_refused(test, half, &format!(", line {line}, column {column}: it ends in the middle of an object"));
    check_refused(test, "", ": it is empty; with no tools it would be []");
    check_refused(test, "{}", ", line 1: it is an object; put the tools in an array: [{…}]");
    check_refused(test, b"[\"\xff\"]", ": not UTF-8 at offset 2");
    check_refused(
        test,
        tool("a", r#"[{"reply":1}]"#),
        ", line 1, column 69: unknown field `reply`, expected one of `args`, `args_json`, `result`, `result_json`, \
         `error`, `delay_ms`",
    );
    check_refused(
        test,
        tool("a", "[]").replace("{}", "{\"type\":\"objekt\"}"),
        ", tool 1: the input schema of tool `a` is not a JSON Schema: \"objekt\" is not valid under any of the schemas \
         listed in the 'anyOf' keyword",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    check(
        &["--fixtures", "missing.json", "-e", "1"],
        66,
        "",
        "error: there is no fixtures file `missing.json`\nhelp: check the path given with --fixtures\n",
    );
    check(
        &["--fixtures", "docs", "-e", "1"],
        66,
        "",
        "error: the fixtures file `docs` is a directory\nhelp: check the path given with --fixtures\n",
    );
}
