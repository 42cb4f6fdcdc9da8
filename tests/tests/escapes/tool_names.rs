//! Attack: a tool whose name means something to JavaScript, or to whoever shows it.
//! Defence: names are parsed once, at the door; the namespace of tools has no prototype.

use agentloop_sandbox::{Tool, Toolbox};
use agentloop_tests::{attack, block_on, check, engine, finished, still_answers};
use serde_json::Value;

#[track_caller]
fn check_name(name: &str, refusal: &str) {
    let refused = Tool::instant(name, "", |_: Value| Ok::<_, String>(0)).expect_err("the name should be refused");
    assert_eq!(refused.to_string(), refusal);
}

#[test]
fn names_that_javascript_looks_up_by_itself_are_refused() {
    for name in ["__proto__", "constructor", "then", "toString", "valueOf", "toJSON", "prototype", "hasOwnProperty"] {
        let reason = "JavaScript itself looks this name up on objects; choose another";
        check_name(name, &format!("`{name}` cannot be the name of a tool: {reason}"));
        check_name(&format!("a.{name}"), &format!("`a.{name}` cannot be the name of a tool: {reason}"));
    }
}

#[test]
fn every_string_that_json_allows_is_taken_or_refused_with_its_rule() {
    let letters = "only letters and digits of ASCII, `_`, `$`, `-` and `.` are allowed";
    for name in [
        " ",
        "a b",
        "\0",
        "a\0b",
        "\n",
        "\u{202e}gnp",
        "naïve",
        "日本",
        "😀",
        "a/b",
        "a\\b",
        "a\"b",
        "a'b",
        "a`b",
        "${1}",
        "[x]",
        "a;b",
        "<script>",
        "\u{feff}a",
        "\u{1b}[2J",
    ] {
        check_name(name, &format!("`{}` cannot be the name of a tool: {letters}", name.escape_debug()));
    }
    check_name("", "`` cannot be the name of a tool: it is empty");
    check_name("a..b", "`a..b` cannot be the name of a tool: a segment between dots is empty");
    check_name(
        &"x".repeat(129),
        &format!("`{}` cannot be the name of a tool: it is longer than 128 bytes", "x".repeat(100)),
    );
}

#[test]
fn odd_names_that_are_allowed_can_be_called() {
    let names = ["0", "-", "$", "_", "class", "await", "a-b", "return.new", "length", "name", "call.apply"];
    let tools =
        names.map(|name| Tool::instant(name, "", move |_: Value| Ok::<_, String>(name)).expect("the name is good"));
    let toolbox = Toolbox::new(tools).expect("the tools fit together");
    let sandbox = engine().sandbox(toolbox, agentloop_sandbox::Limits::default()).expect("the limits can be enforced");
    let script = format!(
        "const answers = [];
         for (const name of {}) answers.push(await name.split('.').reduce((node, key) => node[key], tools)({{}}));
         return answers",
        serde_json::json!(names)
    );
    let outcome = block_on(sandbox.run(&script)).expect("the host is well");
    assert_eq!(outcome.value::<Vec<String>>().expect("it finishes").expect("it is a list of names"), names);
    still_answers();
}

#[test]
fn the_namespace_inherits_nothing() {
    attack(
        "return ['__proto__', 'constructor', 'toString', 'then'].map((name) => typeof tools[name])",
        finished("[\"object\",\"function\",\"function\",\"undefined\"]"),
        finished("[\"undefined\",\"undefined\",\"undefined\",\"undefined\"]"),
    );
    // Above it is only what finds tools, and what tells a script that a name is not there.
    check(
        "const finding = Object.getPrototypeOf(tools);
         const missing = Object.getPrototypeOf(finding);
         return [finding, missing].map((above) => [Reflect.ownKeys(above), Object.isFrozen(above)])
             .concat([Object.getPrototypeOf(missing)])",
        finished("[[[\"$search\",\"$describe\"],true],[[],true],null]"),
    );
    check("return '__proto__' in tools || 'then' in tools", finished("false"));
}
