//! How a turn comes to its answer.

use super::{Tools, assert_valid, kinds, told, told_with};
use agentloop::{Agent, AgentError, Answer, Reply, ReplyStyle, Scripted, Stop, Tool, Turn};
use serde::Deserialize;
use serde_json::{Value, json};

#[test]
fn a_text_is_an_answer() {
    let told = told(Scripted::new().text("Oslo."));
    let output = told.run("What is the capital of Norway?");
    assert_eq!(output.answer, Answer::Text("Oslo.".to_owned()));
    assert_eq!(kinds(output.transcript.interactions()), ["user", "model", "answer"]);
}

#[test]
fn a_script_runs_and_the_model_is_told_its_value() {
    let told = told(Scripted::new().script("return await tools.add({ x: 40, y: 2 })").text("It is 42."));
    let output = told.run("What is 40 and 2?");
    assert_eq!(output.answer, Answer::Text("It is 42.".to_owned()));
    assert_eq!(told.last_message(), "The script returned:\n42\n\n(Left: 9 more replies.)");
    assert_eq!(kinds(output.transcript.interactions()), ["user", "model", "script", "model", "answer"]);
    assert_eq!((output.spent.iterations, output.spent.tool_calls), (2, 1));
    assert_valid(&told.requests());
}

#[test]
fn a_script_ends_the_task_with_a_value() {
    for finish in
        ["finish({ sum: 42 })", "await finish({ sum: 42 })", "return finish({ sum: 42 })", "finish({ sum: 42 }); 7"]
    {
        let told = told(Scripted::new().script(finish));
        assert_eq!(told.run("Go on").answer, Answer::Value(json!({ "sum": 42 })), "{finish}");
    }
    let told = told(Scripted::new().script("finish()"));
    assert_eq!(told.run("Go on").answer, Answer::Value(json!(null)));
}

#[test]
fn a_script_that_fails_after_it_finished_has_not_finished() {
    let told = told(Scripted::new().script("finish(1); null.f").script("finish(2)"));
    assert_eq!(told.run("Go on").answer, Answer::Value(json!(2)));
}

#[test]
fn scripts_in_text_run_where_that_is_the_style() {
    let model = Scripted::new().in_style(ReplyStyle::FencedCode);
    let told = told(model.script("return await tools.add({ x: 1, y: 2 })").text("3"));
    assert_eq!(told.run("What is 1 and 2?").answer, Answer::Text("3".to_owned()));
    assert!(told.requests()[0].system.contains("fenced by ```js"));
    assert_valid(&told.requests());
}

#[test]
fn literals_reach_the_script() {
    let reply = "<literals><literal id=\"page\">`quoted` ${text}</literal></literals>\n```js\nreturn LiteralLoader('page').length\n```";
    let model = Scripted::new().in_style(ReplyStyle::FencedCode).text(reply).text("done");
    let told = told(model);
    told.run("Measure");
    assert!(told.last_message().starts_with("The script returned:\n16\n"), "{}", told.last_message());
}

#[test]
fn the_form_of_typescript_agentloop_is_understood() {
    let script = "function callTools() { toolCalls.push(toolSchemas.add.parse({ x: 1, y: 2 })); return toolCalls }";
    let told = told(Scripted::new().script(script).text("3"));
    told.run("What is 1 and 2?");
    let expected = r#"The script returned:
[{"toolName":"add","success":true,"output":3}]"#;
    assert!(told.last_message().starts_with(expected), "{}", told.last_message());
}

#[test]
fn several_scripts_of_one_reply_run_in_order_and_each_has_its_result() {
    let call = |id: &str, code: &str| agentloop::NativeCall {
        id: id.to_owned(),
        name: agentloop::RUN_JS.to_owned(),
        arguments: json!({ "code": code }),
    };
    let reply = Reply { calls: vec![call("a", "return 1"), call("b", "return 2")], ..Reply::default() };
    let told = told(Scripted::new().reply(reply).text("done"));
    let output = told.run("Go on");
    assert_eq!(kinds(output.transcript.interactions()), ["user", "model", "script", "script", "model", "answer"]);
    assert_valid(&told.requests());
}

#[test]
fn a_reply_that_cannot_be_used_is_mended_or_ends_the_turn() {
    let empty = Reply::default;
    let cut = Reply { text: "```js\nawait tools.p".to_owned(), stop: Stop::Length, ..Reply::default() };
    let told = told(Scripted::new().reply(empty()).reply(cut).text("Here I am."));
    assert_eq!(told.run("Hello?").answer, Answer::Text("Here I am.".to_owned()));
    assert!(told.last_message().contains("cut off at its maximum length"), "{}", told.last_message());

    let told = super::told(Scripted::new().reply(empty()).reply(empty()).reply(empty()).text("too late"));
    let failure = told.fail("Hello?");
    assert!(matches!(failure.error, AgentError::InvalidResponse { replies: 3, .. }), "{:?}", failure.error);
    assert_eq!(
        failure.to_string(),
        "the model gave 3 replies in a row that could not be used; the last: Your reply was empty. Run a script, or answer in \
         plain text."
    );
}

