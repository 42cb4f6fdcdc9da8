//! Attacks by scripts and by servers. Each goes with a control: the same request goes through where it is not an attack.

use crate::calls::Calls as _;
use crate::support::{Names, ask, local, serve, serve_at};
use agentloop_tools::Http;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::{any, get};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "sk-0123456789abcdef";
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What a server was asked: the host and the path, and the headers.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, HeaderMap)>>>);

impl Seen {
    fn add(&self, uri: &Uri, headers: HeaderMap) {
        let host = headers["host"].to_str().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
        self.0.lock().expect("nobody panicked").push((format!("{host}{}", uri.path()), headers));
    }

    fn urls(&self) -> Vec<String> {
        self.0.lock().expect("nobody panicked").iter().map(|(url, _)| url.clone()).collect()
    }

    fn header(&self, index: usize, name: &str) -> Option<String> {
        let seen = self.0.lock().expect("nobody panicked");
        seen[index].1.get(name).map(|value| value.to_str().expect("it is text").to_owned())
    }
}

/// `/to?…` redirects there, and everything else answers `here`.
async fn redirecting() -> (u16, Seen) {
    let seen = Seen::default();
    let (at_to, at_rest) = (seen.clone(), seen.clone());
    let to = async move |uri: Uri, headers: HeaderMap| {
        at_to.add(&uri, headers);
        (StatusCode::TEMPORARY_REDIRECT, [("location", uri.query().unwrap_or_default().to_owned())])
    };
    let here = async move |uri: Uri, headers: HeaderMap| {
        at_rest.add(&uri, headers);
        "here"
    };
    let app = Router::new().route("/to", any(to)).fallback(here);
    (serve(app).await, seen)
}

fn to(port: u16, location: &str) -> Value {
    json!({ "url": format!("http://a.test:{port}/to?{location}") })
}

fn private(host: &str) -> String {
    format!(
        "`{host}` is at a private address, and nothing is sent there unless the application allows it with `allow_private`"
    )
}

fn redirects(port: u16, why: &str) -> Result<Value, String> {
    Err(format!("`http://a.test:{port}` redirects to what is not allowed: {why}"))
}

#[tokio::test]
async fn a_private_address_is_refused_by_name_and_by_number() {
    let (port, seen) = redirecting().await;
    for (allowed, host, shown) in [
        ("a.test", "a.test", "a.test"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "2130706433", "127.0.0.1"),
        ("127.0.0.1", "0x7f.0.0.01", "127.0.0.1"),
        ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:7f00:1]"),
    ] {
        let http = || {
            let http = Http::allow([format!("http://{allowed}:{port}")]).expect("it is a host");
            http.resolver(Names::new(&[Ipv4Addr::LOCALHOST]))
        };
        let request = || json!({ "url": format!("http://{host}:{port}/") });
        assert_eq!(ask(http(), request()).await, Err(private(shown)), "{host}");
        if !allowed.starts_with('[') {
            // The server is there: only the permission was missing.
            let answer = ask(http().allow_private(allowed).expect("it is a host"), request()).await;
            assert_eq!(answer.expect("it answers")["body"], "here", "{host}");
        }
    }
    assert_eq!(seen.urls().len(), 4);
}

#[tokio::test]
async fn a_special_address_is_refused_even_if_private_ones_are_allowed() {
    let special = Err("`a.test` is at a special address, and nothing is sent there".to_owned());
    for address in [METADATA, Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1)] {
        let http = local(80).resolver(Names::new(&[address]));
        assert_eq!(ask(http, json!({ "url": "http://a.test" })).await, special, "{address}");
    }
    let http = Http::allow(["http://169.254.169.254"]).and_then(|http| http.allow_private("169.254.169.254"));
    let request = json!({ "url": "http://0xa9fea9fe/latest/meta-data" });
    let special = Err("`169.254.169.254` is at a special address, and nothing is sent there".to_owned());
    assert_eq!(ask(http.expect("it is a host"), request).await, special);
}

