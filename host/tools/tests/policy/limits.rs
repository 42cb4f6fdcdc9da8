//! Calls per run and per minute. The clock is paused: it moves when everything waits, or when it is told to.

use crate::support::{Asker, echo, policy, prepare, run, run_asking};
use agentloop_sandbox::{CancellationToken, Ending, Tool};
use agentloop_tools::policy::{Answer, Governed, Must, Rule};
use futures_util::future::{FutureExt as _, pending, ready};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Makes `count` calls one after the other, and gives what became of each: `made`, or why not.
async fn calls(governed: &Governed, count: usize) -> Vec<String> {
    let script = format!(
        "const all = [];
        for (let n = 0; n < {count}; n++) all.push((await tried(tools.t({{ n }})))[1] ?? 'made');
        all"
    );
    let Value::Array(all) = run(governed, &script).await else { panic!("it is a list") };
    all.iter().map(|one| one.as_str().expect("it is a text").to_owned()).collect()
}

fn governed(rule: Rule) -> Governed {
    Governed::new(&policy([rule])).own([echo("t")])
}

#[tokio::test]
async fn calls_per_run_are_counted_for_each_run() {
    let limited = governed(Rule::allow("t").calls_per_run(2));
    let over =
        "`t` was not called: rule 1 of the policy (`t`) allows 2 calls per run, and no more are left: do without";
    assert_eq!(calls(&limited, 4).await, ["made", "made", over, over]);
    assert_eq!(calls(&limited, 1).await, ["made"]);
    assert_eq!(calls(&governed(Rule::allow("t")), 4).await, ["made"; 4]);
}

#[tokio::test(start_paused = true)]
async fn calls_per_minute_are_counted_over_all_runs_in_any_minute() {
    let limited = governed(Rule::allow("t").calls_per_minute(2));
    let over = |seconds: u32| {
        format!(
            "`t` was not called: rule 1 of the policy (`t`) allows 2 calls per minute, and the next one in {seconds} s: wait with \
             `setTimeout`, or do without"
        )
    };
    assert_eq!(calls(&limited, 1).await, ["made"]);
    tokio::time::advance(Duration::from_millis(20_500)).await;
    assert_eq!(calls(&limited, 2).await, ["made".to_owned(), over(40)]);
    tokio::time::advance(Duration::from_millis(39_499)).await;
    assert_eq!(calls(&limited, 1).await, [over(1)]);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(calls(&limited, 2).await, ["made".to_owned(), over(21)]);
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(calls(&limited, 3).await, ["made".to_owned(), "made".to_owned(), over(60)]);
}

#[tokio::test(start_paused = true)]
async fn a_script_can_wait_for_the_minute() {
    let limited = governed(Rule::allow("t").calls_per_minute(1));
    let script = "
        await tools.t({});
        const [kind, message] = await tried(tools.t({}));
        const seconds = Number(/in (\\d+) s/.exec(message)[1]);
        await new Promise((go) => setTimeout(go, seconds * 1000));
        [kind, seconds, await tools.t({ n: 1 })]";
    assert_eq!(run(&limited, script).await, json!(["refused", 60, { "n": 1 }]));
}

#[tokio::test]
async fn each_rule_counts_its_own_calls() {
    let rules = [Rule::allow("t").when("/n", Must::Equal(json!(0))).calls_per_run(1), Rule::ask("t").calls_per_run(2)];
    let governed = Governed::new(&policy(rules)).own([echo("t")]);
    let asker = Asker::new(|_| ready(Answer::Allow).boxed());
    let script = "
        const made = async (n) => !Array.isArray(await tried(tools.t({ n })));
        [await made(0), await made(1), await made(0), await made(2), await made(3)]";
    assert_eq!(run_asking(&governed, asker.clone(), script).await, json!([true, true, false, true, false]));
    assert_eq!(asker.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_not_made_do_not_count() {
    let limited = governed(Rule::ask("t").calls_per_run(1).calls_per_minute(1));
    let asker = Asker::new(|question| {
        let is_good = question.arguments["n"] == 2;
        ready(if is_good { Answer::Allow } else { Answer::Refuse("no".to_owned()) }).boxed()
    });
    let script = "
        const all = [];
        for (const n of [1, 1, 2, 2]) all.push(await tried(tools.t({ n })));
        all.map((one) => one[1] ?? 'made')";
    let no = "`t` was not called: no";
    let over = "`t` was not called: rule 1 of the policy (`t`) allows 1 call per run, and no more are left: do without";
    assert_eq!(run_asking(&limited, asker.clone(), script).await, json!([no, no, "made", over]));
    assert_eq!(asker.count(), 3);
}

#[tokio::test]
async fn a_call_that_is_asked_about_holds_its_place() {
    let go = Arc::new(Notify::new());
    let (waits, tells) = (Arc::clone(&go), go);
    let asker = Asker::new(move |_| {
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            Answer::Refuse("no".to_owned())
        }
        .boxed()
    });
    let tell = Tool::instant("go", "Lets the asker answer.", move |_: Value| {
        tells.notify_one();
        Ok::<_, String>(0)
    });
    let limited = governed(Rule::ask("t").calls_per_minute(1)).own([tell.expect("the tool is good")]);
    let script = "
        const first = tried(tools.t({}));
        const second = await tried(tools.t({}));
        await tools.go({});
        const [, why] = await first;
        const third = tried(tools.t({}));
        await tools.go({});
        [why, second[1], (await third)[1]]";
    let no = "`t` was not called: no";
    let over = "`t` was not called: rule 1 of the policy (`t`) allows 1 call per minute, and that many wait for leave to be made: \
                call again after those";
    assert_eq!(run_asking(&limited, asker.clone(), script).await, json!([no, over, no]));
    assert_eq!(asker.count(), 2);
}

#[tokio::test]
async fn a_run_that_ends_gives_its_places_back() {
    let limited = governed(Rule::ask("t").calls_per_minute(1));
    let stop = CancellationToken::new();
    let token = stop.clone();
    let asker = Asker::new(move |_| {
        stop.cancel();
        pending().boxed()
    });
    let run = prepare(&limited, "await tools.t({})").cancel_on(token).gate(limited.gate(asker.clone()));
    let outcome = run.finish().await.expect("the host is well");
    assert!(matches!(outcome.ending, Ending::Cancelled), "{:?}", outcome.ending);
    assert_eq!(asker.count(), 1);
    let allows = Asker::new(|_| ready(Answer::Allow).boxed());
    assert_eq!(run_asking(&limited, allows, "await tools.t({})").await, json!({}));
}
