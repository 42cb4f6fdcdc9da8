//! Asking: what is asked, who waits, and what an answer does.

use crate::support::{Asker, echo, marked, policy, prepare, run_asking, value};
use agentloop_sandbox::{Effect, Tool};
use agentloop_tools::policy::{Answer, Ask, Governed, Must, Policy, Question, Rule};
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

fn amends(arguments: Value) -> Answer {
    Answer::Amend(arguments)
}

#[tokio::test]
async fn a_question_says_what_is_to_be_decided_and_why() {
    let governed = Governed::new(&policy([Rule::ask("mail.*")])).foreign([marked("mail.send", Effect::Destructive)]);
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    run_asking(&governed, asker.clone(), "await tools.mail.send({ to: 'me' })").await;
    let asked = asker.asked.lock().expect("nobody panicked");
    let [question] = asked.as_slice() else { panic!("one question: {asked:?}") };
    assert_eq!((question.id, question.tool.as_str(), question.effect), (0, "mail.send", Effect::Destructive));
    assert_eq!(question.arguments, json!({ "to": "me" }));
    assert_eq!(question.why, "rule 1 of the policy (`mail.*`) says to ask");
}

#[tokio::test]
async fn the_reason_of_a_refusal_can_be_caught() {
    let governed = Governed::new(&policy([Rule::ask("*")])).own([echo("t")]);
    let asker = Asker::new(|question| {
        let reason = question.arguments["why"].as_str().unwrap_or_default().to_owned();
        ready(Answer::Refuse(reason)).boxed()
    });
    let script = "[await tried(tools.t({ why: 'not on a Friday' })), await tried(tools.t({}))]";
    let expected =
        json!([["refused", "`t` was not called: not on a Friday"], ["refused", "`t` was not called: it was refused"]]);
    assert_eq!(run_asking(&governed, asker, script).await, expected);
}

/// The answer comes only after another call of the same script was made: if that one waited, nothing would ever end.
#[tokio::test]
async fn other_calls_go_on_while_one_waits_for_an_answer() {
    let go = Arc::new(Notify::new());
    let (waits, tells) = (Arc::clone(&go), go);
    let asker = Asker::new(move |_| {
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            Answer::Allow
        }
        .boxed()
    });
    let tell = Tool::new("tell", "Lets the asker answer.", move |_: Value| {
        tells.notify_one();
        ready(Ok::<_, String>("told"))
    });
    let governed = Governed::new(&policy([Rule::ask("t")])).own([echo("t"), tell.expect("the tool is good")]);
    let script = "
        const order = [];
        const asked = tools.t({}).then(() => order.push('asked'));
        order.push(await tools.tell({}));
        await asked;
        order";
    assert_eq!(run_asking(&governed, asker, script).await, json!(["told", "asked"]));
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_call_does_not_run_while_somebody_thinks() {
    let rule = Rule::ask("t").time_max(Duration::from_millis(1));
    let governed = Governed::new(&policy([rule])).own([echo("t")]);
    let asker = Asker::new(|_| tokio::time::sleep(Duration::from_secs(10)).map(|()| Answer::Allow).boxed());
    assert_eq!(run_asking(&governed, asker, "await tools.t({ n: 1 })").await, json!({ "n": 1 }));
}