#[tokio::test]
async fn a_redirect_does_not_lead_to_a_private_address() {
    let (port, seen) = redirecting().await;
    let http = || {
        let hosts = ["a.test", "b.test", "127.0.0.1"].map(|host| format!("http://{host}:{port}"));
        let http = Http::allow(hosts).and_then(|http| http.allow_private("a.test")).expect("they are hosts");
        http.resolver(Names::new(&[Ipv4Addr::LOCALHOST]))
    };
    let by_number = to(port, &format!("http://2130706433:{port}/"));
    let by_name = to(port, &format!("http://b.test:{port}/"));
    assert_eq!(ask(http(), by_number.clone()).await, redirects(port, &private("127.0.0.1")));
    assert_eq!(ask(http(), by_name.clone()).await, Err(private("b.test")));
    assert_eq!(seen.urls(), ["a.test/to", "a.test/to"]);
    let open = || http().allow_private("127.0.0.1").and_then(|http| http.allow_private("b.test")).expect("hosts");
    assert_eq!(ask(open(), by_number).await.expect("it answers")["body"], "here");
    assert_eq!(ask(open(), by_name).await.expect("it answers")["body"], "here");
}

#[tokio::test]
async fn a_redirect_does_not_lead_to_another_host_or_scheme() {
    let (port, seen) = redirecting().await;
    let only = format!("only `http://a.test:{port}`, `http://b.test:{port}`");
    let refused = async |location: &str, why: &str| {
        assert_eq!(ask(local(port), to(port, location)).await, redirects(port, why), "{location}");
    };
    let evil = format!("`http://evil.test:{port}` may not be asked, {only}");
    refused(&format!("http://evil.test:{port}/"), &evil).await;
    refused(&format!("//evil.test:{port}/"), &evil).await;
    refused(&format!("http://a.test.evil.test:{port}/"), &evil.replace("evil.test", "a.test.evil.test")).await;
    refused("file:///etc/passwd", "`file:` is not the scheme of a URL of the web: pass `https://…`").await;
    let user = "the URL has a user or a password in it, which is not sent: leave it out";
    refused(&format!("http://me@b.test:{port}/"), user).await;
    refused("http://", "that is not a URL: empty host").await;
    assert_eq!(seen.urls(), vec!["a.test/to"; 6]);
    let answer = ask(local(port), to(port, &format!("//b.test:{port}/x"))).await.expect("it answers");
    assert_eq!((&answer["body"], &answer["url"]), (&json!("here"), &json!(format!("http://b.test:{port}/x"))));
}

#[tokio::test]
async fn a_redirect_does_not_lead_to_a_url_without_end() {
    let to = |length: usize| get(async move || (StatusCode::FOUND, [("location", format!("/{}", "x".repeat(length)))]));
    let port = serve(Router::new().route("/long", to(10_000)).route("/short", to(1_000))).await;
    let call = async |path: &str| ask(local(port), json!({ "url": format!("http://a.test:{port}{path}") })).await;
    assert_eq!(call("/long").await, redirects(port, "the URL is over 8192 bytes"));
    assert_eq!(call("/short").await.expect("it answers")["status"], 404);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let seen = Seen::default();
    let count = seen.clone();
    let circle = async move |uri: Uri, headers: HeaderMap| {
        count.add(&uri, headers);
        let left: u32 = uri.query().and_then(|query| query.parse().ok()).unwrap_or(u32::MAX);
        let status = if left == 0 { StatusCode::OK } else { StatusCode::FOUND };
        (status, [("location", format!("/?{}", left.saturating_sub(1)))])
    };
    let port = serve(Router::new().route("/", get(circle))).await;
    let circle = json!({ "url": format!("http://a.test:{port}/") });
    let expected = format!("there are over 5 redirects, the last one from `http://a.test:{port}`");
    assert_eq!(ask(local(port), circle).await, Err(expected));
    assert_eq!(seen.urls().len(), 6);
    let five = json!({ "url": format!("http://a.test:{port}/?5") });
    assert_eq!(ask(local(port), five).await.expect("it answers")["status"], 200);
}

