//! Hooks that alter: the request, the arguments of a call, whether it is made.

use super::{Tools, block_on, told_with};
use agentloop::{Agent, AgentBuilder, Answer, Attempt, Scripted, Turn, Verdict};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn a_request_can_be_altered() {
    let told = told_with(Scripted::new().text("ok"), |builder| {
        builder.on_request(|request| request.system.push_str("\n\nAnswer in verse."))
    });
    told.run("Hello");
    assert!(told.requests()[0].system.ends_with("Answer in verse."));
}

#[test]
fn a_call_can_be_allowed_amended_and_refused() {
    let script = "
        const refused = await tools.pay({}).catch((error) => `${error.kind}: ${error.message}`);
        finish([await tools.add({ x: 1, y: 2 }), refused])";
    let tools = Tools::new();
    let agent = Agent::builder(Scripted::new().script(script)).tools(tools.all()).gate(|attempt| async move {
        match attempt.tool.as_str() {
            "add" => Verdict::Amend(json!({ "x": 10, "y": 20 })),
            _ => Verdict::Refuse("ask the owner first".to_owned()),
        }
    });
    let output =
        block_on(agent.build().expect("the agent is good").run(Turn::new("Pay"))).expect("the turn is answered");
    let expected = json!([30, "refused: `pay` was not called: ask the owner first"]);
    assert_eq!(output.answer, Answer::Value(expected));
    assert_eq!(tools.paid(), 0);
}

#[test]
fn a_gate_is_made_for_each_script_or_shared_by_all() {
    let one_call = || {
        let has_called = AtomicBool::new(false);
        move |_: Attempt| {
            let is_first = !has_called.swap(true, Ordering::Relaxed);
            async move { if is_first { Verdict::Allow } else { Verdict::Refuse("one is enough".to_owned()) } }
        }
    };
    let script = |number| format!("for (let i = 0; i < 2; i++) await tools.pay({{}}).catch(() => {number})");
    let paid = |gated: &dyn Fn(AgentBuilder) -> AgentBuilder| {
        let (model, tools) = (Scripted::new().script(script(1)).script(script(2)).text("done"), Tools::new());
        let agent = gated(Agent::builder(model).tools(tools.all())).build().expect("the agent is good");
        block_on(agent.run(Turn::new("Pay"))).expect("the turn is answered");
        tools.paid()
    };
    assert_eq!(paid(&|agent| agent.gate_of_each_script(one_call)), 2);
    assert_eq!(paid(&|agent| agent.gate(one_call())), 1);
}

#[test]
fn ending_the_task_is_not_asked_about() {
    // Nobody awaits it: the script is over before anything could be asked.
    let agent = Agent::builder(Scripted::new().script("finish(1)"));
    let agent = agent.gate(|_| async { Verdict::Refuse("nothing is allowed".to_owned()) });
    let output =
        block_on(agent.build().expect("the agent is good").run(Turn::new("End"))).expect("the turn is answered");
    assert_eq!(output.answer, Answer::Value(json!(1)));
}

#[test]
fn a_refused_call_is_told_like_any_that_failed() {
    let model = Arc::new(Scripted::new().script("await tools.pay({})").text("I may not."));
    let agent = Agent::builder(Arc::clone(&model)).tools(Tools::new().all());
    let agent = agent.gate(|_| async { Verdict::Refuse("no".to_owned()) }).build().expect("the agent is good");
    block_on(agent.run(Turn::new("Pay"))).expect("the turn is answered");
    let told = format!("{:?}", model.requests()[1].messages.last());
    assert!(told.contains("- failed: pay({}): `pay` was not called: no (refused)"), "{told}");
}
