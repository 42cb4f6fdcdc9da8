//! Runs a script and compares how it ends. Time is paused: a timeout comes at once when nothing else can happen, so no
//! test waits and none depends on how fast the machine is.

use crate::{Expect, check_naive, finished, toolbox};
use agentloop_sandbox::{Engine, Limits, Outcome};
use std::sync::OnceLock;

/// The one engine of the process: what an attack leaves behind, the next test would find.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new().expect("this machine can run the sandbox"))
}

/// Waits for a future on a runtime of its own, whose time is paused.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime can be made")
        .block_on(future)
}

/// Runs `script` with the toolbox of the suites and default limits. A broken host fails the test.
#[track_caller]
pub fn run(script: &str) -> Outcome {
    run_with(Limits::default(), script)
}

/// Runs `script` with the toolbox of the suites and these limits.
#[track_caller]
pub fn run_with(limits: Limits, script: &str) -> Outcome {
    let sandbox = engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced");
    let run = sandbox.prepare(script).clock_ms(1_700_000_000_000).seed(7);
    match block_on(run.finish()) {
        Ok(outcome) => outcome,
        Err(error) => panic!("the host broke: {error}\nscript: {script}"),
    }
}

/// Runs `script` under default limits and compares its whole ending. The engine must still be well afterwards.
#[track_caller]
pub fn check(script: &str, expect: Expect) {
    check_with(Limits::default(), script, expect);
}

/// The same under other limits.
#[track_caller]
pub fn check_with(limits: Limits, script: &str, expect: Expect) {
    let outcome = run_with(limits, script);
    assert_eq!(Expect::from(&outcome.ending), expect, "{script:.2000}");
    still_answers();
}

/// One story: `script` works on a sandbox without defences (`unprotected`), and here it ends exactly so (`here`).
#[track_caller]
pub fn attack(script: &str, unprotected: Expect, here: Expect) {
    check_naive(script, &unprotected);
    check(script, here);
}

/// Runs `script` and compares its ending and every line of its console, each as `level: text`.
#[track_caller]
pub fn check_console(script: &str, expect: Expect, console: &[&str]) {
    let outcome = run(script);
    let lines: Vec<String> =
        outcome.console.iter().map(|line| format!("{}: {}", line.level.name(), line.text)).collect();
    assert_eq!((Expect::from(&outcome.ending), lines), (expect, console.iter().map(ToString::to_string).collect()));
    still_answers();
}

/// The engine answers a harmless script, whatever ran on it before.
#[track_caller]
pub fn still_answers() {
    let outcome = run_with(Limits::default(), "1+1");
    assert_eq!(Expect::from(&outcome.ending), finished("2"), "the engine is hurt");
}
