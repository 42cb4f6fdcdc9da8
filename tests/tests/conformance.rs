//! tc39/test262 in the sandbox: what passes in the engine passes here, but for what a hardened realm refuses by design. How a
//! test becomes a script is told in `conformance/README.md`; `scripts/test.sh` fetches the tests.

#[path = "conformance/frontmatter.rs"]
mod frontmatter;
#[path = "conformance/suite.rs"]
mod suite;

use serde::Deserialize;
use std::collections::BTreeSet;
use suite::Suite;

#[derive(Deserialize)]
struct ExpectedFailures {
    reason: String,
    tests: Vec<String>,
}

fn expected_failures() -> BTreeSet<String> {
    let groups: Vec<ExpectedFailures> =
        serde_json::from_str(include_str!("../conformance/expected_failures.json")).expect("the list is JSON");
    for group in &groups {
        assert!(!group.reason.is_empty() && !group.tests.is_empty(), "{}", group.reason);
    }
    groups.into_iter().flat_map(|group| group.tests).collect()
}

/// Exactly the listed tests fail: one that starts to pass must be taken off the list.
#[test]
fn the_language_is_the_one_of_the_specification() {
    let suite = Suite::open();
    let tests = suite.tests();
    let expected = expected_failures();
    let failed = suite.failures(&tests);
    let unexpected: Vec<String> = failed
        .iter()
        .filter(|(test, _)| !expected.contains(*test))
        .map(|(test, why)| format!("{test}: {why}"))
        .collect();
    let passed: Vec<&String> = expected.iter().filter(|test| !failed.contains_key(*test)).collect();
    assert_eq!((unexpected, passed), (Vec::new(), Vec::new()));
    assert!(tests.len() > 36_000, "only {} tests were found", tests.len());
}
