//! Scripts that share a realm: what stays, what does not, and what they may use together.

use agentloop_sandbox::{CancellationToken, Ending, LimitKind, Limits, Outcome, Session, Tool, Toolbox};
use agentloop_tests::{block_on, engine, toolbox};
use std::time::Duration;

fn session_with(limits: Limits) -> Session {
    engine().sandbox(toolbox().clone(), limits).expect("the limits can be enforced").session()
}

fn session() -> Session {
    session_with(Limits::default())
}

fn run(session: &Session, script: &str) -> Outcome {
    block_on(session.prepare(script).finish()).expect("the host is well")
}

fn value(session: &Session, script: &str) -> String {
    let outcome = run(session, script);
    match outcome.ending {
        Ending::Finished(value) => value.get().to_owned(),
        other => panic!("`{script}` ended as {other:?}"),
    }
}

fn thrown(session: &Session, script: &str) -> String {
    match run(session, script).ending {
        Ending::Threw(error) | Ending::Syntax(error) => error.to_string(),
        other => panic!("`{script}` ended as {other:?}"),
    }
}

#[test]
fn what_one_script_declares_the_next_one_has() {
    let session = session();
    run(&session, "const a = 1; let b = 2; var c = 3; function d() { return 4 } class E { f = 5 }; g = 6");
    assert_eq!(value(&session, "b++; [a, b, c, d(), new E().f, typeof g]"), "[1,3,3,4,5,\"undefined\"]");
    assert_eq!(value(&session, "b"), "3");
    assert_eq!(session.scripts(), 3);
}

#[test]
fn a_fresh_run_has_nothing_of_a_session() {
    let session = session();
    run(&session, "const secret = 1");
    assert_eq!(value(&session, "typeof secret"), "\"number\"");
    let sandbox = engine().sandbox(toolbox().clone(), Limits::default()).expect("the limits can be enforced");
    let outcome = block_on(sandbox.run("typeof secret")).expect("the host is well");
    assert_eq!(outcome.value::<String>().expect("it finished").expect("a string"), "undefined");
    assert_eq!(value(&self::session(), "typeof secret"), "\"undefined\"");
}

#[test]
fn a_name_may_be_declared_anew_in_every_form() {
    let forms = ["const x = 'A'", "let x = 'A'", "var x = 'A'", "function x() {}", "class x {}"];
    for first in forms {
        for second in forms {
            let session = session();
            run(&session, first);
            assert_eq!(value(&session, &format!("{}; 7", second.replace('A', "B"))), "7", "{first}, then {second}");
            let expected = if second.contains('A') { "\"B\"" } else { "\"function\"" };
            assert_eq!(value(&session, "typeof x === 'function' ? 'function' : x"), expected, "{first}, then {second}");
        }
    }
}

#[test]
fn one_script_declares_a_name_once_as_ever() {
    let session = session();
    run(&session, "1");
    assert_eq!(thrown(&session, "let y = 1; let y = 2"), "SyntaxError: invalid redefinition of lexical identifier");
    assert_eq!(thrown(&session, "let undefined = 1"), "SyntaxError: 'undefined' already declared");
    assert_eq!(value(&session, "let y = 3; y"), "3");
}

#[test]
fn what_a_script_declared_before_it_threw_stays() {
    let session = session();
    assert_eq!(
        thrown(&session, "const before = 1; null.f; const after = 2"),
        "TypeError: cannot read property 'f' of null"
    );
    assert_eq!(value(&session, "before"), "1");
    assert_eq!(thrown(&session, "after"), "ReferenceError: after is not initialized");
    assert_eq!(value(&session, "const after = 3; after"), "3");
    assert_eq!(thrown(&session, "this is no program"), "SyntaxError: expecting ';'");
    assert_eq!(value(&session, "before + after"), "4");
}

