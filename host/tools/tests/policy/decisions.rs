//! Which rule decides, what is decided if none does, and what is known before any call.

use crate::support::{Asker, echo, marked, policy, prepare, run, run_asking, value};
use agentloop_sandbox::{Call, Effect, Tool, ToolFailure};
use agentloop_tools::policy::{Answer, Decision, Governed, Must, Nobody, Policy, Rule};
use futures_util::future::{FutureExt as _, ready};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn below(folder: &str) -> Must {
    Must::BeBelow(folder.to_owned())
}

#[tokio::test]
async fn a_rule_allows_denies_or_asks() {
    let rules = [
        Rule::allow("a.*"),
        Rule::ask("b.*"),
        Rule::deny("c.*").when("/n", Must::BeBetween { min: Some(2.0), max: None }),
    ];
    let governed = Governed::new(&policy(rules)).foreign(["a.x", "b.x"].map(echo)).own([echo("c.x")]);
    let script =
        "[await tried(tools.a.x({ n: 1 })), await tried(tools.b.x({ n: 1 })), await tried(tools.c.x({ n: 1 })),
        await tried(tools.c.x({ n: 2 }))]";
    let denied = "`c.x` was not called: rule 3 of the policy (`c.*`) denies it: do without it";
    let nobody = "`b.x` was not called: rule 2 of the policy (`b.*`) says to ask, and nobody is there to be asked; whoever starts \
                  this can allow it by a rule of the policy for `b.x`";
    let refused = |message: &str| json!(["refused", message]);
    let made = json!({ "n": 1 });
    assert_eq!(run(&governed, script).await, json!([made, refused(nobody), made, refused(denied)]));
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    assert_eq!(run_asking(&governed, asker.clone(), script).await, json!([made, made, made, refused(denied)]));
    assert_eq!(asker.count(), 1);
}

#[tokio::test]
async fn the_first_rule_that_matches_decides() {
    let rules = [Rule::allow("files.read"), Rule::deny("files.*"), Rule::allow("*")];
    let governed =
        Governed::new(&policy(rules)).foreign(["files.read", "files.reader", "files.a.b", "Files.x"].map(echo));
    let left: Vec<String> = governed.tools().iter().map(|tool| tool.name().to_string()).collect();
    assert_eq!(left, ["Files.x", "files.read"]);
    assert_eq!(run(&governed, "[await tools.files.read({}), await tools.Files.x({})]").await, json!([{}, {}]));
}

#[tokio::test]
async fn without_a_rule_foreign_tools_that_may_change_something_are_asked_about() {
    let effects = [Effect::ReadOnly, Effect::Additive, Effect::Destructive, Effect::Unmarked];
    let named = |origin: &str| effects.map(|effect| marked(&format!("{origin}.{}", effect.name()), effect));
    let governed = Governed::new(&Policy::default()).own(named("own")).foreign(named("foreign"));
    let script = "
        const made = async (tool) => (await tried(tool({}))).length === 2 ? 'refused' : 'made';
        const of = (tools) => Promise.all([tools.read_only, tools.additive, tools.destructive, tools.unmarked].map(made));
        [await of(tools.own), await of(tools.foreign)]";
    let expected = json!([["made", "made", "made", "made"], ["made", "refused", "refused", "refused"]]);
    assert_eq!(run(&governed, script).await, expected);
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    run_asking(&governed, asker.clone(), script).await;
    let mut why: Vec<_> = asker.asked.lock().expect("nobody panicked").iter().map(|asked| asked.why.clone()).collect();
    why.sort();
    let expected = [
        "its source is foreign and does not say what calling it may do",
        "its source is foreign and says that it adds something",
        "its source is foreign and says that it may change or remove something",
    ];
    assert_eq!(why, expected);
}

/// The example in the documentation of the module.
#[tokio::test]
async fn an_allow_rule_with_constraints_confines_its_tools() {
    let rules = [
        Rule::allow("files.read").when("/path", below("notes")),
        Rule::ask("files.read").when("/path", below("letters")),
        Rule::allow("*"),
    ];
    let governed = Governed::new(&policy(rules)).own(["files.read", "files.list"].map(echo));
    let script = "
        const read = async (path) => (await tried(tools.files.read({ path }))).path ?? 'refused';
        [await tools.files.list({ path: 'etc' }), await Promise.all(['notes/a', 'letters/b', 'etc/c', undefined].map(read))]";
    assert_eq!(run(&governed, script).await, json!([{ "path": "etc" }, ["notes/a", "refused", "refused", "refused"]]));
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    let expected = json!([{ "path": "etc" }, ["notes/a", "letters/b", "refused", "refused"]]);
    assert_eq!(run_asking(&governed, asker, script).await, expected);

    let message = run(&governed, "(await tried(tools.files.read({ path: 'etc/c' })))[1]").await;
    let expected = "`files.read` was not called: no rule of the policy allows it with these arguments; rule 1 of the policy \
                    (`files.read`) allows it on these terms: `/path` must be a path below `notes`; rule 2 of the policy \
                    (`files.read`) asks about it on these terms: `/path` must be a path below `letters`";
    assert_eq!(message, expected);
}

