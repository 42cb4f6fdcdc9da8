//! What the compute benchmarks and a trivial run burn, pinned in fuel, which is the same on every machine: a test of speed that does
//! not depend on one.

use agentloop_sandbox::{Limits, Toolbox};
use agentloop_tests::{block_on, engine};

/// Units of fuel. Whoever makes a script cheaper writes the new number down, and gives both in the commit.
const PINNED: &[(&str, &str, u64)] = &[
    ("1 + 1", "1 + 1", 36_700),
    ("classes", include_str!("../../benches/scripts/classes.js"), 1_945_800_000),
    ("fib", include_str!("../../benches/scripts/fib.js"), 1_141_800_000),
    ("integer_loop", include_str!("../../benches/scripts/integer_loop.js"), 1_054_400_000),
    ("json", include_str!("../../benches/scripts/json.js"), 1_263_500_000),
    ("map_set", include_str!("../../benches/scripts/map_set.js"), 1_597_800_000),
    ("property_churn", include_str!("../../benches/scripts/property_churn.js"), 1_688_000_000),
    ("sort", include_str!("../../benches/scripts/sort.js"), 1_554_000_000),
    ("strings_regex", include_str!("../../benches/scripts/strings_regex.js"), 2_827_200_000),
];
/// How far a script may be from its number.
const PERCENT_MAX: u64 = 3;

#[test]
fn no_benchmark_burns_more_or_less_fuel_than_is_written_down() {
    let sandbox = engine().sandbox(Toolbox::default(), Limits::default()).expect("the limits can be enforced");
    let strayed = PINNED.iter().filter_map(|(name, script, pinned)| {
        let run = sandbox.prepare(*script).clock_ms(1_700_000_000_000).seed(7);
        let fuel = block_on(run.finish()).expect("the host is well").usage.fuel;
        let is_near = fuel.abs_diff(*pinned) * 100 <= pinned * PERCENT_MAX;
        (!is_near).then(|| format!("{name}: {fuel} units, {pinned} are written down"))
    });
    let strayed: Vec<String> = strayed.collect();
    assert!(strayed.is_empty(), "{}", strayed.join("\n"));
}
