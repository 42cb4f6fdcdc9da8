//! A script that is mended and run again: what was done is not done again, what nobody knows is not guessed.

use agentloop_sandbox::{
    Answers, CallStatus, Effect, Limits, Outcome, RecordedCall, Run, Sandbox, Tool, Toolbox, Verdict,
};
use agentloop_tests::{block_on, engine};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// `pay` answers late, `charge` at once, `put` is idempotent; each counts. `count` reads how many there were.
struct World {
    acts: Arc<AtomicU32>,
    sandbox: Sandbox,
}

fn world() -> World {
    let acts = Arc::new(AtomicU32::new(0));
    let count = |by: u32| {
        let acts = Arc::clone(&acts);
        move || acts.fetch_add(by, Ordering::SeqCst) + by
    };
    let (pay, charge, put, read) = (count(1), count(1), count(1), count(0));
    let tools = [
        Tool::new("pay", "", move |_: Value| std::future::ready(Ok::<_, String>(pay()))),
        Tool::instant("charge", "", move |_: Value| Ok::<_, String>(charge())),
        Tool::new("put", "", move |_: Value| std::future::ready(Ok::<_, String>(put()))).map(|tool| tool.idempotent(1)),
        Tool::instant("count", "", move |_: Value| Ok::<_, String>(read())).map(|tool| tool.marked(Effect::ReadOnly)),
        Tool::untyped("hang", "", json!({}), |_| std::future::pending()),
    ];
    let toolbox = Toolbox::new(tools.map(|tool| tool.expect("it is a tool"))).expect("they fit");
    World { acts, sandbox: engine().sandbox(toolbox, Limits::default()).expect("the limits can be enforced") }
}

impl World {
    fn acts(&self) -> u32 {
        self.acts.load(Ordering::SeqCst)
    }

    fn run(&self, script: &str) -> Outcome {
        finish(self.sandbox.prepare(script))
    }

    fn mended(&self, script: &str, answers: &Answers) -> Value {
        finish(self.sandbox.prepare(script).answers(answers.clone())).value().expect("it finishes").expect("it is JSON")
    }
}

fn finish(run: Run) -> Outcome {
    block_on(run.finish()).expect("the host is well")
}

#[test]
fn the_same_calls_get_the_same_answers_and_others_are_made() {
    let world = world();
    let broken = world.run(
        "await tools.pay({ a: 1, b: { c: 2, ['__proto__']: 3 } }); await tools.pay({ a: 1, b: { c: 2, ['__proto__']: 3 } });
         await tools.charge([1]); oops()",
    );
    let answers = Answers::of(&broken.calls);
    assert_eq!((world.acts(), answers.count(), answers.in_doubt()), (3, 3, Vec::new()));
    let mended = "return [await tools.pay({ b: { ['__proto__']: 3, c: 2 }, a: 1 }), await tools.pay({ a: 1, b: { c: 2, ['__proto__']: 3 } }),
        await tools.charge([1]), await tools.charge([2]), await tools.pay({ a: 1, b: { c: 2, ['__proto__']: 3 } })]";
    assert_eq!(world.mended(mended, &answers), json!([1, 2, 3, 4, 5]));
    assert_eq!(world.acts(), 5);
}

#[test]
fn what_was_read_before_something_changed_is_read_again() {
    let world = world();
    let broken = world.run("await tools.count({}); await tools.pay({}); await tools.count({}); oops()");
    let answers = Answers::of(&broken.calls);
    // As it was, and as it is after one more.
    let same = "return [await tools.count({}), await tools.pay({}), await tools.count({})]";
    assert_eq!(world.mended(same, &answers), json!([0, 1, 1]));
    let more =
        "return [await tools.count({}), await tools.pay({}), await tools.pay({ more: 1 }), await tools.count({})]";
    assert_eq!(world.mended(more, &answers), json!([0, 1, 2, 2]));
    // The first read was before the payment: it is of no use after it.
    let later = "return [await tools.pay({}), await tools.count({})]";
    assert_eq!(world.mended(later, &answers), json!([1, 2]));
}

#[test]
fn a_call_in_doubt_is_refused_however_often_and_an_idempotent_one_is_made_again() {
    let world = world();
    let broken = world.run(
        "tools.hang({ n: 1 }); await tools.pay({}); setTimeout(() => 0, 1); await new Promise((done) => setTimeout(done, 2)); oops()",
    );
    assert!(broken.calls[0].has_begun && matches!(broken.calls[0].status, CallStatus::Cancelled));
    let mut answers = Answers::of(&broken.calls);
    let doubt = RecordedCall { run: String::new(), id: 0 };
    assert_eq!((answers.count(), answers.in_doubt()), (1, vec![doubt.clone()]));
    let script = "const twice = []; for (const _ of [1, 2]) twice.push(await tools.hang({ n: 1 }).catch((error) => error.message));
        return [...twice, await tools.pay({})]";
    let value = world.mended(script, &answers);
    let message = "`hang` was not called: it was called before with these arguments, as call 0 of a run that was stopped, and nobody \
                   knows whether it happened; find out before it is called again";
    assert_eq!(value, json!([message, message, 1]));
    let mut answered = answers.clone();
    let result = || serde_json::value::to_raw_value("by hand").expect("it is JSON");
    assert!(answered.answer(&doubt, result()) && !answered.answer(&doubt, result()));
    assert_eq!((answered.count(), answered.in_doubt()), (2, Vec::new()));
    assert_eq!(world.mended("return await tools.hang({ n: 1 })", &answered), json!("by hand"));
    assert!(answers.repeat(&doubt) && !answers.repeat(&doubt));
    assert_eq!((answers.count(), answers.in_doubt()), (1, Vec::new()));
}

#[test]
fn an_amended_call_is_known_by_what_the_script_asked_for() {
    let world = world();
    let run = world.sandbox.prepare("await tools.pay({ amount: 100 }); oops()");
    let broken = finish(run.gate(|_| async { Verdict::Amend(json!({ "amount": 50 })) }));
    assert_eq!(broken.calls[0].arguments.as_ref().unwrap().get(), r#"{"amount":50}"#);
    assert_eq!(broken.calls[0].asked.as_ref().unwrap().get(), r#"{"amount":100}"#);
    let answers = Answers::of(&broken.calls);
    assert_eq!(world.mended("return await tools.pay({ amount: 100 })", &answers), json!(1));
    assert_eq!(
        world.mended("return await tools.pay({ amount: 50 })", &answers),
        json!(2),
        "this one was never asked for"
    );
}

#[test]
fn a_result_that_was_not_kept_is_not_fetched_by_doing_it_again() {
    let world = world();
    let limits = Limits { report_bytes_max: 2, ..Limits::default() };
    let sandbox = engine().sandbox(world.sandbox.toolbox().clone(), limits).expect("the limits can be enforced");
    let broken = finish(sandbox.prepare("await tools.pay({}); oops()"));
    assert!(matches!(broken.calls[0].status, CallStatus::Succeeded(None)));
    let script = "return await tools.pay({}).catch((error) => error.kind)";
    assert_eq!(world.mended(script, &Answers::of(&broken.calls)), json!("refused"));
    assert_eq!(world.acts(), 1);
}
