//! What is wrong with an agent is said before the first request.

use super::{Tools, told};
use agentloop::{Agent, AgentBuilder, Budgets, Limits, Scripted, Tool};
use serde_json::Value;

fn refused(with: impl FnOnce(AgentBuilder) -> AgentBuilder) -> (String, String) {
    let error = with(Agent::builder(Scripted::new())).build().expect_err("it cannot be built");
    (error.kind(), error.to_string())
}

fn tool(name: &str) -> Tool {
    Tool::instant(name, "", |_: Value| Ok::<_, String>(1)).expect("the name is good")
}

#[test]
fn each_mistake_has_its_kind() {
    let said = |(kind, text): &(String, String)| format!("{kind}: {text}");
    assert_eq!(
        said(&refused(|builder| builder.tool(tool("finish")))),
        "reserved_tool_name: the tool name `finish` is taken by the loop: give the tool another one"
    );
    assert_eq!(
        said(&refused(|builder| builder.tool(tool("add")).tool(tool("add")))),
        "duplicate_tool_name: tool `add` is there twice"
    );
    assert_eq!(
        said(&refused(|builder| builder.iterations_max(0))),
        "configuration: `iterations_max` of 0 would let no model answer"
    );
    let budgets = Budgets { cost_max: Some(1.0), ..Budgets::default() };
    assert_eq!(
        said(&refused(|builder| builder.budgets(budgets))),
        "configuration: `cost_max` needs a price table: give `prices`"
    );
    assert_eq!(
        said(&refused(|builder| builder.repeats_max(1))),
        "configuration: `repeats_max` below 2 would end every turn at its first script"
    );
    let limits = Limits { memory_bytes_max: 1, ..Limits::default() };
    assert_eq!(refused(|builder| builder.limits(limits)).0, "sandbox");
    assert!(Agent::builder(Scripted::new()).tools(Tools::new().all()).build().is_ok());
}

#[test]
fn a_name_that_no_tool_may_have_is_refused_where_it_is_given() {
    let error = Tool::instant("no spaces", "", |_: Value| Ok::<_, String>(1)).expect_err("the name is bad");
    assert_eq!(agentloop::AgentError::from(error).kind(), "invalid_tool_name");
}

#[test]
fn an_empty_prompt_asks_nothing() {
    let told = told(Scripted::new().text("never said"));
    let failure = told.fail(" \n");
    assert_eq!((failure.error.kind().as_str(), failure.to_string().as_str()), ("invalid_input", "the prompt is empty"));
    assert_eq!(told.requests().len(), 0);
}
