//! The guarantees of the realm, each the body of an async function that answers `true` when it holds.
//!
//! `realm/guarantees.json` is the design's list (95 checks, gathered from the `ses` package and from attacks on it). The
//! tiers `must`, `compat` and `compat-plus` hold here, all of them. `ses-exact` are choices of the `ses` package; where
//! ours differs, [`DIFFERENT_FROM_SES`] says why, and a difference that comes or goes breaks this test.

use agentloop_sandbox::Limits;
use agentloop_tests::{Expect, block_on, ending_in_node, engine, finished, run, run_bare, toolbox};
use serde::Deserialize;

#[derive(Deserialize)]
struct Guarantee {
    id: String,
    tier: String,
    guarantee: String,
    code: String,
}

/// Where the realm differs from `ses` on purpose.
const DIFFERENT_FROM_SES: &[(&str, &str)] = &[
    (
        "no-timers-by-default",
        "`queueMicrotask` and `setTimeout` are there: they reorder the script's own work, and a wait is served by the host under limits",
    ),
    (
        "date-now-throws-secure-mode",
        "code that models write asks for the time: it gets the run's clock, which only timers move",
    ),
    (
        "math-random-throws-secure-mode",
        "code that models write shuffles: it gets a seeded generator, which can be replayed",
    ),
    ("locale-number-deterministic", "`toLocaleString` is that of `Intl`, which has no host to ask"),
    ("locale-compare-deterministic", "`localeCompare` is that of `Intl`, which has no host to ask"),
    ("locale-date-aliases", "they are those of `Intl`, which has no host to ask"),
    ("no-intl", "`Intl` is there, from a library: its only defaults are `en-US` and UTC"),
    ("no-float-arrays", "numbers need them; the bits of a NaN are a channel only between parties that share the realm"),
    ("stack-hidden", "a stack shows only frames of the script, which is what a model repairs its code by"),
];

/// Guarantees whose check asks for less than their text allows, and what the text says. Each is checked by a test of its own
/// below instead.
const JUDGED_BY_THEIR_TEXT: &[(&str, &str)] = &[
    ("no-random-ambient", "a deterministic stream is allowed: random_numbers_are_a_function_of_the_seed"),
    ("no-crypto-entropy", "`crypto` may be endowed, without entropy: random_numbers_are_a_function_of_the_seed"),
    ("no-clock-other", "`performance` tells the run's clock, which no work moves: no_work_moves_a_clock"),
    ("no-quickjs-host-globals", "`performance` is not the host's: no_work_moves_a_clock"),
];

fn guarantees() -> Vec<Guarantee> {
    serde_json::from_str(include_str!("../realm/guarantees.json")).expect("the list is JSON")
}

#[track_caller]
fn holds(guarantee: &Guarantee) -> bool {
    // A line break before the end: a check may close with a comment.
    let script = format!("return await (async () => {{ {}\n}})()", guarantee.code);
    Expect::from(&run(&script).ending) == finished("true")
}

fn is_judged_by_its_text(guarantee: &Guarantee) -> bool {
    JUDGED_BY_THEIR_TEXT.iter().any(|(id, _)| *id == guarantee.id)
}

#[test]
fn every_guarantee_that_is_ours_to_hold_holds() {
    let list = guarantees();
    let ours: Vec<&Guarantee> = list.iter().filter(|guarantee| guarantee.tier != "ses-exact").collect();
    assert_eq!((list.len(), ours.len()), (95, 80));
    let broken: Vec<String> = ours
        .iter()
        .filter(|guarantee| !is_judged_by_its_text(guarantee) && !holds(guarantee))
        .map(|guarantee| format!("{} ({}): {}", guarantee.id, guarantee.tier, guarantee.guarantee))
        .collect();
    assert_eq!(broken, Vec::<String>::new());
}

/// `must` checks that hold in the bare realm as well, because the engine or the shim has nothing to take away there. Each fails
/// on Node, which has what the check looks for; those on this list fail nowhere, for the reason given.
const WITHOUT_CONTROL: &[(&str, &str)] =
    &[("no-caller", "a function in strict code has no `caller`, in any engine, and a script is strict")];

/// The positive control: without the lockdown, each guarantee is broken, or the thing it forbids is there on Node.
#[test]
fn each_must_guarantee_fails_without_the_hardening() {
    let mut without: Vec<String> = Vec::new();
    for guarantee in guarantees().iter().filter(|guarantee| guarantee.tier == "must") {
        let script = format!("return await (async () => {{ {}\n}})()", guarantee.code);
        if run_bare(&script).0 == finished("true") && ending_in_node(&script) == finished("true") {
            without.push(guarantee.id.clone());
        }
    }
    let expected: Vec<&str> = WITHOUT_CONTROL.iter().map(|(id, _)| *id).collect();
    assert_eq!(without, expected);
}

#[test]
fn no_work_moves_a_clock() {
    let script = "
        const read = () => [Date.now(), performance.now(), performance.timeOrigin, +new Date(), new Event('x').timeStamp];
        const before = read();
        for (let i = 0; i < 100_000; i++) JSON.stringify({ i });
        await null;
        return JSON.stringify(before) === JSON.stringify(read()) && before[1] === 0";
    assert_eq!(Expect::from(&run(script).ending), finished("true"));
    // The control: a timer does move it, to the moment for which it was set.
    let timer = "await new Promise((done) => setTimeout(done, 5)); return performance.now()";
    assert_eq!(Expect::from(&run(timer).ending), finished("5"));
}

#[test]
fn differences_from_ses_are_the_ones_that_have_a_reason() {
    let differing: Vec<String> = guarantees()
        .into_iter()
        .filter(|guarantee| guarantee.tier == "ses-exact" && !holds(guarantee))
        .map(|guarantee| guarantee.id)
        .collect();
    let expected: Vec<&str> = DIFFERENT_FROM_SES.iter().map(|(id, _)| *id).collect();
    assert_eq!(differing, expected);
}

#[test]
fn random_numbers_are_a_function_of_the_seed() {
    let stream = |seed| {
        let sandbox = engine().sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced");
        let run = sandbox.prepare("Array.from({ length: 100 }, Math.random)").seed(seed);
        let outcome = block_on(run.finish()).expect("the host is well");
        outcome.value::<Vec<f64>>().expect("it finishes").expect("it is a list of numbers")
    };
    assert_eq!(stream(1), stream(1));
    assert_ne!(stream(1), stream(2));
    assert!(stream(1).iter().all(|number| (0.0..1.0).contains(number)));
}