/// The call is made with what the answer says, and the report of the run has that too.
#[tokio::test]
async fn a_call_is_made_as_it_was_amended() {
    let governed = Governed::new(&policy([Rule::ask("t")])).own([echo("t")]);
    let asker = Asker::new(|_| ready(amends(json!({ "n": 2 }))).boxed());
    let run = prepare(&governed, "await tools.t({ n: 1 })").gate(governed.gate(asker.clone()));
    let outcome = run.finish().await.expect("the host is well");
    assert_eq!(value(&outcome), json!({ "n": 2 }));
    assert_eq!(outcome.calls[0].arguments.as_ref().map(|arguments| arguments.get()), Some(r#"{"n":2}"#));
    assert_eq!(asker.count(), 1);
}

/// Rules that deny and their constraints hold for what was amended; rules that ask do not ask again; limits count it.
#[tokio::test]
async fn an_amended_call_is_judged_once_more() {
    let is = |n: i32| Must::Equal(json!(n));
    let rules = [
        Rule::deny("t").when("/n", is(0)),
        Rule::allow("t").when("/n", is(1)).calls_per_run(1),
        Rule::ask("t").when("/n", is(2)).calls_per_run(1),
        Rule::ask("t").when("/n", is(3)),
    ];
    let governed = Governed::new(&policy(rules)).own([echo("t")]);
    let asker = Asker::new(|question| ready(amends(question.arguments["to"].clone())).boxed());
    let script = "
        const to = async (n, extra) => { const got = await tried(tools.t({ n: 3, to: { n, ...extra } })); return got.n ?? got };
        [await to(3), await to(2), await to(2), await to(1), await to(1), await to(0), await to('2')]";
    let refused =
        |reason: &str| json!(["refused", format!("`t` was not called: with the amended arguments, {reason}")]);
    let over = |rule: u32| {
        refused(&format!("rule {rule} of the policy (`t`) allows 1 call per run, and no more are left: do without"))
    };
    let denied = "rule 1 of the policy (`t`) denies it; rule 2 of the policy (`t`) allows it on these terms: `/n` must be `1`; rule \
                  3 of the policy (`t`) asks about it on these terms: `/n` must be `2`; rule 4 of the policy (`t`) asks about it on \
                  these terms: `/n` must be `3`";
    let none =
        denied.replace("rule 1 of the policy (`t`) denies it", "no rule of the policy allows it with these arguments");
    let expected = json!([3, 2, over(3), 1, over(2), refused(denied), refused(&none)]);
    assert_eq!(run_asking(&governed, asker.clone(), script).await, expected);
    assert_eq!(asker.count(), 7);
}

#[tokio::test]
async fn amended_arguments_must_match_the_schema() {
    let governed = Governed::new(&policy([Rule::ask("t")])).own([echo("t")]);
    let asker = Asker::new(|_| ready(amends(json!({ "n": "two" }))).boxed());
    let kind = run_asking(&governed, asker, "(await tried(tools.t({ n: 1 })))[0]").await;
    assert_eq!(kind, json!("invalid_arguments"));
}

/// Panics when it is asked, or when its answer is waited for.
struct Broken;

impl Ask for Broken {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        assert_ne!(question.arguments["n"], 1, "this asker is broken");
        async move {
            tokio::task::yield_now().await;
            assert_ne!(question.arguments["n"], 2, "this asker is broken");
            Answer::Allow
        }
        .boxed()
    }
}

#[tokio::test]
async fn an_asker_that_panics_refuses_and_takes_no_place() {
    let governed = Governed::new(&policy([Rule::ask("t").calls_per_run(1)])).own([echo("t")]);
    let script = "[await tried(tools.t({ n: 1 })), await tried(tools.t({ n: 2 })), await tried(tools.t({ n: 3 }))]";
    let failed = json!(["refused", "`t` was not called: whoever was to be asked failed: do without it"]);
    assert_eq!(run_asking(&governed, Arc::new(Broken), script).await, json!([failed, failed, { "n": 3 }]));
}

#[tokio::test]
async fn a_question_is_dropped_with_its_run() {
    struct Dropped(Arc<Mutex<u32>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            *self.0.lock().expect("nobody panicked") += 1;
        }
    }
    let dropped = Arc::new(Mutex::new(0));
    let count = Arc::clone(&dropped);
    let asker = Asker::new(move |_| {
        let guard = Dropped(Arc::clone(&count));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Answer::Allow
        }
        .boxed()
    });
    let governed = Governed::new(&Policy::default()).foreign([echo("t")]).own([echo("other")]);
    // The script does not wait for it.
    assert_eq!(run_asking(&governed, asker.clone(), "void tools.t({}); await tools.other({})").await, json!({}));
    assert_eq!((asker.count(), *dropped.lock().expect("nobody panicked")), (1, 1));
}
