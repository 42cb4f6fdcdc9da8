//! How `agentloop mcp` asks whether a call may be made: by elicitation, by a result that asks for input, or by tools.

use crate::mcp_client::{Server, shop, text};
use serde_json::{Value, json};

const TWO_CALLS: &str = "const told = [];
    for (const id of [1, 2]) told.push(await tools.shop.price({ id }).catch((error) => error.message));
    return told";

const META: &str = "io.modelcontextprotocol";

fn call(name: &str, arguments: Value) -> Value {
    json!({ "name": name, "arguments": arguments })
}

fn names(server: &mut Server, params: Value) -> Vec<String> {
    let listed = server.ask("tools/list", params);
    let tools = listed["result"]["tools"].as_array().expect("a list");
    tools.iter().map(|tool| tool["name"].as_str().expect("it has a name").to_owned()).collect()
}

/// Answers what the server asks, until it has answered request `id`.
fn answer_all(server: &mut Server, id: u64, answers: &mut dyn Iterator<Item = Value>) -> (Vec<String>, Value) {
    let mut asked = Vec::new();
    loop {
        let message = server.next();
        if message["method"] == "elicitation/create" {
            asked.push(message["params"]["message"].as_str().expect("it says what for").to_owned());
            let result = answers.next().expect("there are as many questions as answers");
            server.say(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
        } else if message["id"] == id {
            return (asked, message);
        }
    }
}

#[test]
fn a_client_with_forms_asks_its_user() {
    let mut server = Server::start("asks_forms", &shop(), &["--ask", "shop.*"]);
    server.introduce_with(json!({ "elicitation": {} }));
    assert_eq!(names(&mut server, json!({})), ["execute", "search_tools", "describe_tool"]);
    let id = server.send("tools/call", call("execute", json!({ "code": TWO_CALLS })));
    let answers = [
        json!({ "action": "accept", "content": { "decision": "approve" } }),
        json!({ "action": "accept", "content": { "decision": "reject", "reason": "too dear" } }),
    ];
    let (asked, answer) = answer_all(&mut server, id, &mut answers.into_iter());
    let value = json!([40, "`shop.price` was not called: too dear"]);
    assert_eq!(answer["result"]["structuredContent"]["value"], value, "{answer}");
    assert!(asked[0].contains("tools.shop.price({\"id\":1})") && asked[0].contains("`shop.*`"), "{asked:?}");
    assert!(asked[1].contains("tools.shop.price({\"id\":2})"), "{asked:?}");
    // What is not clearly a yes is none.
    for no in [json!({ "action": "decline" }), json!({ "action": "cancel" }), json!({ "action": "accept" }), json!(7)] {
        let id = server.send("tools/call", call("execute", json!({ "code": "await tools.shop.price({ id: 1 })" })));
        let (_, answer) = answer_all(&mut server, id, &mut std::iter::once(no));
        assert_eq!(answer["result"]["structuredContent"]["status"], "threw", "{answer}");
    }
    assert_eq!(server.close().0, Some(0));
}

/// Evidence that the question is taken back: the client is told, with the id of its request.
#[test]
fn a_question_of_a_script_that_has_ended_is_taken_back() {
    let mut server = Server::start("asks_taken_back", &shop(), &["--ask", "shop.*"]);
    server.introduce_with(json!({ "elicitation": { "form": {} } }));
    let code = "tools.shop.price({ id: 1 }); await new Promise((done) => setTimeout(done, 500)); return 'ended'";
    let id = server.send("tools/call", call("execute", json!({ "code": code })));
    let (mut asked, mut withdrawn, mut ended) = (None, None, false);
    while !ended {
        let message = server.next();
        match message["method"].as_str() {
            Some("elicitation/create") => asked = Some(message["id"].clone()),
            Some("notifications/cancelled") => withdrawn = Some(message["params"]["requestId"].clone()),
            _ => ended = message["id"] == id,
        }
    }
    assert_eq!(withdrawn, asked);
    assert_eq!(server.execute("'lives'")["structuredContent"]["value"], "lives");
}

fn stateless(capabilities: &Value, mut params: Value) -> Value {
    params["_meta"] = json!({
        (format!("{META}/protocolVersion")): "2026-07-28",
        (format!("{META}/clientInfo")): { "name": "test", "version": "1" },
        (format!("{META}/clientCapabilities")): capabilities,
    });
    params
}

#[test]
fn a_client_of_the_new_version_comes_back_with_the_answers() {
    let mut server = Server::start("asks_input", &shop(), &["--ask", "shop.*"]);
    let forms = json!({ "elicitation": { "form": {} } });
    assert_eq!(names(&mut server, stateless(&forms, json!({}))).len(), 3);
    let request = |state: Option<&Value>, answers: Value| {
        let mut params = call("execute", json!({ "code": TWO_CALLS }));
        if let Some(state) = state {
            params["requestState"] = state.clone();
            params["inputResponses"] = answers;
        }
        stateless(&forms, params)
    };
    let first = server.ask("tools/call", request(None, Value::Null))["result"].clone();
    assert_eq!(first["resultType"], "input_required", "{first}");
    let state = &first["requestState"];
    let form = &first["inputRequests"]["call-0"];
    assert_eq!(form["method"], "elicitation/create", "{first}");
    let decision = &form["params"]["requestedSchema"]["properties"]["decision"];
    assert_eq!(decision, &json!({ "type": "string", "enum": ["approve", "reject"] }));

    // Another script, a state that was never given, and answers to nothing: none of them is leave.
    let mut other = stateless(&forms, call("execute", json!({ "code": "1" })));
    other["requestState"] = state.clone();
    assert_eq!(server.ask("tools/call", other)["error"]["message"], "`requestState` belongs to another script");
    let foreign = json!("0".repeat(32));
    let refused = server.ask("tools/call", request(Some(&foreign), json!({})));
    assert_eq!(refused["error"]["message"], "`requestState` names no script that waits");
    let yes = json!({ "action": "accept", "content": { "decision": "approve" } });
    let nothing = json!({ "call-7": yes, "call-x": yes, "__proto__": yes });
    let again = server.ask("tools/call", request(Some(state), nothing))["result"].clone();
    assert_eq!((&again["resultType"], &again["requestState"]), (&json!("input_required"), state));

    let second = server.ask("tools/call", request(Some(state), json!({ "call-0": yes })))["result"].clone();
    assert_eq!(
        second["inputRequests"].as_object().map(|requests| requests.keys().collect::<Vec<_>>()),
        Some(vec![&"call-1".to_owned()])
    );
    let last = server.ask("tools/call", request(Some(state), json!({ "call-1": { "action": "decline" } })));
    let value = json!([40, "`shop.price` was not called: whoever was asked said no"]);
    assert_eq!(last["result"]["structuredContent"]["value"], value, "{last}");
    let over = server.ask("tools/call", request(Some(state), json!({ "call-1": yes })));
    assert_eq!(over["error"]["message"], "`requestState` names no script that waits");
}

#[test]
fn a_client_without_forms_is_given_tools_to_answer_with() {
    let mut server = Server::new("asks_tools", &shop(), &["--ask", "shop.*"]);
    assert_eq!(names(&mut server, json!({})), ["execute", "search_tools", "describe_tool", "approve", "reject"]);
    let waiting = server.execute(TWO_CALLS);
    let structured = &waiting["structuredContent"];
    assert_eq!((&structured["status"], &waiting["isError"]), (&json!("waiting"), &json!(false)), "{waiting}");
    let question = &structured["questions"][0];
    assert_eq!(
        (&question["call"], &question["tool"], &question["arguments"]),
        (&json!(0), &json!("shop.price"), &json!({ "id": 1 }))
    );
    assert!(text(&waiting).contains("call 0: tools.shop.price({\"id\":1})"), "{waiting}");
    let run = &structured["run"];
    let mut answer = |name: &str, arguments: Value| server.ask("tools/call", call(name, arguments))["result"].clone();

    // Neither another script nor another call is meant.
    let unknown = answer("approve", json!({ "run": "nothing", "call": 0 }));
    assert_eq!(
        (&unknown["isError"], text(&unknown)),
        (&json!(true), "No such script waits: it has ended, or has waited too long, or was another one.")
    );
    let unknown = answer("approve", json!({ "run": run, "call": 1 }));
    assert_eq!(
        (&unknown["isError"], text(&unknown)),
        (&json!(true), "Call 1 of this script does not wait for an answer.")
    );

    // Amended arguments are looked at as the script's are.
    let second = answer("approve", json!({ "run": run, "call": 0, "arguments": { "id": 2 } }));
    assert_eq!(second["structuredContent"]["questions"][0]["call"], 1, "{second}");
    let last = answer("reject", json!({ "run": run, "call": 1, "reason": "too dear" }));
    assert_eq!(last["structuredContent"]["value"], json!([2, "`shop.price` was not called: too dear"]), "{last}");
    let over = answer("approve", json!({ "run": run, "call": 1 }));
    assert_eq!(over["isError"], true, "{over}");

    let schema = server.ask("tools/list", json!({}))["result"]["tools"][3]["outputSchema"].clone();
    assert!(jsonschema::validator_for(&schema).expect("it is a schema").is_valid(structured), "{structured}");
    assert_eq!(server.close().0, Some(0));
}

/// Two answers at the same time, as models call tools in parallel: each is told how the script ended, or what it waits for.
#[test]
fn parallel_questions_are_answered_in_any_order() {
    let mut server = Server::new("asks_parallel", &shop(), &["--ask", "shop.*"]);
    let code = "const prices = await Promise.all([1, 2].map((id) => tools.shop.price({ id }))); return prices";
    let waiting = server.execute(code);
    let run = waiting["structuredContent"]["run"].clone();
    let ids: Vec<u64> = [1, 0]
        .iter()
        .map(|number| server.send("tools/call", call("approve", json!({ "run": run, "call": number }))))
        .collect();
    let mut ends = Vec::new();
    while ends.len() < ids.len() {
        let message = server.next();
        if ids.iter().any(|id| message["id"] == *id) {
            ends.push(message["result"]["structuredContent"].clone());
        }
    }
    assert!(ends.iter().any(|end| end["value"] == json!([40, 2])), "{ends:?}");
    assert!(ends.iter().all(|end| end["value"] == json!([40, 2]) || end["status"] == "waiting"), "{ends:?}");
}

/// Without anything to ask about, nobody is offered tools to answer with.
#[test]
fn where_nothing_is_asked_there_is_nothing_to_approve() {
    let mut server = Server::new("asks_nothing", &shop(), &[]);
    assert_eq!(names(&mut server, json!({})), ["execute", "search_tools", "describe_tool"]);
    let failed = server.ask("tools/call", call("approve", json!({ "run": "x", "call": 0 })))["result"].clone();
    assert_eq!(failed["isError"], true);
    assert_eq!(server.execute("await tools.shop.price({ id: 1 })")["structuredContent"]["value"], 40);
}
