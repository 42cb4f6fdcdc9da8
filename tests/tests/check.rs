//! A script is looked at without running it: each finding with its rule, message, hint and place.

use agentloop_sandbox::{Finding, Limits, Tool, ToolFailure, Toolbox};
use agentloop_tests::{block_on, engine};
use serde_json::json;

fn toolbox() -> Toolbox {
    let tool = |name: &str, schema| {
        Tool::untyped(name, "", schema, |_| std::future::ready(Err(ToolFailure("it must not run".to_owned()))))
    };
    let issue = json!({
        "type": "object",
        "properties": {
            "title": { "type": "string", "minLength": 3 },
            "labels": { "type": "array", "items": { "type": "string" } },
            "state": { "enum": ["open", "closed"] },
            "assignee": { "$ref": "#/$defs/person" },
            "estimate": { "type": ["integer", "null"] },
        },
        "required": ["title"],
        "$defs": { "person": { "type": "object", "properties": { "login": { "type": "string" } }, "required": ["login"] } },
    });
    let city =
        json!({ "type": "object", "properties": { "city": { "type": "string" } }, "additionalProperties": true });
    let tools = [
        tool("github.create_issue", issue),
        tool("github.list_issues", json!({ "type": "object", "properties": { "page": { "type": "integer" } } })),
        tool("weather", city),
        tool("anything", json!(true)),
    ];
    let tools: Result<Vec<Tool>, _> = tools.into_iter().collect();
    tools.and_then(Toolbox::new).expect("the tools fit together")
}

fn findings(script: &str) -> Vec<Finding> {
    let sandbox = engine().sandbox(toolbox(), Limits::default()).expect("the limits can be enforced");
    block_on(sandbox.check(script)).expect("the host is well")
}

/// Each finding as `line:column rule: message` and, if it has a hint, ` (hint)`.
#[track_caller]
fn check(script: &str, expected: &[&str]) {
    let shown = |finding: &Finding| {
        let place = finding.position.map_or_else(String::new, |place| format!("{}:{} ", place.line, place.column));
        let hint = finding.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
        format!("{place}{}: {}{hint}", finding.rule.name(), finding.message)
    };
    assert_eq!(findings(script).iter().map(shown).collect::<Vec<_>>(), expected, "{script}");
}

#[test]
fn a_good_script_has_no_findings() {
    check(
        "const { github } = tools; return await github.create_issue({ title: 'Crash', labels: ['bug'], state: 'open' })",
        &[],
    );
    check(
        "for (const city of ['Oslo']) await tools.weather({ city, unit: 'C' }); console.log(new URL('a:b'), z, Intl)",
        &[],
    );
    check("const x: number = 1; await tools.anything(x as any)", &[]);
    // What is only known when it runs is left to the run.
    check("await tools.github.create_issue(JSON.parse('{}')); await tools.github.create_issue({ ...Math })", &[]);
    check("const name = 'weather'; await tools[name]({}); if (typeof window !== 'undefined') window.close()", &[]);
}

#[test]
fn an_unknown_tool_is_found_with_the_one_that_was_meant() {
    check("await tools.wether({})", &["1:7 unknown_tool: there is no tool `wether` (did you mean `tools.weather`?)"]);
    check(
        "const { github } = tools;\nawait github.create_isue({ title: 'x' })",
        &["2:7 unknown_tool: there is no tool `github.create_isue` (did you mean `tools.github.create_issue`?)"],
    );
    check(
        "tools.something.quite.different()",
        &["1:1 unknown_tool: there is no tool `something.quite.different` (there are: anything, github.create_issue, \
           github.list_issues, weather)"],
    );
    check("[1].map(tools.wether)", &["1:9 unknown_tool: there is no tool `wether` (did you mean `tools.weather`?)"]);
    check("console.log(tools.github)", &[]);
    // A variable of the same name is none of ours.
    check("const f = (tools) => tools.wether({}); return typeof f", &[]);
}

