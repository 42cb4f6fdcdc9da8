//! What can go wrong with a server behind an address.

use crate::calls::Calls as _;
use crate::support::{Web, echo, list, server, tool};
use agentloop_tools::mcp::ErrorKind;
use serde_json::json;
use std::time::Duration;

/// Nothing can be listed, with this error, and a neighbour on the same port answers.
async fn is_refused(web: &Web, path: &str, kind: ErrorKind, message: &str) {
    let (broken, good) = (web.server(path), web.server("/good"));
    let (error, ()) = tokio::join!(broken.tools(), echo(&good));
    let error = error.expect_err("it cannot be listed");
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
}

/// A call fails with this error, and a neighbour answers.
async fn call_fails(web: &Web, path: &str, message: &str) {
    let (broken, good) = (web.server(path), web.server("/good"));
    let tool = tool(&list(&broken).await, "s.echo");
    let (error, ()) = tokio::join!(tool.call(json!({ "text": "hi" })), echo(&good));
    assert_eq!(error, Err(message.to_owned()));
}

#[tokio::test]
async fn answers_of_both_kinds_are_understood() {
    let web = Web::odd().await;
    echo(&web.server("/good")).await;
    echo(&web.server("/sse")).await;
    echo(&web.server("/resume")).await;
}

#[tokio::test]
async fn a_status_is_an_error_with_a_way_out() {
    let web = Web::odd().await;
    let url = format!("http://127.0.0.1:{}/401", web.port);
    let entry = json!({ "url": url, "headers": { "Authorization": "Bearer s3cret-t0ken" } });
    let error = server(entry).tools().await.expect_err("it is refused");
    let message =
        "the server `s` answered 401: no token like [secret]; see that the token under its `headers` is right";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unauthorized, message));
    let message = "the server `s` answered 404; see that its `url` is right";
    is_refused(&web, "/404", ErrorKind::Status, message).await;
    let message = "the server `s` answered 500: the database is gone";
    is_refused(&web, "/500", ErrorKind::Status, message).await;
    let message = "the server `s` answered 307; give the address that it redirects to as its `url`";
    is_refused(&web, "/moved", ErrorKind::Status, message).await;
    let message = "the server `s` answered with `text/html` where JSON was expected: see that its `url` leads to MCP";
    is_refused(&web, "/html", ErrorKind::Protocol, message).await;
}

#[tokio::test]
async fn a_server_that_fails_again_and_again_is_left_alone_for_a_while() {
    let web = Web::odd().await;
    let server = web.server("/404");
    for _ in 0..4 {
        let error = server.tools().await.expect_err("it is not there");
        assert_eq!(error.kind(), ErrorKind::Status);
    }
    let error = server.tools().await.expect_err("it is left alone");
    let message = "the server `s` failed too often: it was connected to again 3 times within a minute, and is left \
                   alone until that minute has passed; the last time it answered 404; see that its `url` is right";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::GivenUp, message));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let web = Web::odd().await;
    let url = format!("http://127.0.0.1:{}/silent", web.port);
    let (silent, good) = (server(json!({ "url": url, "startup_timeout_sec": 0.3 })), web.server("/good"));
    let (error, ()) = tokio::join!(silent.tools(), echo(&good));
    let error = error.expect_err("it says nothing");
    let message = format!(
        "the server `s` did not answer within 0.3 s (http://127.0.0.1:{}): see that it runs, or give it longer with \
         `startup_timeout_sec`",
        web.port
    );
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::Timeout, message));
}

#[tokio::test]
async fn answers_that_break_off_or_are_too_large_fail_alone() {
    let web = Web::odd().await;
    call_fails(&web, "/broken", "the server `s` ended the stream before it had answered").await;
    call_fails(&web, "/huge", "the server `s` sent an answer of more than 16 MiB; ask it for less at a time").await;
}

#[tokio::test]
async fn a_call_that_is_never_answered_holds_up_nobody() {
    let web = Web::odd().await;
    let server = web.server("/good");
    let never = tool(&list(&server).await, "s.never");
    let waits = futures_util::future::join_all((0..20).map(|_| never.call(json!({}))));
    tokio::select! {
        _ = waits => panic!("it answered"),
        () = echo(&server) => {}
    }
    echo(&server).await;
}

#[tokio::test]
async fn a_forgotten_session_is_begun_anew() {
    let web = Web::odd().await;
    let server = web.server("/forget");
    let listing = list(&server).await;
    assert_eq!(tool(&listing, "s.session").call(json!({})).await, Ok(json!("session-1")));
    assert_eq!(tool(&listing, "s.session").call(json!({})).await, Ok(json!("session-1")));
}

#[tokio::test]
async fn a_server_that_refuses_to_be_initialised_is_discovered() {
    let web = Web::odd().await;
    let server = web.server("/modern");
    echo(&server).await;
    let listing = list(&server).await;
    let header = tool(&listing, "s.header");
    assert_eq!(header.call(json!({ "name": "mcp-name" })).await, Ok(json!("header")));
    // Here, to hang up is to cancel.
    let never = tool(&listing, "s.never");
    assert!(tokio::time::timeout(Duration::from_millis(100), never.call(json!({}))).await.is_err());
    let left = tool(&listing, "s.left");
    for _ in 0..100 {
        if left.call(json!({})).await == Ok(json!("1")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the call was not cancelled");
}

#[tokio::test]
async fn a_server_that_was_discovered_tells_of_changes() {
    let web = Web::odd().await;
    let server = web.server("/modern");
    let mut changed = server.changed();
    list(&server).await;
    changed.wait_for(|generation| *generation == 1).await.expect("the server is there");
}

#[tokio::test]
async fn headers_are_sent() {
    let web = Web::odd().await;
    let url = format!("http://127.0.0.1:{}/good", web.port);
    let server = server(json!({ "url": url, "headers": { "X-Key": "abcdefgh" } }));
    let header = tool(&list(&server).await, "s.header");
    assert_eq!(header.call(json!({ "name": "x-key" })).await, Ok(json!("abcdefgh")));
    assert_eq!(header.call(json!({ "name": "mcp-protocol-version" })).await, Ok(json!("2025-11-25")));
}

#[tokio::test]
async fn a_server_that_is_gone_fails_its_calls_until_it_is_back() {
    let mut web = Web::odd().await;
    let other = Web::odd().await;
    let (server, neighbour) = (web.server("/good"), other.server("/good"));
    let echo_tool = tool(&list(&server).await, "s.echo");
    web.kill().await;
    let (error, ()) = tokio::join!(echo_tool.call(json!({ "text": "hi" })), echo(&neighbour));
    let message =
        format!("the server `s` cannot be reached at http://127.0.0.1:{}: Connection refused (os error 111)", web.port);
    assert_eq!(error, Err(message.clone()));
    let fresh = web.server("/good").tools().await.expect_err("it is gone");
    assert_eq!((fresh.kind(), fresh.to_string()), (ErrorKind::Unreachable, message));
    let call = tokio::time::timeout(Duration::from_secs(5), echo_tool.call(json!({ "text": "hi" }))).await;
    assert!(call.is_ok_and(|call| call.is_err()));
}
