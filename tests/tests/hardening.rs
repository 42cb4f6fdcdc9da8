//! What the hardening costs: the same scripts in the product and in the guest without its lockdown, compared in fuel, which is
//! the same on every machine.

use agentloop_sandbox::{Limits, Toolbox};
use agentloop_tests::{Expect, block_on, engine, run_bare};

/// The compute benchmarks.
const SCRIPTS: &[(&str, &str)] = &[
    ("classes", include_str!("../../benches/scripts/classes.js")),
    ("fib", include_str!("../../benches/scripts/fib.js")),
    ("integer_loop", include_str!("../../benches/scripts/integer_loop.js")),
    ("json", include_str!("../../benches/scripts/json.js")),
    ("map_set", include_str!("../../benches/scripts/map_set.js")),
    ("property_churn", include_str!("../../benches/scripts/property_churn.js")),
    ("sort", include_str!("../../benches/scripts/sort.js")),
    ("strings_regex", include_str!("../../benches/scripts/strings_regex.js")),
];
/// The geometric mean of all, in percent of the bare realm.
const PERCENT_MAX: f64 = 105.0;

/// Fuel in the product and in the bare realm, which must answer the same.
fn fuel(script: &str) -> (u64, u64) {
    let limits = Limits { fuel_max: u64::MAX, ..Limits::default() };
    let sandbox = engine().sandbox(Toolbox::default(), limits).expect("the limits can be enforced");
    let run = sandbox.prepare(script).clock_ms(1_700_000_000_000).seed(7);
    let outcome = block_on(run.finish()).expect("the host is well");
    let (ending, bare) = run_bare(script);
    assert_eq!(Expect::from(&outcome.ending), ending);
    (outcome.usage.fuel, bare)
}

#[test]
fn hardening_costs_at_most_five_percent_of_fuel() {
    let mut product = 1.0;
    let mut table = String::new();
    for (name, script) in SCRIPTS {
        let (hardened, bare) = fuel(script);
        let percent = 100.0 * hardened as f64 / bare as f64;
        product *= percent;
        table += &format!("{name}: {percent:.2} %\n");
    }
    let mean = product.powf(1.0 / SCRIPTS.len() as f64);
    println!("{table}geometric mean: {mean:.2} %");
    assert!(mean <= PERCENT_MAX, "{mean:.2} %\n{table}");
}

/// None of it is paid when a run starts: the realm is frozen in the image.
#[test]
fn hardening_costs_nothing_at_the_start_of_a_run() {
    let (hardened, bare) = fuel("1 + 1");
    assert!(hardened.abs_diff(bare) * 100 <= bare * 2, "{hardened} and {bare} units of fuel");
}
