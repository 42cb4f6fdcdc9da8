//! `agentloop run --prompt`, with a recorded model: what stands where, and how it ends.

use crate::cassettes::{Says, converse};
use crate::harness::{Ran, errors_by, folder, level, root, run, run_in, run_with_input, turn_report};
use serde_json::{Value, json};

const USED_ONE: &str = "used: 1 of 10 replies, 110 tokens (100 in, 10 out), # fuel, 0 calls, # ms\n";

#[test]
fn the_answer_alone_is_on_standard_output() {
    let replies = [Says::Both("Let me see.", "console.log('so far');\nreturn 6 * 7"), Says::Text("It is 42.")];
    let used = "used: 2 of 10 replies, 220 tokens (200 in, 20 out), # fuel, 0 calls, # ms\n";
    let folder = folder("the_answer_alone");
    assert_eq!(
        converse(&folder, &replies, &[]),
        Ran::new(0, "It is 42.\n", &format!("Let me see.\n▸ script, 2 lines\n{used}"))
    );
    let listing = "    1 | console.log('so far');\n    2 | return 6 * 7\n    so far\n";
    assert_eq!(
        converse(&folder, &replies, &["--verbose"]),
        Ran::new(0, "It is 42.\n", &format!("Let me see.\n▸ script, 2 lines\n{listing}{used}"))
    );
    assert_eq!(converse(&folder, &replies, &["--quiet"]), Ran::new(0, "It is 42.\n", ""));
}

#[test]
fn an_answer_goes_into_a_pipe_as_it_is() {
    let answer = "\u{1b}[2J\u{1b}]0;title\u{7}a\rb\u{202e}c\u{9b}31m";
    let ran = converse(&folder("an_answer_goes_into_a_pipe"), &[Says::Text(answer)], &[]);
    assert_eq!(ran, Ran::new(0, &format!("{answer}\n"), USED_ONE));
}