#[test]
fn a_refusal_of_the_model_is_no_answer() {
    let refused = Reply { text: "I will not.".to_owned(), stop: Stop::Refused, ..Reply::default() };
    let told = told(Scripted::new().reply(refused));
    let failure = told.fail("Do it");
    assert_eq!(failure.error.kind(), "provider_refused");
    assert_eq!(failure.to_string(), "the provider refused: I will not.");
    assert_eq!(failure.spent.iterations, 1);
}

#[derive(Debug, PartialEq, Deserialize, schemars::JsonSchema)]
struct Invoice {
    number: String,
    total: f64,
}

#[test]
fn a_typed_answer_is_checked_and_mended() {
    let model =
        Scripted::new().script("finish({ number: 7 })").text("It is 7.").script("finish({ number: '7', total: 9.5 })");
    let told = told(model);
    let (invoice, output) =
        super::block_on(told.agent.run_typed::<Invoice>(Turn::new("Which?"))).expect("the third reply fits");
    assert_eq!(invoice, Invoice { number: "7".to_owned(), total: 9.5 });
    assert_eq!(output.spent.iterations, 3);
    let requests = told.requests();
    assert!(requests[0].system.contains("\"required\":[\"number\",\"total\"]"), "{}", requests[0].system);
    let said: Vec<String> = requests.iter().map(|request| format!("{:?}", request.messages.last())).collect();
    assert!(
        said[1].contains("the value: \\\"total\\\" is a required property; `number`: 7 is not of type \\\"string\\\""),
        "{}",
        said[1]
    );
    assert!(said[2].contains("it is a text; end the task with `finish(value)`"), "{}", said[2]);
    assert_valid(&requests);
}

#[test]
fn a_typed_answer_that_is_never_mended_ends_the_turn() {
    let told = told(Scripted::new().script("finish(1)").script("finish(2)").script("finish(3)").script("finish(4)"));
    let failure =
        super::block_on(told.agent.run_typed::<Invoice>(Turn::new("Which?"))).expect_err("a number is no invoice");
    assert_eq!(failure.error.kind(), "invalid_answer");
    assert_eq!(failure.spent.iterations, 3);
}

#[test]
fn the_prompt_is_the_same_byte_for_byte_and_in_the_order_of_names() {
    let prompt = |reversed: bool| {
        let mut tools = Tools::new().all();
        if reversed {
            tools.reverse();
        }
        let agent =
            Agent::builder(Scripted::new()).tools(tools).system("Be brief.").build().expect("the agent is good");
        agent.system_prompt(&[("Date".to_owned(), "2026-03-01".to_owned())])
    };
    assert_eq!(prompt(false), prompt(true));
    let prompt = prompt(false);
    assert!(
        prompt.starts_with("Be brief.\n\nYou act by writing") && prompt.ends_with("## Date\n\n2026-03-01"),
        "{prompt}"
    );
    assert!(prompt.contains("Adds two numbers.") && !prompt.contains("Ends the task."), "{prompt}");
}

/// 2,000 tools are under 1,500 tokens of prompt; four bytes are about one token.
#[test]
fn many_tools_are_looked_for_instead_of_declared() {
    let tool = |number: u32| {
        let name = format!("server{}.tool_{number}", number % 40);
        Tool::instant(&name, "Does a thing.", |_: Value| Ok::<_, String>(0)).expect("the tool is good")
    };
    let agent = |count: u32| {
        let agent = Agent::builder(Scripted::new()).tools((0..count).map(tool)).build().expect("the agent is good");
        agent.system_prompt(&[])
    };
    let many = agent(2_000);
    assert!(many.len() < 4 * 1_500 && many.contains("$search") && many.contains("tools.server7 // 50: "), "{many}");
    let few = agent(20);
    assert!(few.contains("tool_7(args") && !few.contains("$search"), "{few}");
}

#[test]
fn a_template_of_ones_own_is_used() {
    let template = agentloop::Template::new("{{tools}}\n{{how}}\nSpeak Latin.").expect("it has what it needs");
    let told = told_with(Scripted::new().text("Salve"), |builder| builder.template(template));
    told.run("Hi");
    assert!(told.requests()[0].system.ends_with("Speak Latin."));
}
