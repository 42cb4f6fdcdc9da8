//! Signing in to servers that want it.

mod guarded;

use self::guarded::{CANARY, Guarded};
use crate::calls::Calls as _;
use crate::support::{list, servers, tool};
use agentloop_tools::mcp::{Credentials, ErrorKind, Server};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const SIGN_IN: &str = "the server `s` answered 401: no token like <>; sign in with `Server::sign_in`";

/// The server of this entry, under the name `s`, with its tokens in this folder.
fn server(entry: Value, folder: &Path) -> Server {
    let servers = servers(json!({ "s": entry })).with_credentials(&Credentials::new(folder));
    servers.get("s").expect("it was read").clone()
}

/// What a person does in the browser who grants everything.
fn grant(page: &str) {
    let browser = reqwest::Client::builder().no_proxy().build().expect("it can be made");
    tokio::spawn(browser.get(page).send());
}

/// What the tool of this name says.
async fn says(server: &Server, name: &str) -> Result<Value, String> {
    tool(&list(server).await, &format!("s.{name}")).call(json!({})).await
}

/// The file of the token, if there is one.
fn file(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path());
    files.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "json"))
}

/// Lets the token expire.
fn expire(folder: &Path) {
    let path = file(folder).expect("there is a token");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("it is JSON");
    kept["received_at"] = json!(1);
    std::fs::write(path, kept.to_string()).expect("it is ours");
}

async fn signed_in(guarded: &Guarded, folder: &Path) -> Server {
    let server = server(guarded.entry(), folder);
    server.sign_in(grant).await.expect("it is granted");
    server
}

#[tokio::test]
async fn who_signs_in_is_let_in_until_they_sign_out() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let folder = &folder.path().join("made/when/needed");
    let ours = server(guarded.entry(), folder);
    let error = ours.tools().await.expect_err("there is no token");
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unauthorized, SIGN_IN));
    ours.sign_in(grant).await.expect("it is granted");
    assert_eq!(says(&ours, "whoami").await, Ok(json!("you are Bearer [secret]")));
    // As another process would be.
    assert_eq!(says(&server(guarded.entry(), folder), "whoami").await, Ok(json!("you are Bearer [secret]")));
    assert_eq!(guarded.books().pages.len(), 1);

    ours.sign_out().await.expect("it can be forgotten");
    assert_eq!(file(folder), None);
    let error = ours.tools().await.expect_err("there is no token");
    assert_eq!(error.to_string(), SIGN_IN);
}

#[tokio::test]
async fn signing_in_asks_for_what_the_protocol_wants() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    signed_in(&guarded, folder.path()).await;
    let books = guarded.books();
    let (page, exchange, registration) = (&books.pages[0], &books.exchanges[0], &books.registrations[0]);
    let redirect = page["redirect_uri"].as_str();
    assert!(redirect.starts_with("http://127.0.0.1:") && redirect.ends_with("/callback"), "{redirect}");
    assert_eq!(registration["redirect_uris"], json!([redirect]));
    assert_eq!(registration["application_type"], json!("native"));
    let resource = format!("{}/mcp", guarded.origin);
    assert_eq!((&page["resource"], &exchange["resource"]), (&resource, &resource));
    assert_eq!((page["client_id"].as_str(), page["scope"].as_str()), ("client-1", "read"));
    assert_eq!(page["code_challenge_method"], "S256");
    assert!(exchange["code_verifier"].len() >= 43);
    assert!(page["state"].len() >= 16);
}

#[tokio::test]
async fn the_file_of_a_token_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let folder = folder.path().join("tokens");
    signed_in(&guarded, &folder).await;
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file(&folder).expect("a token"))), (0o700, 0o600));
}