#[test]
fn an_answer_by_value_is_printed_as_a_value_of_a_script_is() {
    let folder = folder("an_answer_by_value");
    let stdout = |code: &str| {
        let ran = converse(&folder, &[Says::Script(code)], &["--quiet"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        ran.stdout
    };
    assert_eq!(stdout("finish({ total: [1] })"), "{\n  \"total\": [\n    1\n  ]\n}\n");
    assert_eq!(stdout("finish('in words')"), "in words\n");
}

#[test]
fn the_prompt_comes_from_standard_input_as_well() {
    let folder = folder("the_prompt_comes_from_standard_input");
    let cassette = folder.join("c.jsonl");
    std::fs::write(&cassette, crate::cassettes::cassette(&[Says::Text("Yes.")])).expect("the folder is writable");
    let cassette = cassette.to_str().expect("the path is text");
    let ran = run_with_input(&["--prompt", "-", "--cassette", cassette, "--json", "--quiet"], b" Is it?\n");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(turn_report(&ran.stdout)["transcript"]["interactions"][0], json!({ "type": "user", "text": "Is it?" }));
}

#[test]
fn tools_and_limits_are_those_of_the_flags() {
    let folder = folder("tools_and_limits");
    let fixtures = root().join("examples/errors.fixtures.json");
    let fixtures = ["--fixtures", fixtures.to_str().expect("the path is text")];
    let replies =
        [Says::Script("for (;;);"), Says::Script("return await tools.prices.list({ sku: 'lamp' })"), Says::Text("39")];
    let stderr = "\
▸ script, 1 line
  ✗ The script was stopped at its limit `fuel` of 10000000. Do less in one script, or do it in another way.
    1 | for (;;);
▸ script, 1 line
  ✓ prices.list
used: 3 of 10 replies, 330 tokens (300 in, 30 out), # fuel, 1 call, # ms
";
    assert_eq!(converse(&folder, &replies, &[&fixtures[..], &["--fuel", "10M"]].concat()), Ran::new(0, "39\n", stderr));
}

#[test]
fn clock_and_seed_make_a_turn_the_same_every_time() {
    let folder = folder("clock_and_seed");
    let replies = [Says::Script("finish([Date.now(), Math.random(), crypto.randomUUID()])")];
    let stdout = |seed: &str| {
        let ran = converse(&folder, &replies, &["--quiet", "--clock-ms", "86400000", "--seed", seed]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        ran.stdout
    };
    assert!(stdout("1").starts_with("[\n  86400000,\n"), "{}", stdout("1"));
    assert_eq!(stdout("1"), stdout("1"));
    assert_ne!(stdout("1"), stdout("2"));
}

#[test]
fn calls_are_told_of_by_tool_and_failures_by_call() {
    let folder = folder("calls_are_told_of");
    let fixtures = r#"[{"name":"a","description":"","input_schema":{},"responses":[{"args":{"n":3},"error":"no\n\u001b[2Jthree"},{"result":1}]}]"#;
    std::fs::write(folder.join("f.json"), fixtures).expect("the folder is writable");
    let script = "return (await Promise.allSettled([1, 2, 3, 4].map((n) => tools.a({ n })))).length";
    let stderr = "\
▸ script, 1 line
  ✓ a × 3
  ✗ a({\"n\":3}): no \\u001b[2Jthree
used: 2 of 10 replies, 220 tokens (200 in, 20 out), # fuel, 4 calls, # ms
";
    let replies = [Says::Script(script), Says::Text("4")];
    assert_eq!(converse(&folder, &replies, &["--fixtures", "f.json"]), Ran::new(0, "4\n", stderr));
}

#[test]
fn json_is_one_object_that_fits_the_schema() {
    let ran =
        converse(&folder("json_is_one_object"), &[Says::Script("return 1"), Says::Text("One\u{1b}.")], &["--json"]);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        turn_report(&ran.stdout),
        json!({
            "version": 1,
            "model": "test/model",
            "answer": { "form": "text", "value": "One\u{1b}." },
            "spent": {
                "iterations": 2, "tokens": { "input": 200, "output": 20, "cached": 0 }, "fuel": 0, "tool_calls": 0,
                "retries": 0, "wall_ms": 0,
            },
            "transcript": {
                "version": 1,
                "interactions": [
                    { "type": "user", "text": "ask" },
                    {
                        "type": "model", "text": "",
                        "calls": [{ "id": "call-0", "name": "run_js", "arguments": { "code": "return 1" } }],
                        "usage": { "input": 100, "output": 10, "cached": 0 },
                    },
                    {
                        "type": "script", "call_id": "call-0", "script": "return 1", "ending": "finished",
                        "feedback": "The script returned:\n1\n\n(Left: 9 more replies.)", "fuel": 0,
                    },
                    { "type": "model", "text": "One\u{1b}.", "usage": { "input": 100, "output": 10, "cached": 0 } },
                    { "type": "answer", "form": "text", "value": "One\u{1b}." },
                ],
            },
        })
    );
    // The progress is not in the way, and `--output json` is the same.
    assert_eq!(
        ran.stderr,
        "▸ script, 1 line\nused: 2 of 10 replies, 220 tokens (200 in, 20 out), # fuel, 0 calls, # ms\n"
    );
    let same = converse(
        &folder("json_is_one_object"),
        &[Says::Script("return 1"), Says::Text("One\u{1b}.")],
        &["--output", "json"],
    );
    assert_eq!(turn_report(&same.stdout), turn_report(&ran.stdout));
}

#[test]
fn an_error_in_json_has_its_kind_and_a_way_out() {
    let more = ["--json", "--quiet", "--max-iterations", "1"];
    let ran = converse(&folder("an_error_in_json"), &[Says::Script("return 1")], &more);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(13), ""));
    let report = turn_report(&ran.stdout);
    assert_eq!(
        report["error"],
        json!({
            "kind": "max_iterations",
            "message": "no answer after 1 reply",
            "hint": "ask for less at a time, or allow more replies with --max-iterations",
        })
    );
    // Control: the schema does refuse a report with both.
    let mut both = report;
    both["answer"] = json!({ "form": "text", "value": "" });
    assert_ne!(errors_by("docs/turn.schema.json", &both), Vec::<String>::new());
}

#[test]
fn events_come_one_a_line_and_the_last_has_the_answer_and_the_budgets() {
    let call = "return await tools.prices.list({ sku: 'lamp' })";
    let replies = [Says::Both("Look:", "console.log('x'); null.y"), Says::Script(call), Says::Text("One.")];
    let fixtures = root().join("examples/errors.fixtures.json");
    let more = ["--output", "jsonl", "--fixtures", fixtures.to_str().expect("the path is text")];
    let ran = converse(&folder("events_come_one_a_line"), &replies, &more);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let mut events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let types: Vec<&str> = events.iter().map(|event| event["type"].as_str().expect("it has a type")).collect();
    let expected = "turn request delta reply script console script_end request reply script call call_end script_end request delta reply answer";
    assert_eq!(types, expected.split(' ').collect::<Vec<_>>());
    events.iter_mut().for_each(level);
    assert_eq!(events[0], json!({ "type": "turn", "model": "test/model", "prompt": "ask" }));
    assert_eq!(events[2], json!({ "type": "delta", "kind": "text", "text": "Look:" }));
    assert_eq!(events[6]["ending"], "threw");
    assert_eq!(
        events.last(),
        Some(&json!({
            "type": "answer", "form": "text", "value": "One.",
            "spent": {
                "iterations": 3, "tokens": { "input": 300, "output": 30, "cached": 0 }, "fuel": 0, "tool_calls": 1,
                "retries": 0, "wall_ms": 0,
            },
            "history": null,
        }))
    );
}

#[test]
fn the_last_line_may_be_an_error() {
    let more = ["--output", "jsonl", "--history", "h.json", "--budget-tokens", "110"];
    let folder = folder("the_last_line_may_be_an_error");
    let ran = converse(&folder, &[Says::Script("return 1"), Says::Text("One.")], &more);
    let mut last: Value =
        serde_json::from_str(ran.stdout.lines().last().expect("there are lines")).expect("it is JSON");
    level(&mut last);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(13), ""));
    assert_eq!(
        last,
        json!({
            "type": "error", "kind": "budget", "message": "no answer within the budget of 110 tokens",
            "hint": "ask for less at a time, or allow more with --budget-tokens",
            "spent": {
                "iterations": 1, "tokens": { "input": 100, "output": 10, "cached": 0 }, "fuel": 0, "tool_calls": 0,
                "retries": 0, "wall_ms": 0,
            },
            "history": "h.json",
        })
    );
}

