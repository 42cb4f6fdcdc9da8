//! What a whole turn may spend: hard, to the unit where it can be counted.

use super::{kind_of, told_with};
use agentloop::{AgentError, Answer, Budgets, Prices, Reply, Scripted, TokenUsage, Verdict};
use std::time::Duration;

/// A model that says these scripts, each reply for so many tokens.
fn metered(tokens: u64, scripts: usize) -> Scripted {
    (0..scripts).fold(Scripted::new(), |model, index| {
        let call = agentloop::NativeCall {
            id: format!("c{index}"),
            name: agentloop::RUN_JS.to_owned(),
            arguments: serde_json::json!({ "code": format!("return await tools.add({{ x: {index}, y: 1 }})") }),
        };
        let usage = TokenUsage { input: tokens / 2, output: tokens - tokens / 2, cached: 0 };
        model.reply(Reply { calls: vec![call], usage, ..Reply::default() })
    })
}

fn fails(budgets: Budgets, model: Scripted) -> (String, String, agentloop::Spent) {
    let prices = Prices { input: 1.0, cached: 0.1, output: 1.0 };
    let told = told_with(model, |builder| builder.budgets(budgets).prices(prices));
    let failure = told.fail("Go on");
    (kind_of(&failure), failure.to_string(), failure.spent)
}

#[test]
fn iterations() {
    let (kind, text, spent) = fails(Budgets { iterations_max: 3, ..Budgets::default() }, metered(1, 9));
    assert_eq!(kind, "max_iterations");
    assert_eq!(text, "no answer after 3 replies; allow more with `iterations_max`");
    assert_eq!(spent.iterations, 3);
    // The last reply that is allowed may be the answer.
    let told = told_with(metered(1, 2).text("done"), |builder| builder.iterations_max(3));
    assert_eq!(told.run("Go on").answer, Answer::Text("done".to_owned()));
}

#[test]
fn tokens() {
    let (kind, text, spent) = fails(Budgets { tokens_max: Some(250), ..Budgets::default() }, metered(100, 9));
    assert_eq!(
        (kind.as_str(), text.as_str()),
        ("budget", "the budget of the turn is used up: 300 of 250 tokens are used")
    );
    assert_eq!((spent.iterations, spent.tokens.total()), (3, 300));
}

#[test]
fn money() {
    let budgets = Budgets { cost_max: Some(0.0002), ..Budgets::default() };
    let (kind, text, spent) = fails(budgets, metered(100, 9));
    assert_eq!(
        (kind.as_str(), text.as_str()),
        ("budget", "the budget of the turn is used up: 0.0002 of 0.0002 are spent")
    );
    assert_eq!(spent.iterations, 2);
}

#[test]
fn tool_calls_hold_inside_a_script_as_well() {
    let budgets = || Budgets { tool_calls_max: Some(3), ..Budgets::default() };
    let (kind, text, _) = fails(budgets(), metered(1, 9));
    assert_eq!(
        (kind.as_str(), text.as_str()),
        ("budget", "the budget of the turn is used up: 3 of 3 tool calls are used")
    );
    // A script that would make more is stopped at the one too many.
    let script = "for (let i = 0; i < 9; i++) await tools.add({ x: i, y: 0 })";
    let (_, _, spent) = fails(budgets(), Scripted::new().script(script).text("never asked"));
    assert_eq!(spent.tool_calls, 3);
}

#[test]
fn fuel_holds_over_all_scripts() {
    let script = |n: u32| format!("let s = 0; for (let i = 0; i < 200_000; i++) s += i; return {n}");
    let loops = |count| (0..count).fold(Scripted::new(), |model, n| model.script(script(n)));
    let once = told_with(loops(1).text("done"), |builder| builder).run("Go on").spent.fuel;
    let budgets = Budgets { fuel_max: Some(once * 5 / 2), ..Budgets::default() };
    let (kind, text, spent) = fails(budgets, loops(5));
    assert_eq!(kind, "budget");
    assert!(text.ends_with("fuel are used"), "{text}");
    assert_eq!((spent.fuel, spent.iterations), (once * 5 / 2, 3));
}

#[test]
fn wall_time_ends_a_script_that_waits() {
    let model =
        Scripted::new().script("await new Promise((resolve) => setTimeout(resolve, 60_000))").text("never asked");
    let budgets = Budgets { wall_time_max: Duration::from_secs(5), ..Budgets::default() };
    let told = told_with(model, |builder| builder.budgets(budgets));
    let failure = told.fail("Wait");
    assert!(matches!(failure.error, AgentError::Budget { budget: "wall time", .. }), "{:?}", failure.error);
    assert_eq!(failure.to_string(), "the budget of the turn is used up: the turn took longer than 5 s");
}

#[test]
fn whoever_is_asked_may_take_time() {
    let budgets = Budgets { wall_time_max: Duration::from_secs(5), ..Budgets::default() };
    let asking = |script: &str| {
        let model = Scripted::new().script(script).text("done");
        told_with(model, |builder| {
            builder.budgets(budgets.clone()).gate(|_| async {
                tokio::time::sleep(Duration::from_secs(3_600)).await;
                Verdict::Allow
            })
        })
    };
    let both =
        "await Promise.all([tools.add({ x: 1, y: 2 }), tools.add({ x: 3, y: 4 })]); await tools.add({ x: 1, y: 1 })";
    assert_eq!(asking(both).run("Add").answer, Answer::Text("done".to_owned()));
    // Time that the script takes by itself still counts.
    let waits = "await tools.add({ x: 1, y: 2 }); await new Promise((resolve) => setTimeout(resolve, 60_000))";
    let failure = asking(waits).fail("Add");
    assert!(matches!(failure.error, AgentError::Budget { budget: "wall time", .. }), "{:?}", failure.error);
}

#[test]
fn what_is_left_is_told() {
    let budgets = Budgets { iterations_max: 4, tokens_max: Some(1_000), tool_calls_max: Some(7), ..Budgets::default() };
    let told = told_with(metered(100, 1).text("done"), |builder| builder.budgets(budgets));
    told.run("Go on");
    assert!(
        told.last_message().ends_with("(Left: 3 more replies, 900 tokens, 6 tool calls.)"),
        "{}",
        told.last_message()
    );
}
