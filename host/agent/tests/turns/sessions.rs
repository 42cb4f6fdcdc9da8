//! Scripts of one conversation that share a realm.

use super::{block_on, told, told_with};
use agentloop::{Answer, Limits, Scripted, Turn};

#[test]
fn what_one_turn_declared_the_next_one_has() {
    let model = Scripted::new()
        .script("const sum = (...numbers) => numbers.reduce((x, y) => x + y, 0); let total = sum(1, 2)")
        .text("Noted.")
        .script("total = sum(total, 39); finish(total)");
    let told = told(model);
    let mut session = told.agent.session();
    let output = block_on(async {
        session.run(Turn::new("Remember 1 and 2")).await.expect("the turn is answered");
        session.run(Turn::new("And 39")).await.expect("the turn is answered")
    });
    assert_eq!(output.answer, Answer::Value(42.into()));
    assert_eq!(session.transcript(), &output.transcript);
    let system = &told.requests()[0].system;
    assert!(
        system.contains("is there in your next scripts") && !system.contains("Each script starts anew"),
        "{system}"
    );
}

#[test]
fn outside_of_a_session_each_script_starts_anew() {
    let model = Scripted::new().script("const total = 1").script("return typeof total").text("done");
    let told = told(model);
    told.run("Try");
    assert!(told.last_message().starts_with("The script returned:\n\"undefined\""), "{}", told.last_message());
}

#[test]
fn a_model_is_told_when_its_variables_are_gone() {
    let limits = Limits { fuel_max: 50_000_000, ..Limits::default() };
    let model = Scripted::new().script("const kept = 1").script("for (;;);").script("return typeof kept").text("done");
    let told = told_with(model, |builder| builder.limits(limits));
    let mut session = told.agent.session();
    block_on(session.run(Turn::new("Try"))).expect("the turn is answered");
    let requests = told.requests();
    let after_the_loop = format!("{:?}", requests[2].messages.last());
    assert!(
        after_the_loop.contains("What earlier scripts declared is gone: declare again what you need."),
        "{after_the_loop}"
    );
    assert!(told.last_message().starts_with("The script returned:\n\"undefined\""), "{}", told.last_message());
    assert!(!told.last_message().contains("is gone"), "{}", told.last_message());
}

#[test]
fn a_session_goes_on_after_a_turn_that_failed() {
    let model = Scripted::new().script("const kept = 7").script("return kept").script("finish(kept)");
    let told = told_with(model, |builder| builder.iterations_max(2));
    let mut session = told.agent.session();
    let output = block_on(async {
        let failure = session.run(Turn::new("Try")).await.expect_err("two replies are not enough");
        assert_eq!(failure.error.kind(), "max_iterations");
        session.run(Turn::new("Again")).await.expect("the turn is answered")
    });
    assert_eq!(output.answer, Answer::Value(7.into()));
}

#[test]
fn a_session_gives_typed_answers() {
    let told = told(Scripted::new().script("const n = 20").text("ok").script("finish(n + 1)"));
    let mut session = told.agent.session();
    let (number, _) = block_on(async {
        session.run(Turn::new("n is 20")).await.expect("the turn is answered");
        session.run_typed::<u32>(Turn::new("One more")).await.expect("the turn is answered")
    });
    assert_eq!(number, 21);
}
