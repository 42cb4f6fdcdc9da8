//! What can go wrong with a server that is a program. Each fault is an error of the call that meets it, and a neighbour
//! answers meanwhile.

use crate::calls::Calls as _;
use crate::support::{echo, gone, list, names, odd, server, servers, tool};
use agentloop_sandbox::{Effect, Tool};
use agentloop_tools::mcp::{ErrorKind, Server};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The server does not start, with this error, and its neighbour does.
async fn does_not_start(entry: Value, kind: ErrorKind, message: &str) {
    let all = servers(json!({ "s": entry, "neighbour": odd("good") }));
    let (broken, neighbour) = (all.get("s").expect("it was read"), all.get("neighbour").expect("it was read"));
    let (error, ()) = tokio::join!(broken.tools(), echo(neighbour));
    let error = error.expect_err("it does not start");
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
}

/// A call fails with this error, while another call of the same server and one of a neighbour are answered.
async fn call_fails(name: &str, arguments: Value, message: &str) -> Server {
    let all = servers(json!({ "s": odd("good"), "neighbour": odd("good") }));
    let (server, neighbour) = (all.get("s").expect("it was read"), all.get("neighbour").expect("it was read"));
    echo(server).await;
    let tool = tool(&list(server).await, &format!("s.{name}"));
    let (failed, ()) = tokio::join!(tool.call(arguments), echo(neighbour));
    assert_eq!(failed, Err(message.to_owned()));
    // Whatever became of it, the next call is answered.
    echo(server).await;
    server.clone()
}

async fn pid(server: &Server, name: &str) -> i32 {
    let id = tool(&list(server).await, &format!("s.{name}")).call(json!({})).await.expect("it answers");
    id.as_str().and_then(|id| id.parse().ok()).expect("a number")
}

#[tokio::test]
async fn a_command_that_is_not_there_is_named() {
    let message = "the server `s` cannot be started: there is no program `no-such-server`; install it, or give its \
                   whole path as `command`";
    does_not_start(json!({ "command": "/opt/secret/bin/no-such-server" }), ErrorKind::NotStarted, message).await;
    does_not_start(json!({ "command": "no-such-server" }), ErrorKind::NotStarted, message).await;
}

#[tokio::test]
async fn a_command_that_may_not_be_run_is_named() {
    let message = "the server `s` cannot be started: `passwd` may not be run; make it executable";
    does_not_start(json!({ "command": "/etc/passwd" }), ErrorKind::NotStarted, message).await;
    let message = "the server `s` cannot be started: its `cwd` is no directory";
    does_not_start(json!({ "command": "node", "cwd": "/no/such" }), ErrorKind::NotStarted, message).await;
}

#[tokio::test]
async fn a_server_that_ends_at_once_says_why_without_path_or_secret() {
    let mut entry = odd("exit");
    entry["env"] = json!({ "KEY": "s3cret-key" });
    let message = "the server `s` ended (exit code 3): cannot read …/odd.js: the key [secret] is wrong";
    does_not_start(entry, ErrorKind::Ended, message).await;
    let message = "the server `s` ended (exit code 0) and wrote nothing to its standard error";
    does_not_start(json!({ "command": "true" }), ErrorKind::Ended, message).await;
}

#[tokio::test]
async fn a_server_that_hangs_at_its_start_is_given_up() {
    let mut entry = odd("hang");
    entry["startup_timeout_sec"] = json!(0.3);
    let message = "the server `s` did not start within 0.3 s (command `node`): see that it runs, or give it longer \
                   with `startup_timeout_sec`";
    does_not_start(entry, ErrorKind::Timeout, message).await;
}

#[tokio::test]
async fn a_server_that_writes_something_else_is_given_up() {
    let message = "the server `s` does not speak MCP: it wrote `Server listening on port 80` where messages were \
                   expected; logs belong on standard error";
    does_not_start(odd("garbage"), ErrorKind::Protocol, message).await;
    let message = "the server `s` sent a line that does not end, and was stopped";
    does_not_start(odd("endless"), ErrorKind::TooLarge, message).await;
    let message = "the server `s` does not speak MCP: its first answer is none";
    does_not_start(odd("nonsense"), ErrorKind::Protocol, message).await;
}