#[test]
fn an_error_is_shown_in_the_script_that_runs() {
    let session = session();
    run(&session, "function fail(x) {\n  return x.y.z;\n}");
    let Ending::Threw(error) = run(&session, "\n\n\n  fail({})").ending else { panic!("it throws") };
    assert_eq!(error.stack, ["at script (script.js:4:3)"]);
    let frame = error.frame.expect("the call is in the script");
    assert!(frame.contains("4 |   fail({})"), "{frame}");
    // The console shows the frames of both.
    let outcome = run(&session, "try { fail({}) } catch (error) { console.log(error) }");
    assert!(
        outcome.console[0].text.ends_with("    at fail (script.js:2:10)\n    at script (script-3.js:1:7)"),
        "{outcome:?}"
    );
    // What is not a function is named from the text of this script.
    assert_eq!(thrown(&session, "const o = {}; o.go()"), "TypeError: o.go is not a function");
    // TypeScript is translated, and its errors are placed, in every script.
    assert_eq!(value(&session, "const n: number = 5; n"), "5");
    let Ending::Syntax(error) = run(&session, "\nlet n: number = = 5").ending else { panic!("it is no program") };
    assert_eq!(error.position.map(|position| position.line), Some(2));
}

#[test]
fn calls_and_timers_end_with_their_script() {
    let session = session();
    let script =
        "setTimeout(() => { globalThis.late = 1 }, 5); tools.never({}).then(() => { globalThis.late = 2 }); 'gone'";
    assert_eq!(value(&session, script), "\"gone\"");
    let script =
        "await new Promise((resolve) => setTimeout(resolve, 30)); [typeof late, await tools.math.add({ x: 1, y: 2 })]";
    assert_eq!(value(&session, script), "[\"undefined\",3]");
    // A promise of an earlier script is never settled: waiting for it is being stuck, and the realm goes on.
    run(&session, "const never = tools.never({})");
    assert!(matches!(run(&session, "await never").ending, Ending::Stuck));
    assert_eq!(value(&session, "await tools.math.add({ x: 2, y: 2 })"), "4");
}

