//! The guarantees of the realm, each the body of an async function that answers `true` when it holds.
//!
//! `realm/guarantees.json` is the design's list (95 checks, gathered from the `ses` package and from attacks on it). The
//! tiers `must`, `compat` and `compat-plus` hold here, all of them. `ses-exact` are choices of the `ses` package; where
//! ours differs, [`DIFFERENT_FROM_SES`] says why, and a difference that comes or goes breaks this test.

use agentloop_sandbox::Limits;
use agentloop_tests::{Expect, block_on, engine, finished, run, toolbox};
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
    (
        "locale-date-aliases",
        "the engine has one locale and no time zone but UTC, so the methods disclose nothing as they are",
    ),
    ("no-float-arrays", "numbers need them; the bits of a NaN are a channel only between parties that share the realm"),
    ("stack-hidden", "a stack shows only frames of the script, which is what a model repairs its code by"),
];

/// The check knows a constant or an exception only. The guarantee itself also allows a deterministic stream, which is what
/// the design asks for; [`random_numbers_are_a_function_of_the_seed`] checks that.
const JUDGED_BY_ITS_TEXT: &str = "no-random-ambient";

fn guarantees() -> Vec<Guarantee> {
    serde_json::from_str(include_str!("../realm/guarantees.json")).expect("the list is JSON")
}

#[track_caller]
fn holds(guarantee: &Guarantee) -> bool {
    // A line break before the end: a check may close with a comment.
    let script = format!("return await (async () => {{ {}\n}})()", guarantee.code);
    Expect::from(&run(&script).ending) == finished("true")
}

#[test]
fn every_guarantee_that_is_ours_to_hold_holds() {
    let list = guarantees();
    let ours: Vec<&Guarantee> = list.iter().filter(|guarantee| guarantee.tier != "ses-exact").collect();
    assert_eq!((list.len(), ours.len()), (95, 80));
    let broken: Vec<String> = ours
        .iter()
        .filter(|guarantee| guarantee.id != JUDGED_BY_ITS_TEXT && !holds(guarantee))
        .map(|guarantee| format!("{} ({}): {}", guarantee.id, guarantee.tier, guarantee.guarantee))
        .collect();
    assert_eq!(broken, Vec::<String>::new());
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
