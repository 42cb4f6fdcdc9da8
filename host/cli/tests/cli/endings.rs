//! What a person reads when a script did not finish.

use crate::harness::{check, folder, run_in};

const FIXTURES: &str = "examples/errors.fixtures.json";

#[test]
fn an_exception_is_shown_with_its_place_and_its_stack() {
    check(
        &["-e", "function price(item) {\n  return item.eur.toFixed(2);\n}\nprice({});"],
        1,
        "",
        "\
error: TypeError: cannot read property 'toFixed' of undefined
 --> script.js:2:10
  |
1 | function price(item) {
2 |   return item.eur.toFixed(2);
  |          ^
3 | }
    at price (script.js:2:10)
    at script (script.js:4:1)
",
    );
}

#[test]
fn the_frame_names_the_file_of_the_script() {
    let folder = folder("the_frame_names_the_file");
    std::fs::write(folder.join("my script.js"), "(() => {\nfetch('x') })()").expect("the folder is writable");
    let ran = run_in(&folder, &["my script.js"]);
    let stderr = "\
error: ReferenceError: fetch is not defined: network access is only through tools; this run has no tools
 --> my script.js:2:1
  |
1 | (() => {
2 | fetch('x') })()
  | ^
    at <anonymous> (my script.js:2:1)
    at script (my script.js:2:14)
";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), stderr));
}

#[test]
fn a_syntax_error_is_shown_with_its_place() {
    check(
        &["-e", "const a = 1;\nconst a = 2;"],
        3,
        "",
        "\
error: SyntaxError: invalid redefinition of lexical identifier
 --> script.js:2:9
  |
1 | const a = 1;
2 | const a = 2;
  |         ^
help: correct the marked place; nothing of the script ran
",
    );
    check(
        &["-e", &"[".repeat(50_000)],
        3,
        "",
        "\
error: RangeError: Maximum call stack size exceeded
help: write it with less nesting; nothing of the script ran
",
    );
}

#[test]
fn a_failed_call_says_who_has_to_act() {
    let frame = |code: &str, column: usize| {
        format!(" --> script.js:1:{column}\n  |\n1 | {code}\n  | {}^\n", " ".repeat(column - 1))
    };
    let fails = |code: &str, more: &[&str], column: usize, error: &str, help: &str| {
        let stderr = format!("error: ToolError: {error}\n{}help: {help}\n", frame(code, column));
        check(&[&["--fixtures", FIXTURES, "-e", code], more].concat(), 1, "", &stderr);
    };
    fails(
        "await tools.prices.live({ sku: 'desk' })",
        &[],
        20,
        "the price server is down for maintenance",
        "`prices.live` failed, not the script: catch it with try/catch if the script can go on without",
    );
    fails(
        "await tools.prices.live({ sku: 42 })",
        &[],
        20,
        "the arguments of `prices.live` do not match its schema; `sku`: 42 is not of type \"string\"",
        "change the arguments of `prices.live` so that they fit its schema",
    );
    fails(
        "await tools.stock.count()",
        &["--tool-timeout", "1ms"],
        19,
        "`stock.count` did not answer within 1 ms",
        "catch it with try/catch if the script can do without `stock.count`, or raise --tool-timeout",
    );
    fails(
        "await tools.prices.list({ sku: 'x' })",
        &[],
        20,
        "`prices.list` has no response on file for {\"sku\":\"x\"}; there are responses for { \"sku\": \"lamp\" }, \
         { \"sku\": \"desk\" }",
        "`prices.list` failed, not the script: catch it with try/catch if the script can go on without",
    );
}

#[test]
fn a_script_that_wants_tools_hears_how_to_give_it_some() {
    check(
        &["-e", "tools.search({})"],
        1,
        "",
        "\
error: TypeError: there is no tool \"search\"; this run has no tools
 --> script.js:1:1
  |
1 | tools.search({})
  | ^
help: --fixtures FILE gives the script tools
",
    );
}

#[test]
fn a_limit_says_which_flag_raises_it() {
    check(
        &["-e", "for (;;);", "--fuel", "10M"],
        4,
        "",
        "\
error: the script used up its fuel of 10,000,000 units
help: look for a loop that does not end, or raise the limit with --fuel
",
    );
    check(
        &["-e", "for (;;);", "--step-fuel", "10M"],
        4,
        "",
        "\
error: one step of the script used up its fuel of 10,000,000 units
help: look for a loop that does not end, or raise the limit with --step-fuel
",
    );
    check(
        &["-e", "'x'.repeat(1_048_575)"],
        8,
        "",
        "\
error: the value is 1,048,577 bytes of JSON, 1,048,576 are allowed
help: return a summary instead of all the data; no flag raises this limit
",
    );
    check(
        &["--fixtures", FIXTURES, "-e", "await tools.prices.list({ sku: 'lamp' })", "--max-tool-calls", "0"],
        9,
        "",
        "\
error: the script made more tool calls than the 0 that are allowed
help: ask for more with each call, or raise the limit with --max-tool-calls
",
    );
}

#[test]
fn a_script_that_waits_for_nothing_is_stuck() {
    check(
        &["-e", "await new Promise(() => {})"],
        10,
        "",
        "\
error: the script waits for a promise that nothing will settle
help: tool calls and timers always settle, so look for a `new Promise` whose `resolve` is never called, or an `await` that waits \
         for itself
",
    );
}

#[test]
fn quiet_does_not_silence_an_error() {
    check(&["-q", "-e", "console.log('gone'); throw 1"], 1, "", "error: Uncaught: 1\n");
}