#[test]
fn literals_and_collected_calls_are_of_one_script() {
    let session = session();
    let first = session.prepare("LiteralLoader('a')").literal("a", "text").finish();
    assert_eq!(
        block_on(first).expect("the host is well").value::<String>().expect("finished").expect("a string"),
        "text"
    );
    assert_eq!(thrown(&session, "LiteralLoader('a')"), "TypeError: there is no literal \"a\"; this run has none");
    let collected = "function callTools() { toolCalls.push({ toolName: 'math.add', x: 1, y: 1 }); return toolCalls }";
    assert_eq!(value(&session, collected), r#"[{"toolName":"math.add","success":true,"output":2}]"#);
    assert_eq!(value(&session, "toolCalls.length"), "0");
}

#[test]
fn limits_hold_for_all_scripts_together() {
    let session = session_with(Limits { calls_max: 3, ..Limits::default() });
    let call = "await tools.math.add({ x: 1, y: 1 })";
    for _ in 0..3 {
        assert_eq!(value(&session, call), "2");
    }
    let Ending::LimitExceeded(exceeded) = run(&session, call).ending else { panic!("the fourth call is one too many") };
    assert_eq!((exceeded.limit, exceeded.used, exceeded.allowed), (LimitKind::Calls, 4, 3));

    let loops = "let sum = 0; for (let i = 0; i < 100_000; i++) sum += i; sum";
    let fuel = run(&self::session(), loops).usage.fuel;
    let session = session_with(Limits { fuel_max: fuel * 5 / 2, ..Limits::default() });
    assert_eq!(run(&session, loops).usage.fuel, fuel);
    assert!(run(&session, loops).usage.fuel < fuel * 11 / 10);
    let Ending::LimitExceeded(exceeded) = run(&session, loops).ending else {
        panic!("there is fuel for two and a half")
    };
    assert_eq!((exceeded.limit, exceeded.allowed), (LimitKind::Fuel, fuel * 5 / 2));
}

#[test]
fn a_script_that_is_stopped_takes_the_realm_with_it() {
    let session = session_with(Limits { fuel_max: 100_000_000, ..Limits::default() });
    run(&session, "const kept = 1");
    assert_eq!((value(&session, "kept"), session.scripts()), ("1".to_owned(), 2));
    assert!(matches!(run(&session, "for (;;);").ending, Ending::LimitExceeded(_)));
    assert_eq!(session.scripts(), 0);
    assert_eq!(value(&session, "typeof kept"), "\"undefined\"");
    // A value that is too large is the host's refusal of something the guest had done.
    let session = session_with(Limits { value_bytes_max: 10, ..Limits::default() });
    run(&session, "const kept = 1");
    assert!(matches!(run(&session, "'x'.repeat(100)").ending, Ending::LimitExceeded(_)));
    assert_eq!(value(&session, "kept"), "1");
}

#[test]
fn a_run_that_is_dropped_takes_the_realm_with_it_and_a_refused_one_does_not() {
    let session = session();
    run(&session, "const kept = 1");
    assert!(matches!(run(&session, " ").ending, Ending::Refused(_)));
    assert_eq!((value(&session, "kept"), session.scripts()), ("1".to_owned(), 2));
    block_on(async {
        let waiting = session.prepare("await tools.never({})").finish();
        assert!(tokio::time::timeout(Duration::from_millis(20), waiting).await.is_err());
    });
    assert_eq!(session.scripts(), 0);
    assert_eq!(value(&session, "typeof kept"), "\"undefined\"");
}

#[test]
fn a_session_waits_for_its_script_and_can_be_cancelled_meanwhile() {
    let session = session();
    let outcome = block_on(async {
        let first =
            tokio::spawn(session.prepare("var n = 1; await new Promise((r) => setTimeout(r, 50)); n = 2").finish());
        tokio::time::sleep(Duration::from_millis(10)).await;
        let token = CancellationToken::new();
        token.cancel();
        let cancelled = session.prepare("n").cancel_on(token).finish().await.expect("the host is well");
        assert!(matches!(cancelled.ending, Ending::Cancelled));
        let second = session.prepare("n").finish().await.expect("the host is well");
        first.await.expect("it does not panic").expect("the host is well");
        second
    });
    assert_eq!(outcome.value::<i32>().expect("it finished").expect("a number"), 2);
}

#[test]
fn equal_sessions_are_equal_to_the_unit_of_fuel() {
    let fuel = || {
        let sandbox =
            engine().sandbox(Toolbox::new(Vec::<Tool>::new()).expect("none"), Limits::default()).expect("limits");
        let session = sandbox.session();
        ["const m = new Map()", "m.set('a', Math.random()); [...m]", "class M extends Map {}; new M(m).size"].map(
            |script| {
                let run = session.prepare(script).seed(7).clock_ms(1);
                block_on(run.finish()).expect("the host is well").usage.fuel
            },
        )
    };
    assert_eq!(fuel(), fuel());
}

#[test]
fn a_script_may_have_budgets_of_its_own_within_those_of_its_session() {
    let session = session();
    let call = "await tools.math.add({ x: 1, y: 1 })";
    assert_eq!(value(&session, call), "2");
    let once = session.prepare(format!("{call}; {call}")).calls_max(1).finish();
    let Ending::LimitExceeded(exceeded) = block_on(once).expect("the host is well").ending else {
        panic!("one is allowed")
    };
    assert_eq!((exceeded.limit, exceeded.used, exceeded.allowed), (LimitKind::Calls, 2, 1));

    let session = self::session();
    let loops = "let sum = 0; for (let i = 0; i < 100_000; i++) sum += i; sum";
    let fuel = run(&session, loops).usage.fuel;
    let half = session.prepare(loops).fuel_max(fuel / 2).finish();
    let Ending::LimitExceeded(exceeded) = block_on(half).expect("the host is well").ending else {
        panic!("half is too little")
    };
    assert_eq!((exceeded.limit, exceeded.used, exceeded.allowed), (LimitKind::Fuel, fuel / 2, fuel / 2));
    let whole = session.prepare(loops).fuel_max(fuel * 2).finish();
    assert!(matches!(block_on(whole).expect("the host is well").ending, Ending::Finished(_)));
}