#[tokio::test]
async fn of_those_who_find_an_expired_token_one_renews_it() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    signed_in(&guarded, folder.path()).await;
    expire(folder.path());
    let others: Vec<Server> = (0..5).map(|_| server(guarded.entry(), folder.path())).collect();
    let answers = futures_util::future::join_all(others.iter().map(|server| says(server, "whoami"))).await;
    assert_eq!(answers, vec![Ok(json!("you are Bearer [secret]")); 5]);
    assert_eq!(guarded.books().renewals, 1);
}

#[tokio::test]
async fn a_token_that_is_taken_back_is_renewed_once() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let server = signed_in(&guarded, folder.path()).await;
    let whoami = tool(&list(&server).await, "s.whoami");
    guarded.take_back();
    assert_eq!(whoami.call(json!({})).await, Ok(json!("you are Bearer [secret]")));
    assert_eq!(guarded.books().renewals, 1);
    guarded.take_back();
    guarded.books().refuses = true;
    let message = "the server `s` answered 401: no token like <Bearer [secret]>; sign in with `Server::sign_in`";
    assert_eq!(whoami.call(json!({})).await, Err(message.to_owned()));
}

#[tokio::test]
async fn a_scope_that_is_missed_is_asked_for_next_time() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let first = signed_in(&guarded, folder.path()).await;
    let message = "the server `s` answered 403: you may not; to grant the scope `admin`, sign in with `Server::sign_in` \
                   again";
    assert_eq!(says(&first, "admin").await, Err(message.to_owned()));
    // As another process would be, which has not heard of it.
    let other = signed_in(&guarded, folder.path()).await;
    assert_eq!(says(&other, "admin").await, Ok(json!("you are Bearer [secret]")));
    let scopes: Vec<String> = guarded.books().pages.iter().map(|page| page["scope"].clone()).collect();
    assert_eq!(scopes, ["read", "read admin"]);
}

#[tokio::test]
async fn an_answer_of_somebody_else_is_turned_away() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let server = server(guarded.entry(), folder.path());
    let (told, mut attempts) = tokio::sync::mpsc::channel(1);
    let open = |page: &str| {
        let page = page.to_owned();
        tokio::spawn(async move {
            let url = url::Url::parse(&page).expect("an address");
            let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("it is asked for").1;
            let browser = reqwest::Client::builder().no_proxy().build().expect("it can be made");
            let mut statuses = Vec::new();
            for attempt in ["?code=x&state=guessed", "?code=x", "?error=access_denied&state=guessed", "/other?code=x"] {
                let answer = browser.get(format!("{redirect}{attempt}")).send().await.expect("it answers");
                statuses.push(answer.status().as_u16());
            }
            told.send(statuses).await.expect("the test waits");
            grant(&page);
        });
    };
    server.sign_in(open).await.expect("the right answer counts");
    assert_eq!(attempts.recv().await, Some(vec![400, 400, 400, 404]));
    assert_eq!(guarded.books().exchanges.len(), 1);
}

#[tokio::test]
async fn who_refuses_in_the_browser_is_heard() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let open = |page: &str| {
        let url = url::Url::parse(page).expect("an address");
        let value =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).expect("it is asked for").1.into_owned();
        grant(&format!("{}?error=access_denied&state={}", value("redirect_uri"), value("state")));
    };
    let error = server(guarded.entry(), folder.path()).sign_in(open).await.expect_err("it is refused");
    let message = "the server `s` cannot be signed in to: the authorization server refused with `access_denied`";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unauthorized, message));
    assert_eq!(file(folder.path()), None);
}

#[tokio::test]
async fn a_server_cannot_send_us_to_inner_addresses() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let server = server(guarded.entry(), folder.path());
    for authority in ["http://169.254.169.254", "https://169.254.169.254", "https://10.0.0.1", "http://auth.test"] {
        guarded.books().authority = Some(authority.to_owned());
        let opened = |page: &str| panic!("{page} is opened");
        let error = server.sign_in(opened).await.expect_err("it is refused").to_string();
        let begin = "the server `s` cannot be signed in to: ";
        let reason = error.strip_prefix(begin).unwrap_or_else(|| panic!("{error}"));
        let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", guarded.origin);
        let expected = match authority {
            "http://auth.test" => {
                "http://auth.test could not be asked: `http://auth.test` is no address of `https`".to_owned()
            }
            _ => format!(
                "Protected resource metadata at {metadata} names authorization servers {authority}, but none published \
                 usable metadata"
            ),
        };
        assert_eq!(reason, expected);
    }
    assert_eq!(guarded.books().pages.len(), 0);
}

