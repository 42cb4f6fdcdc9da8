//! What the model is told of a script that failed: enough to repair it without doing anything twice.

use super::{Tools, told, told_with};
use agentloop::{Agent, Answer, Scripted, Turn};
use std::sync::Arc;

#[test]
fn an_exception_is_told_with_its_frame() {
    let told = told(Scripted::new().script("const x = {};\nx.name.length").text("done"));
    told.run("Go on");
    assert_eq!(
        told.last_message(),
        "The script threw.\nerror: TypeError: cannot read property 'length' of undefined\n --> script.js:2:1\n  |\n1 | const x = \
         {};\n2 | x.name.length\n  | ^\n\n(Left: 9 more replies.)"
    );
}

#[test]
fn a_syntax_error_says_that_nothing_ran() {
    let told = told(Scripted::new().script("tools.pay({})\nlet = = 1").text("done"));
    told.run("Go on");
    let message = told.last_message();
    assert!(
        message.starts_with("The script is not valid JavaScript; nothing of it ran.\nerror: SyntaxError"),
        "{message}"
    );
}

#[test]
fn what_was_done_is_told_and_not_done_twice() {
    let tools = Tools::new();
    let broken = "const receipt = await tools.pay({ to: 'Ann' });\nawait tools.fail({ path: '/x' });";
    let model = Arc::new(Scripted::new().script(broken).script("finish('repaired')"));
    let agent = Agent::builder(Arc::clone(&model)).tools(tools.all()).build().expect("the agent is good");
    let output = super::block_on(agent.run(Turn::new("Pay Ann"))).expect("the turn is answered");
    assert_eq!(output.answer, Answer::Value("repaired".into()));
    let told = format!("{:?}", model.requests()[1].messages.last());
    assert!(
        told.contains(
            "Calls it had made by then (until a script finishes, those that are done are not made again: repeat"
        ),
        "{told}"
    );
    assert!(told.contains(r#"- done: pay({\"to\":\"Ann\"}) gave {\"receipt\":1}"#), "{told}");
    assert!(told.contains(r#"- failed: fail({\"path\":\"/x\"}): the disk is full (failed)"#), "{told}");
    assert_eq!(tools.paid(), 1);
}

#[test]
fn a_call_that_was_not_over_is_in_doubt_if_it_had_begun() {
    for (wait, expected) in [
        ("", r#"- not made: pay({"to":"Bo"})"#),
        ("await tools.fail({ path: '/x' });", r#"- done: pay({"to":"Bo"}) gave {"receipt":1}"#),
    ] {
        let told = told(Scripted::new().script(format!("tools.pay({{ to: 'Bo' }}); {wait} null.f")).text("done"));
        told.run("Go on");
        assert!(told.last_message().contains(expected), "{}", told.last_message());
    }
}

/// The second script makes the call of the first one again, and then one of its own.
#[test]
fn a_script_that_is_mended_pays_once_although_it_pays_again() {
    let tools = Tools::new();
    let model = Scripted::new()
        .script("await tools.pay({ to: 'Ann' }); oops()")
        .script("const first = await tools.pay({ to: 'Ann' }); null.f")
        .script("const first = await tools.pay({ to: 'Ann' }); return [first, await tools.pay({ to: 'Bo' })]")
        .script("return await tools.pay({ to: 'Ann' })")
        .text("done");
    let model = Arc::new(model);
    let agent = Agent::builder(Arc::clone(&model)).tools(tools.all()).build().expect("the agent is good");
    super::block_on(agent.run(Turn::new("Pay"))).expect("the turn is answered");
    let requests = model.requests();
    let told = |index: usize| format!("{:?}", requests[index].messages.last());
    assert!(told(3).contains(r#"[{\"receipt\":1},{\"receipt\":2}]"#), "{}", told(3));
    // The script before it was finished: this is a new payment.
    assert!(told(4).contains(r#"{\"receipt\":3}"#), "{}", told(4));
    assert_eq!(tools.paid(), 3);
}

#[test]
fn the_console_is_told_and_the_level_of_what_is_not_plain() {
    let told = told(Scripted::new().script("console.log('a'); console.warn('b'); console.error('c')").text("done"));
    told.run("Go on");
    let expected =
        "The script finished without a value.\n\nConsole:\na\n[warn] b\n[error] c\n\n(Left: 9 more replies.)";
    assert_eq!(told.last_message(), expected);
}

#[test]
fn what_is_too_long_is_cut_and_can_be_read_in_the_next_script() {
    let model = Scripted::new()
        .script("return 'x'.repeat(500) + 'NEEDLE' + 'y'.repeat(500)")
        .script("return LiteralLoader('result-1').indexOf('NEEDLE')")
        .text("done");
    let told = told_with(model, |builder| builder.feedback_bytes_max(300));
    told.run("Find it");
    let requests = told.requests();
    let first = format!("{:?}", requests[1].messages.last());
    assert!(
        first.contains("bytes left out; LiteralLoader(\\\"result-1\\\") in your next script gives all of it"),
        "{first}"
    );
    assert!(!first.contains("NEEDLE") && first.len() < 600, "{first}");
    // A quote of the JSON text comes before.
    assert!(told.last_message().starts_with("The script returned:\n501"), "{}", told.last_message());
}

#[test]
fn a_limit_is_told_by_its_name() {
    let limits = agentloop::Limits { fuel_max: 10_000_000, ..agentloop::Limits::default() };
    let told = told_with(Scripted::new().script("for (;;);").text("done"), |builder| builder.limits(limits));
    told.run("Go on");
    assert!(
        told.last_message()
            .starts_with("The script was stopped at its limit `fuel` of 10000000. Do less in one script"),
        "{}",
        told.last_message()
    );
}

#[test]
fn no_more_is_kept_than_a_later_script_could_be_given() {
    let limits = agentloop::Limits { literals_bytes_max: 1_000, ..agentloop::Limits::default() };
    let model = Scripted::new().script("return 'x'.repeat(2000)").script("return 'y'.repeat(900)").text("done");
    let told = told_with(model, |builder| builder.feedback_bytes_max(300).limits(limits));
    let output = told.run("Go on");
    let requests = told.requests();
    let messages: Vec<String> = requests.iter().map(|request| format!("{:?}", request.messages.last())).collect();
    assert!(messages[1].contains("[… 1702 bytes left out …]"), "{}", messages[1]);
    assert!(messages[2].contains("[… 602 bytes left out; LiteralLoader("), "{}", messages[2]);
    let stored = serde_json::to_string(&output.transcript).expect("it can be stored");
    assert!(stored.len() < 4_000, "{} bytes", stored.len());
}