#[tokio::test]
async fn a_default_that_asks_still_asks_where_a_constraint_does_not_hold() {
    let rules = [Rule::allow("t").when("/n", Must::Equal(json!(1))), Rule::allow("*")];
    let governed = Governed::new(&policy(rules)).foreign([echo("t"), echo("other")]);
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    let script = "[await tools.t({ n: 1 }), await tools.t({ n: 2 }), await tools.other({})]";
    assert_eq!(run_asking(&governed, asker.clone(), script).await, json!([{ "n": 1 }, { "n": 2 }, {}]));
    let asked: Vec<_> =
        asker.asked.lock().expect("nobody panicked").iter().map(|asked| asked.arguments.clone()).collect();
    assert_eq!(asked, [json!({ "n": 2 })]);
}

#[tokio::test]
async fn rules_with_constraints_are_alternatives_and_all_of_one_must_hold() {
    let rules = [
        Rule::allow("t").when("/a", Must::Equal(json!(1))).when("/b", Must::Equal(json!(1))),
        Rule::allow("t").when("/a", Must::Equal(json!(2))),
    ];
    let governed = Governed::new(&policy(rules)).foreign([marked("t", Effect::ReadOnly)]);
    let script = "
        const made = async (value) => !Array.isArray(await tried(tools.t(value)));
        await Promise.all([{ a: 1, b: 1 }, { a: 2 }, { a: 1 }, { b: 1 }, {}, { a: 2, b: 3 }].map(made))";
    assert_eq!(run(&governed, script).await, json!([true, true, false, false, false, true]));
}

#[tokio::test]
async fn a_rule_that_asks_or_denies_by_constraints_leaves_the_rest_to_what_follows() {
    let rules = [Rule::deny("t").when("/path", below("keys")), Rule::allow("t")];
    let governed = Governed::new(&policy(rules)).foreign([echo("t")]);
    let script = "
        const made = async (path) => !Array.isArray(await tried(tools.t({ path })));
        await Promise.all(['keys/a', 'notes/../keys/a', 'notes/a', '../keys/a', ['keys/a'], undefined].map(made))";
    assert_eq!(run(&governed, script).await, json!([false, false, true, false, false, true]));
    let message = run(&governed, "(await tried(tools.t({ path: '../keys/a' })))[1]").await;
    let expected = "`t` was not called: rule 1 of the policy (`t`) denies it, as `/path` is not plain enough to see that the rule \
                    does not apply";
    assert_eq!(message, expected);
}

#[tokio::test]
async fn a_tool_that_is_always_denied_is_not_there() {
    let rules = [Rule::deny("a").when("/n", Must::Equal(json!(1))), Rule::deny("a"), Rule::deny("b")];
    let governed = Governed::new(&policy(rules)).own(["a", "b", "c"].map(echo));
    assert_eq!(run(&governed, "Object.keys(tools)").await, json!(["c"]));
    let left_out: Vec<bool> = governed.standings().map(|standing| standing.is_left_out).collect();
    assert_eq!(left_out, [true, true, false]);
}

#[tokio::test]
async fn a_tool_that_is_not_under_the_policy_is_refused() {
    let (all, some) = (
        Governed::new(&Policy::default()).own(["a", "b"].map(echo)),
        Governed::new(&Policy::default()).own([echo("a")]),
    );
    let run = prepare(&all, "[await tried(tools.a({})), await tried(tools.b({}))]").gate(some.gate(Arc::new(Nobody)));
    let refused = "`b` was not called: it is not under the policy of this run: do without it";
    assert_eq!(value(&run.finish().await.expect("the host is well")), json!([{}, ["refused", refused]]));
}