#[test]
fn arguments_are_compared_with_the_schema() {
    check(
        "await tools.github.create_issue({})",
        &["1:33 missing_argument: `tools.github.create_issue` needs the argument `title`"],
    );
    check(
        "await tools.github.create_issue({ titel: 'x', title: 'xyz' })",
        &["1:35 unknown_argument: `tools.github.create_issue` has no argument `titel` (did you mean `title`?)"],
    );
    check(
        "await tools.github.create_issue({ title: 5, labels: 'bug', estimate: 1.5 })",
        &[
            "1:42 wrong_argument: `tools.github.create_issue`: `title` is an integer, a string is expected",
            "1:53 wrong_argument: `tools.github.create_issue`: `labels` is a string, an array is expected",
            "1:70 wrong_argument: `tools.github.create_issue`: `estimate` is a number, an integer or null is expected",
        ],
    );
    check(
        "await tools.github.create_issue({ title: 'xyz', state: 'opn', labels: ['a', 1], assignee: {} })",
        &[
            "1:56 wrong_argument: `tools.github.create_issue`: `state` cannot be \"opn\" (did you mean \"open\"?)",
            "1:77 wrong_argument: `tools.github.create_issue`: `labels[1]` is an integer, a string is expected",
            "1:91 missing_argument: `tools.github.create_issue` needs the argument `assignee.login`",
        ],
    );
    check(
        "await tools.weather('Oslo')",
        &["1:21 wrong_argument: `tools.weather`: the arguments are a string, an object is expected"],
    );
    check("await tools.weather({}, 1)", &["1:7 wrong_argument: `tools.weather` takes one object with its arguments"]);
}

/// When every argument is written out, the check of the run itself is made.
#[test]
fn what_is_written_out_is_checked_whole() {
    check(
        "await tools.github.create_issue({ title: 'x' })",
        &[
            "1:33 wrong_argument: the arguments of `github.create_issue` do not match its schema; `title`: \"x\" is shorter \
           than 3 characters",
        ],
    );
}

#[test]
fn calls_in_the_form_of_agentloop_are_seen() {
    check(
        "import { toolCalls } from './utils';\nimport { toolSchemas } from './toolSchemas';\n\
         function callTools() {\n  toolCalls.push(toolSchemas.wether.parse({ city: 'Oslo' }));\n  return toolCalls;\n}",
        &["4:18 unknown_tool: there is no tool `wether` (did you mean `tools.weather`?)"],
    );
    check(
        "function callTools() { toolCalls.push({ toolName: 'weather', city: 5 }); return toolCalls; }",
        &["1:68 wrong_argument: `tools.weather`: `city` is an integer, a string is expected"],
    );
}

#[test]
fn a_variable_that_nothing_declares_is_found() {
    check("consol.log(1)", &["1:1 unknown_variable: nothing declares `consol` (did you mean console?)"]);
    check(
        "return await fetch('http://a.b')",
        &[
            "1:14 unknown_variable: nothing declares `fetch` (network access is only through tools; there are: anything, \
           github.create_issue, github.list_issues, weather)",
        ],
    );
    check(
        "weather({ city: 'Oslo' })",
        &["1:1 unknown_variable: nothing declares `weather` (did you mean tools.weather?)"],
    );
}

#[test]
fn a_text_that_is_no_program_is_a_finding() {
    check("const a = ;", &["1:11 syntax: SyntaxError: unexpected token in expression: ';'"]);
    check("", &["not_checked: the script is empty"]);
    check(
        "@logged class A {}",
        &["1:1 syntax: SyntaxError: there are no decorators in the sandbox: call the function yourself"],
    );
}

/// Findings, positions and names are bounded whatever the script holds; its own budget bounds the rest.
#[test]
fn a_huge_or_hostile_script_costs_its_budget_and_no_more() {
    let many = findings(&"tools.nothing({});".repeat(1_000));
    assert_eq!(many.len(), 100);
    let long = findings(&format!("tools.{}({{}})", "x".repeat(100_000)));
    assert!(long.len() == 1 && long[0].message.len() < 200, "{}", long[0].message.len());
    let limits = Limits { fuel_max: 50_000_000, ..Limits::default() };
    let sandbox = engine().sandbox(toolbox(), limits).expect("the limits can be enforced");
    let found = block_on(sandbox.check(&"a?.b({c:[1]});".repeat(10_000))).expect("the host is well");
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.name()).collect();
    assert_eq!(rules, ["not_checked"]);
}

#[test]
fn places_count_characters_of_the_script_as_written() {
    check(
        "Here:\n```js\nconst s = '\u{1f600}é'; tools.wether({})\n```",
        &["3:17 unknown_tool: there is no tool `wether` (did you mean `tools.weather`?)"],
    );
}