#[tokio::test]
async fn who_cannot_register_says_what_to_do() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    guarded.books().is_closed = true;
    let error = server(guarded.entry(), folder.path()).sign_in(grant).await.expect_err("it is refused");
    let message = "the server `s` cannot be signed in to: its authorization server does not register programs by itself: \
                   register this one there, and give the server an `oauth` with its `clientId`";
    assert_eq!(error.to_string(), message);
    let mut entry = guarded.entry();
    entry["oauth"] = json!({ "clientId": "by-hand", "scopes": "a b" });
    server(entry, folder.path()).sign_in(grant).await.expect("it is granted");
    let page = guarded.books().pages[0].clone();
    assert_eq!((page["client_id"].as_str(), page["scope"].as_str()), ("by-hand", "a b"));
}

#[tokio::test]
async fn there_is_not_always_something_to_sign_in_to() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let mut entry = guarded.entry();
    entry["headers"] = json!({ "Authorization": "Bearer abcdefgh" });
    let program = json!({ "command": "node" });
    let without = servers(json!({ "s": guarded.entry() })).get("s").expect("it was read").clone();
    let messages = [
        (server(entry, folder.path()), "has an `Authorization` in its configuration; without that, one can sign in"),
        (server(program, folder.path()), "is a program, which asks for what it needs itself"),
        (without, "has no place for a token; give it one with `with_credentials`"),
    ];
    for (server, message) in messages {
        let error = server.sign_in(grant).await.expect_err("there is nothing to sign in to");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Refused, format!("the server `s` {message}")));
    }
}

#[tokio::test]
async fn a_file_that_holds_no_token_is_replaced() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    signed_in(&guarded, folder.path()).await;
    std::fs::write(file(folder.path()).expect("a token"), format!("{{\"access_token\": {CANARY}")).expect("it is ours");
    let server = server(guarded.entry(), folder.path());
    let error = server.tools().await.expect_err("there is no token");
    let message = "the server `s` has its token in a file that cannot be used: it is no file of tokens; sign in with \
                   `Server::sign_in` anew";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unauthorized, message));
    server.sign_in(grant).await.expect("it is granted");
    assert_eq!(says(&server, "whoami").await, Ok(json!("you are Bearer [secret]")));
}

#[tokio::test]
async fn tokens_are_in_no_error_and_no_debug() {
    let (guarded, folder) = (Guarded::start().await, tempfile::tempdir().expect("a folder"));
    let server = signed_in(&guarded, folder.path()).await;
    let kept = std::fs::read_to_string(file(folder.path()).expect("a token")).expect("it can be read");
    assert!(kept.contains(CANARY), "the tokens of this test have it");
    let mut seen = vec![format!("{server:?}"), format!("{:?}", Credentials::new(folder.path()))];
    seen.push(format!("{:?}", list(&server).await));
    seen.push(format!("{:?}", says(&server, "whoami").await));
    guarded.take_back();
    guarded.books().refuses = true;
    seen.push(format!("{:?}", server.tools().await.expect_err("it is refused")));
    let error = server.sign_in(grant).await.expect_err("it is refused");
    let message = "the server `s` cannot be signed in to: OAuth token exchange failed: Server returned error response: \
                   invalid_grant: no token like [secret]";
    assert_eq!(error.to_string(), message);
    seen.push(format!("{error:?}"));
    for text in seen {
        assert!(!text.contains(CANARY), "{text}");
    }
}