#[tokio::test]
async fn prices_and_times_are_those_of_the_first_rule_that_has_them() {
    let hangs =
        Tool::untyped("hangs", "Never answers.", json!({}), |_: Call| std::future::pending::<Result<_, ToolFailure>>());
    let rules = [
        Rule::allow("priced").fuel_price(1_000_000),
        Rule::allow("*").fuel_price(7).time_max(Duration::from_millis(1)),
    ];
    let free = Governed::new(&Policy::default()).own([echo("priced"), echo("other")]);
    let governed = Governed::new(&policy(rules)).own([echo("priced"), echo("other"), hangs.expect("the tool is good")]);
    let script = "await tools.priced({}); await tools.other({})";
    let mut fuel = Vec::new();
    for governed in [&free, &governed] {
        let outcome = prepare(governed, script).gate(governed.gate(Arc::new(Nobody))).finish().await;
        fuel.push(outcome.expect("the host is well").calls.iter().map(|call| call.fuel).collect::<Vec<_>>());
    }
    assert_eq!([fuel[1][0] - fuel[0][0], fuel[1][1] - fuel[0][1]], [1_000_000, 7]);
    let timeout = json!(["timeout", "`hangs` did not answer within 1 ms"]);
    assert_eq!(run(&governed, "await tried(tools.hangs({}))").await, timeout);
}

#[test]
fn standings_say_what_becomes_of_calls() {
    let rules = [
        Rule::deny("a.x").when("/n", Must::Equal(json!(1))),
        Rule::allow("a.*").when("/p", below("/srv")).when("/u", Must::BeOnHost("*.example.com".to_owned())),
        Rule::ask("b.*"),
    ];
    let governed = Governed::new(&policy(rules)).own([echo("a.x")]).foreign([echo("b.x"), echo("c")]);
    let standings = serde_json::to_value(governed.standings().collect::<Vec<_>>()).expect("they are JSON");
    let when = ["`/p` must be a path below `/srv`", "`/u` must be a URL on the host `*.example.com`"];
    let expected = json!([
        { "tool": "a.x", "origin": "own", "effect": "unmarked", "otherwise": "deny", "rule": null,
          "why": "no rule of the policy allows it with these arguments", "is_left_out": false, "cases": [
            { "rule": 1, "decision": "deny", "when": ["`/n` must be `1`"] }, { "rule": 2, "decision": "allow", "when": when }] },
        { "tool": "b.x", "origin": "foreign", "effect": "unmarked", "otherwise": "ask", "rule": 3,
          "why": "rule 3 of the policy (`b.*`) says so", "is_left_out": false, "cases": [] },
        { "tool": "c", "origin": "foreign", "effect": "unmarked", "otherwise": "ask", "rule": null,
          "why": "its source is foreign and does not say what calling it may do", "is_left_out": false, "cases": [] },
    ]);
    assert_eq!(standings, expected);
}

#[test]
fn a_rule_that_cannot_be_enforced_is_refused_with_its_number() {
    let why = |rule: Rule| {
        let error = Policy::new([Rule::allow("*"), rule]).expect_err("it is refused").to_string();
        error.strip_prefix("rule 2 of the policy (`t`) cannot be enforced: ").map(ToOwned::to_owned).unwrap_or(error)
    };
    let nothing = "it lets no call through: deny it instead";
    assert_eq!(why(Rule::allow("t").calls_per_run(0)), nothing);
    assert_eq!(why(Rule::ask("t").calls_per_minute(0)), nothing);
    assert_eq!(why(Rule::ask("t").calls_per_minute(10_001)), "at most 10000 calls per minute can be counted");
    let both = "it denies, and has a limit of calls: leave one of them out";
    assert_eq!(why(Rule::deny("t").calls_per_run(1)), both);
    assert_eq!(why(Rule::allow("t").time_max(Duration::ZERO)), "no call ends within no time: give it at least 1 ms");
    assert_eq!(
        why(Rule::allow("t").when("", Must::OneOf(Vec::new()))),
        "there is no value that `` may be: name at least one"
    );
    let many = (0..33).fold(Rule::allow("t"), |rule, _| rule.when("", Must::Equal(Value::Null)));
    assert_eq!(why(many), "a rule has at most 32 constraints");
    let long: Vec<Rule> = (0..1_001).map(|_| Rule::allow("t")).collect();
    let error = Policy::new(long).expect_err("it is refused").to_string();
    assert_eq!(error, "rule 1001 of the policy (`t`) cannot be enforced: a policy has at most 1000 rules");
}

#[test]
fn a_decision_reads_as_configurations_have_it() {
    let names = [Decision::Allow, Decision::Ask, Decision::Deny].map(|decision| json!(decision));
    assert_eq!(names, [json!("allow"), json!("ask"), json!("deny")]);
}
