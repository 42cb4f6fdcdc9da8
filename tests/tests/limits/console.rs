//! Floods of the console: what does not fit is dropped and counted, and the run goes on.

use agentloop_sandbox::{LimitKind, Limits};
use agentloop_tests::{Expect, finished, limit, run_with, still_answers};

/// Ending, lines, dropped bytes.
#[track_caller]
fn check(console_bytes_max: usize, script: &str, expect: (Expect, &[&str], u64)) {
    let outcome = run_with(Limits { console_bytes_max, ..Limits::default() }, script);
    let lines: Vec<&str> = outcome.console.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((Expect::from(&outcome.ending), lines.as_slice(), outcome.console_dropped_bytes), expect);
    still_answers();
}

#[test]
fn the_limit_itself_fits_and_one_more_is_cut() {
    // A line takes its text and a line break.
    check(10, "console.log('123456789')", (finished("null"), &["123456789"], 0));
    check(10, "console.log('12345'); console.log('6789')", (finished("null"), &["12345", "6789"], 0));
    check(10, "console.log('12345'); console.log('6789abc')", (finished("null"), &["12345", "6789"], 3));
    check(10, "console.log('123456789'); console.log('x'); console.log('yz')", (finished("null"), &["123456789"], 3));
}

#[test]
fn a_cut_falls_between_characters() {
    check(3, "console.log('éé')", (finished("null"), &["é"], 2));
}

#[test]
fn no_console_at_all_is_a_limit_too() {
    check(0, "console.log('x'); return 1", (finished("1"), &[], 1));
}

#[test]
fn a_flood_is_dropped_and_counted() {
    let outcome = run_with(
        Limits::default(),
        "const line = 'x'.repeat(999); for (let i = 0; i < 1_000; i++) console.log(line); return 'on'",
    );
    assert_eq!(Expect::from(&outcome.ending), finished("\"on\""));
    let kept: usize = outcome.console.iter().map(|line| line.text.len()).sum();
    assert_eq!(outcome.console.len(), 66);
    assert_eq!(kept as u64 + outcome.console_dropped_bytes, 999_000);
    still_answers();
}

#[test]
fn an_endless_flood_ends_with_its_fuel() {
    let limits = Limits { fuel_max: 50_000_000, ..Limits::default() };
    for script in ["while (true) console.log('')", "const line = 'x'.repeat(1 << 20); while (true) console.log(line)"] {
        let outcome = run_with(limits.clone(), script);
        assert_eq!(Expect::from(&outcome.ending), limit(LimitKind::Fuel, 50_000_000));
        let held: usize = outcome.console.iter().map(|line| line.text.len() + 1).sum();
        assert!(held <= (64 << 10) + 1, "{held} bytes");
    }
    still_answers();
}