#[tokio::test]
async fn some_lines_of_a_log_do_no_harm() {
    echo(&server(odd("chatty"))).await;
}

#[tokio::test]
async fn a_server_that_begins_to_write_something_else_is_started_again() {
    let server = server(odd("good"));
    let babble = tool(&list(&server).await, "s.babble");
    assert_eq!(babble.call(json!({ "lines": 99 })).await, Ok(json!("babbled")));
    let message = "the server `s` does not speak MCP: it wrote `progress: 0 %` where messages were expected; logs \
                   belong on standard error";
    call_fails("babble", json!({ "lines": 100 }), message).await;
}

#[tokio::test]
async fn a_server_of_an_older_version_is_understood() {
    echo(&server(odd("old"))).await;
}

#[tokio::test]
async fn a_server_that_refuses_to_be_initialised_is_discovered() {
    echo(&server(odd("modern"))).await;
}

#[tokio::test]
async fn a_crash_fails_its_call_and_the_next_call_restarts() {
    let message = "the server `s` ended (exit code 7): out of luck";
    call_fails("crash", json!({ "code": 7, "last": "out of luck\n" }), message).await;
    let message = "the server `s` ended (exit code 1) and wrote nothing to its standard error";
    call_fails("crash", json!({ "code": 1 }), message).await;
}

#[tokio::test]
async fn a_killed_server_is_started_again() {
    call_fails("kill", json!({}), "the server `s` ended (signal 9) and wrote nothing to its standard error").await;
}

#[tokio::test]
async fn a_server_that_closes_its_output_is_started_again() {
    call_fails("mute", json!({}), "the server `s` closed its standard output and was stopped").await;
}

#[tokio::test]
async fn a_crash_fails_all_calls_that_wait() {
    let server = server(odd("good"));
    let listing = list(&server).await;
    let (never, crash) = (tool(&listing, "s.never"), tool(&listing, "s.crash"));
    let (one, two, three) =
        tokio::join!(never.call(json!({})), never.call(json!({})), crash.call(json!({ "code": 2 })));
    let message = Err("the server `s` ended (exit code 2) and wrote nothing to its standard error".to_owned());
    assert_eq!((&one, &two, &three), (&message, &message, &message));
}

#[tokio::test]
async fn a_server_that_always_crashes_is_left_alone_for_a_while() {
    let server = server(odd("good"));
    let crash = tool(&list(&server).await, "s.crash");
    for _ in 0..4 {
        let message = "the server `s` ended (exit code 5): no luck";
        assert_eq!(crash.call(json!({ "code": 5, "last": "no luck" })).await, Err(message.to_owned()));
    }
    let message = "the server `s` ended too often: it was started again 3 times within a minute, and is left alone \
                   until that minute has passed; the last time it ended (exit code 5): no luck";
    let error = server.tools().await.expect_err("it is left alone");
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::GivenUp, message));
    assert_eq!(crash.call(json!({ "code": 5 })).await, Err(message.to_owned()));
}

