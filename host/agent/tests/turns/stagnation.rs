//! A model that goes in circles is warned, then stopped.

use super::{Tools, block_on, told, told_with};
use agentloop::{Agent, AgentError, Scripted, Turn};
use std::sync::Arc;

#[test]
fn a_script_that_failed_is_not_run_again() {
    let tools = Tools::new();
    let script = "await tools.pay({}); null.f";
    let model = Arc::new(Scripted::new().script(script).script(script).text("I give up."));
    let agent = Agent::builder(Arc::clone(&model)).tools(tools.all()).build().expect("the agent is good");
    block_on(agent.run(Turn::new("Pay"))).expect("the turn is answered");
    assert_eq!(tools.paid(), 1);
    let told = format!("{:?}", model.requests()[2].messages.last());
    assert!(told.contains("This is the same script as before; it was not run again."), "{told}");
}

#[test]
fn the_same_script_for_the_third_time_ends_the_turn() {
    let script = "return await tools.add({ x: 1, y: 1 })";
    let told = told(Scripted::new().script(script).script(script).script(script).text("never asked"));
    let failure = told.fail("Add");
    assert_eq!(failure.error.kind(), "stagnation");
    assert_eq!(failure.to_string(), "the model goes in circles: the same script 3 times");
    assert_eq!(told.requests().len(), 3);
}

#[test]
fn the_same_failing_call_for_the_third_time_ends_the_turn() {
    let model = Scripted::new()
        .script("await tools.fail({}); 1")
        .script("await tools.fail({}); 2")
        .script("await tools.fail({}); 3");
    let told = told(model.text("never asked"));
    let failure = told.fail("Try");
    assert!(matches!(failure.error, AgentError::Stagnation { .. }), "{:?}", failure.error);
    assert_eq!(failure.to_string(), "the model goes in circles: the call of `fail` failed 3 times in the same way");
    let warned = format!("{:?}", told.requests()[2].messages.last());
    assert!(warned.contains("The call of `fail` has now failed 2 times in the same way."), "{warned}");
}

#[test]
fn the_threshold_is_the_users() {
    let script = "return 1";
    let patient = told_with(Scripted::new().script(script).script(script).script(script).text("done"), |builder| {
        builder.repeats_max(10)
    });
    patient.run("Poll");
    let strict = told_with(Scripted::new().script(script).script(script), |builder| builder.repeats_max(2));
    assert_eq!(strict.fail("Poll").error.kind(), "stagnation");
}