#[tokio::test]
async fn an_answer_of_a_resolver_that_changes_is_of_no_use() {
    let close = |body: &'static str| Router::new().route("/", get(async move || ([("connection", "close")], body)));
    let port = serve(close("good")).await;
    serve_at(ELSEWHERE, port, close("evil")).await;
    // A program that checks one answer and connects to the next is led elsewhere.
    let names = Names::new(&[Ipv4Addr::LOCALHOST, ELSEWHERE]);
    assert_eq!(names.next("a.test"), Ipv4Addr::LOCALHOST);
    let mut stream = TcpStream::connect((names.next("a.test"), port)).await.expect("it connects");
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it is read");
    assert!(answer.ends_with("evil"), "{answer}");
    // Here, each connection goes to the one answer that was checked.
    let names = Names::new(&[Ipv4Addr::LOCALHOST, METADATA]);
    let tools = local(port).resolver(names.clone()).tools().expect("there is a tool");
    let call = async || tools[0].call(json!({ "url": format!("http://a.test:{port}/") })).await;
    assert_eq!(call().await.expect("it answers")["body"], "good");
    assert_eq!(names.asked(), ["a.test"]);
    let special = "`a.test` is at a special address, and nothing is sent there".to_owned();
    assert_eq!(call().await, Err(special));
}

/// Sends back what it got, in its own ways.
async fn echoing() -> (u16, Seen) {
    let seen = Seen::default();
    let at = seen.clone();
    let echo = async move |uri: Uri, headers: HeaderMap| {
        let key = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        at.add(&uri, headers);
        let (status, location) = match uri.query() {
            Some(location) => (StatusCode::FOUND, location.replace("KEY", &key)),
            None => (StatusCode::OK, String::new()),
        };
        (status, [("x-echo", key.clone()), ("location", location)], format!("<{key}> <{}>", key.to_uppercase()))
    };
    (serve(Router::new().fallback(echo)).await, seen)
}

fn with_key(port: u16) -> Http {
    let value = format!("Bearer {KEY}");
    local(port).secret_header(&format!("http://a.test:{port}"), "Authorization", &value).expect("it is a secret")
}

#[tokio::test]
async fn a_secret_is_sent_and_not_shown() {
    let (port, seen) = echoing().await;
    let answer = ask(with_key(port), json!({ "url": format!("http://a.test:{port}/") })).await.expect("it answers");
    assert_eq!(seen.header(0, "authorization"), Some(format!("Bearer {KEY}")));
    assert_eq!(answer["body"], "<[secret]> <[secret]>");
    assert_eq!(answer["headers"]["x-echo"], "[secret]");
    assert!(!answer.to_string().contains(KEY), "{answer}");
    // A script that knows no secret sees what the server sends.
    let own = json!({ "url": format!("http://b.test:{port}/"), "headers": { "authorization": "own" } });
    assert_eq!(ask(with_key(port), own).await.expect("it answers")["body"], "<own> <OWN>");
    let replaced = json!({ "url": format!("http://a.test:{port}/"), "headers": { "AUTHORIZATION": "own" } });
    let expected = format!("the application sets the header `authorization` for `http://a.test:{port}`: leave it out");
    assert_eq!(ask(with_key(port), replaced).await, Err(expected));
}

#[tokio::test]
async fn a_secret_does_not_travel_to_another_host() {
    let (port, seen) = echoing().await;
    let to = |location: &str| json!({ "url": format!("http://a.test:{port}/?{location}") });
    assert!(ask(with_key(port), to(&format!("http://b.test:{port}/x"))).await.is_ok());
    assert_eq!(seen.urls(), ["a.test/", "b.test/x"]);
    assert_eq!(seen.header(0, "authorization"), Some(format!("Bearer {KEY}")));
    assert_eq!(seen.header(1, "authorization"), None);
    // On the same host it does.
    assert!(ask(with_key(port), to("/y")).await.is_ok());
    assert_eq!(seen.header(3, "authorization"), Some(format!("Bearer {KEY}")));
    let in_url = ask(with_key(port), to(&format!("http://b.test:{port}/KEY"))).await;
    assert_eq!(in_url, redirects(port, "the URL has a secret of the application in it"));
    assert_eq!(seen.urls().len(), 5);
}

