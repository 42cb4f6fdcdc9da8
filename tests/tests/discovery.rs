//! How a script finds the tools that its author was not told of: `tools.$search` and `tools.$describe`.

use agentloop_sandbox::{CallStatus, Ending, Limits, Outcome, Run, Tool, Toolbox, Verdict};
use agentloop_tests::{block_on, engine};
use serde_json::{Value, json};

fn tool(name: &str, description: &str) -> Tool {
    let schema = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    Tool::untyped(name, description, schema, |_| async { Ok("1".to_owned()) }).expect("the tool is good")
}

fn prepared(script: &str) -> Run {
    let tools = [
        tool("weather.now", "Degrees in a city. In the shade."),
        tool("weather.tomorrow", "Degrees that are expected."),
        tool("mail.send", "Sends a message."),
    ];
    let toolbox = Toolbox::new(tools).expect("the tools fit together");
    engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced").prepare(script)
}

fn outcome(script: &str) -> Outcome {
    block_on(prepared(script).finish()).expect("the host is well")
}

fn value(script: &str) -> Value {
    outcome(script).value().expect("the script ends well").expect("the value is read")
}

#[test]
fn a_search_finds_tools_with_their_declarations() {
    let found = value("await tools.$search('degrees in a city')");
    let declaration = "declare const tools: {\n    weather: {\n        /** Degrees in a city. In the shade. */\n        \
                       now(args: { city: string }): Promise<any>;\n    };\n};\n";
    assert_eq!(
        found[0],
        json!({ "name": "weather.now", "description": "Degrees in a city.", "declaration": declaration })
    );
    assert_eq!(found[1]["name"], "weather.tomorrow");
    assert_eq!(value("(await tools.$search('degrees', { limit: 1 })).map(({ name }) => name)"), json!(["weather.now"]));
    assert_eq!(value("(await tools.$search({ query: 'send' })).length"), json!(1));
    assert_eq!(value("await tools.$search('zebra')"), json!([]));
    assert_eq!(value("await tools.$describe('weather.now')"), json!(declaration));
}

#[test]
fn what_was_found_can_be_called() {
    let script = "const [{ name }] = await tools.$search('send a message');
        const tool = name.split('.').reduce((place, segment) => place[segment], tools);
        return tool({ city: 'Oslo' })";
    assert_eq!(value(script), json!(1));
}

#[test]
fn mistakes_are_told() {
    let refused = |call: &str| value(&format!("try {{ await {call} }} catch (error) {{ return error.message }}"));
    for (call, message) in [
        ("tools.$search()", "tools.$search takes a text and { limit }"),
        ("tools.$search('a', 5)", "tools.$search takes a text and { limit }"),
        ("tools.$describe(7)", "tools.$describe takes a text"),
        ("tools.$describe('weather')", "there is no tool `weather`; look for it with tools.$search"),
        ("tools.$describe('__proto__')", "there is no tool `__proto__`; look for it with tools.$search"),
    ] {
        assert_eq!(refused(call), json!(message), "{call}");
    }
    let of_schema = refused("tools.$search('a', { limit: -1 })");
    assert!(of_schema.as_str().is_some_and(|text| text.contains("do not match its schema")), "{of_schema}");
    let unknown = refused("tools.$search('a', { top: 5 })");
    assert!(unknown.as_str().is_some_and(|text| text.contains("do not match its schema")), "{unknown}");
}

#[test]
fn they_are_there_and_nobody_sees_them() {
    assert_eq!(value("Object.keys(tools)"), json!(["mail", "weather"]));
    assert_eq!(value("[typeof tools.$search, Object.isFrozen(tools.$search)]"), json!(["function", true]));
    let replaced = "'use strict'; try { tools.$search = 1 } catch (error) { return error.name }";
    assert_eq!(value(replaced), json!("TypeError"));
    let empty = engine().sandbox(Toolbox::default(), Limits::default()).expect("the limits can be enforced");
    let outcome = block_on(empty.run("await tools.$search('weather')")).expect("the host is well");
    assert_eq!(outcome.value::<Value>().expect("it ends well").expect("it is read"), json!([]));
}

/// Attack: a policy that forbids everything is asked of tools, not of a look at their list. Control: it does forbid a tool.
#[test]
fn nobody_is_asked_before_a_search() {
    let gated = |script: &str| {
        let run = prepared(script).gate(|_| async { Verdict::Refuse("no".to_owned()) });
        block_on(run.finish()).expect("the host is well")
    };
    let searched = gated("(await tools.$search('send')).length");
    assert_eq!(searched.value::<u32>().expect("it ends well").expect("it is a number"), 1);
    let called = gated("await tools.mail.send({ city: '' })");
    assert!(matches!(&called.calls[0].status, CallStatus::Failed(error) if error.message.ends_with("not called: no")));
}

/// Attack: searches without end. They are calls like any others, with a price that grows with the number of tools.
#[test]
fn searches_count_as_calls() {
    let endless = outcome("for (;;) await tools.$search('weather')");
    let Ending::LimitExceeded(exceeded) = &endless.ending else { panic!("{:?}", endless.ending) };
    assert_eq!((exceeded.limit.name(), endless.calls.len()), ("calls", 256));
}

#[test]
fn a_check_takes_them_for_tools() {
    let findings = |script: &str| block_on(prepared(script).check()).expect("the host is well");
    assert_eq!(findings("await tools.$search('x', { limit: 3 }); await tools.$describe('x')"), []);
    assert_eq!(findings("await tools.$searches('x')")[0].message, "there is no tool `$searches`");
}

/// What 2,000 tools of 40 servers cost in a prompt. Four bytes are about one token.
#[test]
fn many_tools_fit_in_a_prompt() {
    let many = (0..2_000).map(|number| tool(&format!("server{}.do_thing_{number}", number % 40), "Does a thing."));
    let toolbox = Toolbox::new(many).expect("the tools fit together");
    let outline = toolbox.outline(16 << 10);
    assert!(outline.len() < 1_000 * 4, "{} bytes", outline.len());
    assert!(outline.contains("tools.server7 // 50: do_thing_1007, "), "{outline}");
    let script = "(await tools.$search('thing 1234'))[0].name";
    let sandbox = engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    let outcome = block_on(sandbox.run(script)).expect("the host is well");
    assert_eq!(outcome.value::<String>().expect("it ends well").expect("it is a text"), "server34.do_thing_1234");
}