#[tokio::test]
async fn those_who_wait_for_a_start_that_fails_get_one_error() {
    let mut entry = odd("hang");
    entry["startup_timeout_sec"] = json!(0.5);
    let server = server(entry);
    let begin = Instant::now();
    let errors = futures_util::future::join_all((0..10).map(|_| server.tools())).await;
    assert!(errors.into_iter().all(|error| error.is_err_and(|error| error.kind() == ErrorKind::Timeout)));
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn results_that_are_too_large_or_too_deep_fail_alone() {
    let message = "the result has 4194306 bytes, and at most 4 MiB are allowed; ask for less at a time";
    let server = call_fails("huge", json!({ "bytes": 4 * 1024 * 1024 }), message).await;
    let message = "the server `s` sent an answer of more than 16 MiB; ask it for less at a time";
    let huge = tool(&list(&server).await, "s.huge");
    assert_eq!(huge.call(json!({ "bytes": 17 * 1024 * 1024 })).await, Err(message.to_owned()));
    let fits = huge.call(json!({ "bytes": 4 * 1024 * 1024 - 2 })).await.expect("it fits");
    assert_eq!(fits.as_str().map(str::len), Some(4 * 1024 * 1024 - 2));
    let message = "the server `s` sent an answer that cannot be read: it is nested too deeply or is broken JSON";
    let deep = tool(&list(&server).await, "s.deep");
    assert_eq!(deep.call(json!({ "levels": 100_000 })).await, Err(message.to_owned()));
    assert!(deep.call(json!({ "levels": 100 })).await.is_ok());
    echo(&server).await;
}

#[tokio::test]
async fn what_a_server_refuses_is_told_in_its_words() {
    call_fails("refuse", json!({}), "the server `s` refused (code -32602): not like this").await;
    call_fails("fail", json!({}), "it went wrong").await;
}

#[tokio::test]
async fn a_call_that_is_never_answered_holds_up_nobody_and_is_cancelled() {
    let server = server(odd("good"));
    let listing = list(&server).await;
    let never = tool(&listing, "s.never");
    let waits = futures_util::future::join_all((0..50).map(|_| never.call(json!({}))));
    let meanwhile = async {
        echo(&server).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    tokio::select! {
        _ = waits => panic!("it answered"),
        () = meanwhile => {}
    }
    // All were told off when they were dropped.
    let expected = json!({ "cancelled": vec!["nobody waits for it"; 50] });
    let cancelled = tool(&listing, "s.cancelled");
    let mut found = Value::Null;
    for _ in 0..100 {
        found = cancelled.call(json!({})).await.expect("it answers");
        if found == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_a_server_asks_is_refused_and_what_it_floods_is_passed_over() {
    let server = server(odd("good"));
    let listing = list(&server).await;
    let asked = tool(&listing, "s.ask").call(json!({})).await;
    assert_eq!(asked, Ok(json!("{\"code\":-32601,\"message\":\"Method not found\"}")));
    assert_eq!(tool(&listing, "s.flood").call(json!({})).await, Ok(json!("flooded")));
}

#[tokio::test]
async fn a_changed_list_is_told() {
    let server = server(odd("good"));
    let mut changed = server.changed();
    let listing = list(&server).await;
    assert_eq!(*changed.borrow_and_update(), 0);
    assert!(!names(&listing).contains(&"s.grown_0"));
    assert_eq!(tool(&listing, "s.grow").call(json!({})).await, Ok(json!("grown")));
    changed.changed().await.expect("the server is there");
    assert_eq!(*changed.borrow_and_update(), 1);
    assert!(names(&list(&server).await).contains(&"s.grown_0"));
}

#[tokio::test]
async fn lists_without_end_are_cut() {
    let listing = list(&server(odd("many"))).await;
    assert_eq!(listing.tools.len(), 10_000);
    assert_eq!(listing.notes, ["`s`: the list of tools is cut short: there are more than 10,000"]);
    let listing = list(&server(odd("cyclic"))).await;
    assert_eq!(names(&listing), ["s.one", "s.two"]);
    assert_eq!(
        listing.notes,
        ["`s`: a second tool `one` is left out", "`s`: the list of tools is cut short: its pages go round in a circle"]
    );
}

#[tokio::test]
async fn hostile_names_and_schemas_do_no_harm() {
    let server = server(odd("hostile"));
    let listing = list(&server).await;
    let expected = [
        "s.$5f_proto__",
        "s.$74hen",
        "s.a$20b",
        "s.a$2fb",
        "s.na$c3$afve",
        "s.twice",
        "s.big",
        "s.nested",
        "s.odd",
        "s.loud",
        "s.list_resources",
        "s.read_resource",
        "s.list_prompts",
        "s.get_prompt",
    ];
    assert_eq!(names(&listing), expected);
    let notes = [
        "`s`: the tool `` is left out: its name is empty or too long".to_owned(),
        format!("`s`: the tool `{}…` is left out: its name is empty or too long", "x".repeat(80)),
        "`s`: a second tool `twice` is left out".to_owned(),
        "`s`: a tool without a name is left out".to_owned(),
        "`s`: a tool without a name is left out".to_owned(),
        "`s`: a tool without a name is left out".to_owned(),
        "`s`: the input schema of `big` is not used: it is larger than 256 KiB".to_owned(),
        "`s`: the input schema of `nested` is not used: it is nested more than 64 levels deep".to_owned(),
        "`s`: the input schema of `odd` is not used: it is no object".to_owned(),
        "`s`: the output schema of `odd` is not used: it is no object".to_owned(),
    ];
    assert_eq!(listing.notes, notes);
    for name in ["s.big", "s.nested", "s.odd"] {
        assert_eq!(tool(&listing, name).input_schema(), &json!({ "type": "object" }));
    }
    let loud = tool(&listing, "s.loud").description().to_owned();
    assert_eq!(loud.chars().count(), 8 * 1024 + 1);
    assert!(loud.starts_with(" [2Jclear  xxx"), "{}", &loud[..20]);
    // Its own tool of that name has gone before ours.
    let own = listing.tools.iter().find(|tool| tool.name().as_str() == "s.list_resources").map(Tool::effect);
    assert_eq!(own, Some(Effect::Additive));
}

#[tokio::test]
async fn tools_that_are_switched_off_are_left_out() {
    let mut entry = odd("hostile");
    entry["enabled_tools"] = json!(["a b", "then", "list_prompts"]);
    entry["disabled_tools"] = json!(["then"]);
    let listing = list(&server(entry)).await;
    assert_eq!(names(&listing), ["s.a$20b", "s.list_prompts"]);
    assert_eq!(listing.notes, ["`s`: a tool without a name is left out"; 3]);
}

#[tokio::test]
async fn a_program_gets_its_own_variables_and_none_of_the_keys_of_the_host() {
    let mut entry = odd("good");
    entry["env"] = json!({ "MINE": "yes" });
    entry["cwd"] = json!("/");
    let server = server(entry);
    let listing = list(&server).await;
    let env = tool(&listing, "s.env").call(json!({})).await.expect("it answers");
    let mut names: Vec<&str> = env.as_object().expect("variables").keys().map(String::as_str).collect();
    names.retain(|name| {
        !["HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "USER", "TMP", "TEMP"].contains(name)
    });
    assert_eq!(names, ["MINE"]);
    assert_eq!(tool(&listing, "s.cwd").call(json!({})).await, Ok(json!("/")));
}

#[tokio::test]
async fn a_dropped_server_ends_with_all_of_its_group() {
    let polite = server(odd("good"));
    let polite_id = pid(&polite, "pid").await;
    drop(polite);
    gone(polite_id).await;
    let stubborn = server(odd("stubborn"));
    let (id, child) = (pid(&stubborn, "pid").await, pid(&stubborn, "child").await);
    let begin = Instant::now();
    drop(stubborn);
    gone(id).await;
    gone(child).await;
    assert!(begin.elapsed() >= Duration::from_secs(2), "it was given time: {:?}", begin.elapsed());
}

#[tokio::test]
async fn a_start_that_nobody_waits_for_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pid");
    let mut entry = odd("hang");
    entry["env"] = json!({ "PID_FILE": file });
    let server = server(entry);
    let written = async {
        loop {
            match std::fs::read_to_string(&file).map(|text| text.parse()) {
                Ok(Ok(id)) => break id,
                _ => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let id = tokio::select! {
        _ = server.tools() => panic!("it hangs"),
        id = written => id,
    };
    gone(id).await;
}

#[tokio::test]
async fn a_tool_keeps_its_server() {
    let server = server(odd("good"));
    let id = pid(&server, "pid").await;
    let echo = tool(&list(&server).await, "s.echo");
    drop(server);
    assert_eq!(echo.call(json!({ "text": "still here" })).await, Ok(json!("still here")));
    drop(echo);
    gone(id).await;
}

#[test]
fn a_runtime_that_ends_takes_the_servers_with_it() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let stubborn = server(odd("stubborn"));
    let ids = runtime.block_on(async { [pid(&stubborn, "pid").await, pid(&stubborn, "child").await] });
    drop(runtime);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for id in ids {
            gone(id).await;
        }
    });
}