/// Each way in which a turn can have no answer, but for cancellation, which is in `agent_interrupts.rs`.
#[test]
fn a_turn_without_an_answer_says_why_and_which_flag_helps() {
    let folder = folder("a_turn_without_an_answer");
    let fails = |replies: &[Says<'_>], more: &[&str], code: i32, complaint: &str, used: &str| {
        let kept = "kept: nothing: with --history FILE the conversation could be taken up again\n";
        let ran = converse(&folder, replies, more);
        let at = ran.stderr.find("error: ").unwrap_or_default();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{}", ran.stderr);
        assert_eq!(&ran.stderr[at..], format!("{complaint}{kept}{used}"));
    };
    let script = || Says::Script("return 1");
    let two = "used: 2 of 2 replies, 220 tokens (200 in, 20 out), # fuel, 0 calls, # ms\n";
    fails(
        &[script(), Says::Script("return 2"), Says::Text("3")],
        &["--max-iterations", "2"],
        13,
        "error: no answer after 2 replies\nhelp: ask for less at a time, or allow more replies with --max-iterations\n",
        two,
    );
    fails(
        &[script(), Says::Text("1")],
        &["--budget-tokens", "100"],
        13,
        "error: no answer within the budget of 100 tokens\nhelp: ask for less at a time, or allow more with --budget-tokens\n",
        "used: 1 of 10 replies, 110 of 100 tokens (100 in, 10 out), # fuel, 0 calls, # ms\n",
    );
    let three = "used: 3 of 10 replies, 330 tokens (300 in, 30 out), # fuel, 0 calls, # ms\n";
    fails(
        &[script(), script(), script()],
        &[],
        14,
        "error: the model goes in circles: the same script 3 times\n\
         help: ask in another way, or give it a tool that can do what it tries\n",
        three,
    );
    fails(
        &[Says::Text(""), Says::Text(""), Says::Text(" ")],
        &[],
        14,
        "error: the model gave 3 replies in a row that could not be used; the last: Your reply was empty. Run a script, or \
         answer in plain text.\nhelp: ask again, or ask another model\n",
        three,
    );
    fails(
        &[script()],
        &[],
        69,
        "error: the cassette `c.jsonl` has no further reply\n\
         help: play it with the prompt, tools and limits that it was recorded with, or record it anew\n",
        USED_ONE,
    );
    // Control: what is allowed is allowed.
    let more = ["--max-iterations", "2", "--budget-tokens", "111"];
    assert_eq!(converse(&folder, &[script(), Says::Text("1")], &more).code, Some(0));
}

#[test]
fn a_recording_can_be_played_and_replaces_no_file() {
    let folder = folder("a_recording_can_be_played");
    let new = folder.join("new.jsonl");
    drop(std::fs::remove_file(&new));
    let replies = [Says::Script("return 1"), Says::Text("One.")];
    let more = ["--quiet", "--record-cassette", "new.jsonl"];
    let one = Ran::new(0, "One.\n", "");
    assert_eq!(converse(&folder, &replies, &more), one);
    let recorded = std::fs::read_to_string(&new).expect("it was recorded");
    assert_eq!(run_in(&folder, &["--prompt", "ask", "--quiet", "--cassette", "new.jsonl"]), one);
    let stderr = "\
error: there is a file `new.jsonl` already, and a recording replaces none
help: name another file with --record-cassette
";
    assert_eq!(converse(&folder, &replies, &more), Ran::new(2, "", stderr));
    assert_eq!(std::fs::read_to_string(&new).expect("it is there"), recorded);
    // A recording of nothing is not left in the way of the next attempt.
    std::fs::remove_file(&new).expect("it is there");
    assert_eq!(converse(&folder, &[], &more).code, Some(69));
    assert!(!new.exists());
}

#[test]
fn a_closed_standard_output_ends_the_turn_quietly() {
    let folder = folder("a_closed_standard_output");
    // Without anybody who reads, the second script, which would take a minute, is not waited for.
    let replies = [Says::Script("return 1"), Says::Script("await new Promise((done) => setTimeout(done, 60_000))")];
    let mut command = crate::cassettes::conversation(&folder, &replies, &["--output", "jsonl"]);
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let ran: Ran = command.stdout(writer).output().expect("the binary starts").into();
    assert_eq!(ran, Ran::new(74, "", ""));
}

#[test]
fn a_script_of_ones_own_still_runs_without_a_model() {
    assert_eq!(run(&["-e", "1 + 1"]), Ran::new(0, "2\n", ""));
}