#[tokio::test]
async fn headers_of_a_script_stay_behind_on_a_redirect_to_another_host() {
    let (port, seen) = echoing().await;
    let headers = json!({ "authorization": "own", "x-api-key": "own", "accept": "text/plain" });
    for (location, kept) in [(format!("http://b.test:{port}/x"), None), ("/x".to_owned(), Some("own".to_owned()))] {
        let request = json!({ "url": format!("http://a.test:{port}/?{location}"), "headers": headers });
        assert!(ask(local(port), request).await.is_ok());
        let last = seen.urls().len() - 1;
        assert_eq!(seen.header(last, "authorization"), kept);
        assert_eq!(seen.header(last, "x-api-key"), kept);
        assert_eq!(seen.header(last, "accept").as_deref(), Some("text/plain"));
    }
}

#[tokio::test]
async fn an_error_has_no_secret_in_it() {
    let (port, seen) = echoing().await;
    let url = format!("http://a.test:{port}/?http://{KEY}.test/");
    let why = ask(with_key(port), json!({ "url": url })).await;
    assert_eq!(why, redirects(port, "the URL has a secret of the application in it"));
    let direct = ask(with_key(port), json!({ "url": format!("http://{KEY}.test/") })).await;
    let only = format!("only `http://a.test:{port}`, `http://b.test:{port}`");
    assert_eq!(direct, Err(format!("`http://[secret].test` may not be asked, {only}")));
    assert_eq!(seen.urls().len(), 1);
}

#[tokio::test]
async fn a_line_break_starts_no_second_header_or_request() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("it is bound");
    let port = listener.local_addr().expect("it has an address").port();
    let refused = async |headers: Value| {
        ask(local(port), json!({ "url": format!("http://a.test:{port}/"), "headers": headers })).await
    };
    let broken = "the value of the header `x-a` has characters that no header has, such as line breaks";
    assert_eq!(refused(json!({ "x-a": "1\r\nx-b: 2" })).await, Err(broken.to_owned()));
    assert_eq!(refused(json!({ "x-a\r\nx-b": "1" })).await, Err("`x-a\\r\\nx-b` is no name of a header".to_owned()));
    // In a URL, it is nothing but a line break in a URL, which there is not.
    let read = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("it is connected to");
        let mut bytes = vec![0; 4096];
        let count = stream.read(&mut bytes).await.expect("it is read");
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("it is sent");
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    });
    let url = format!("http://a.test:{port}/x\r\nx-b: 2 HTTP/1.1\r\n\r\n");
    assert_eq!(ask(local(port), json!({ "url": url })).await.expect("it answers")["status"], 204);
    let sent = read.await.expect("it ends");
    assert_eq!(sent.lines().next(), Some("GET /xx-b:%202%20HTTP/1.1 HTTP/1.1"));
    assert!(!sent.contains("x-b: 2"), "{sent}");
}

/// Runs a test once more, in a process with other variables in its environment, and gives nothing. In that process, it gives the
/// value of the `marker` among them.
pub(crate) async fn child(name: &str, marker: &str, value: &OsStr) -> Option<OsString> {
    if std::env::var_os(CHILD).is_some() {
        return std::env::var_os(marker);
    }
    let mut command = tokio::process::Command::new(std::env::current_exe().expect("it has a path"));
    command.args(["--exact", name]).env(CHILD, "1").env(marker, value);
    let output = command.output().await.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    None
}

/// Set in the process of [`child`].
const CHILD: &str = "AGENTLOOP_TEST_CHILD";

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_used() {
    let name = "attacks::a_proxy_of_the_environment_is_not_used";
    let proxy = serve(Router::new().fallback(async || "proxied")).await;
    let proxy = format!("http://127.0.0.1:{proxy}");
    if child(name, "http_proxy", OsStr::new(&proxy)).await.is_none() {
        return;
    }
    let (port, _) = redirecting().await;
    let url = format!("http://a.test:{port}/");
    // Another client does use it.
    let client = reqwest::Client::builder().tls_certs_only([]).build().expect("it is made");
    let answer = client.get(&url).send().await.expect("it answers").text().await.expect("it is text");
    assert_eq!(answer, "proxied");
    let answer = ask(local(port), json!({ "url": url })).await.expect("it answers");
    assert_eq!(answer["body"], "here");
}
