//! What a request is and what an answer is, with servers on loopback.

use crate::calls::Calls as _;
use crate::support::{ask, local, serve};
use agentloop_sandbox::Effect;
use agentloop_tools::{Error, Http, HttpLimits};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use futures_util::stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Says what it was asked.
async fn echo(method: Method, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let header = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let seen = json!({
        "method": method.as_str(),
        "body": String::from_utf8_lossy(&body),
        "type": header("content-type"),
        "encoding": header("accept-encoding"),
        "cookie": header("cookie"),
        "x": header("x-a"),
    });
    ([("content-type", "application/json; charset=utf-8"), ("set-cookie", "a=b")], seen.to_string())
}

fn url(port: u16, path: &str) -> String {
    format!("http://a.test:{port}{path}")
}

fn all_methods(port: u16) -> Http {
    local(port).methods(["GET", "HEAD", "POST", "PUT"]).expect("they are methods")
}

fn limited(port: u16, change: impl FnOnce(&mut HttpLimits)) -> Http {
    let mut limits = HttpLimits::default();
    change(&mut limits);
    local(port).limits(limits)
}

#[tokio::test]
async fn an_answer_comes_as_json_or_text_or_bytes() {
    let json_body = "{\"z\": 1, \"a\": 12345678901234567890123}";
    let app = Router::new()
        .route("/json", get(async move || ([("content-type", "application/vnd.x+json")], json_body)))
        .route("/broken", get(async || ([("content-type", "application/json")], "{")))
        .route("/text", get(async || ([("x-a", "1"), ("x-b", "2")], "añ")))
        .route("/bytes", get(async || vec![0xff_u8, 0]));
    let port = serve(app).await;
    let get = async |path: &str| ask(local(port), json!({ "url": url(port, path) })).await.expect("it answers");
    let answer = get("/json").await;
    assert_eq!((&answer["status"], &answer["json"]["z"], answer.get("body")), (&json!(200), &json!(1), None));
    assert_eq!(get("/broken").await["body"], "{");
    let answer = get("/text#part").await;
    assert_eq!((&answer["body"], &answer["headers"]["x-b"]), (&json!("añ"), &json!("2")));
    assert_eq!(answer["url"], url(port, "/text"));
    assert_eq!(get("/bytes").await["body_base64"], "/wA=");
    assert_eq!(get("/missing").await["status"], 404);
    let head = ask(local(port), json!({ "url": url(port, "/text"), "method": "head" })).await.expect("it answers");
    assert_eq!((&head["body"], &head["headers"]["content-length"]), (&json!(""), &json!("3")));
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_a_text() {
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    let body = deep.clone();
    let app = Router::new().route("/", get(async move || ([("content-type", "application/json")], body)));
    let port = serve(app).await;
    let answer = ask(local(port), json!({ "url": url(port, "/") })).await.expect("it answers");
    assert_eq!((&answer["body"], answer.get("json")), (&json!(deep), None));
}

#[tokio::test]
async fn a_request_is_sent_as_it_was_passed_and_without_cookies() {
    let port = serve(Router::new().route("/", any(echo))).await;
    let tools = all_methods(port).tools().expect("there is a tool");
    let call = async |arguments: Value| tools[0].call(arguments).await.expect("it answers");
    let seen = async |arguments: Value| call(arguments).await["json"].clone();
    let post = json!({ "url": url(port, "/"), "method": "POST", "json": { "a": 1 }, "headers": { "x-a": "ü" } });
    let expected = json!({
        "method": "POST", "body": "{\"a\":1}", "type": "application/json", "encoding": "identity", "cookie": null, "x": "ü",
    });
    assert_eq!(seen(post).await, expected);
    let put = json!({ "url": url(port, "/"), "method": "PUT", "body": "text" });
    let expected =
        json!({ "method": "PUT", "body": "text", "type": null, "encoding": "identity", "cookie": null, "x": null });
    assert_eq!(seen(put).await, expected);
    assert_eq!(call(json!({ "url": url(port, "/") })).await["headers"].get("set-cookie"), None);
}

#[tokio::test]
async fn what_is_not_allowed_is_not_asked() {
    let port = serve(Router::new().route("/", any(echo))).await;
    let refused = async |arguments| ask(local(port), arguments).await.expect_err("it is refused");
    assert_eq!(
        refused(json!({ "url": format!("http://c.test:{port}/") })).await,
        format!("`http://c.test:{port}` may not be asked, only `http://a.test:{port}`, `http://b.test:{port}`")
    );
    assert_eq!(
        refused(json!({ "url": format!("https://a.test:{port}/") })).await,
        format!("`https://a.test:{port}` may not be asked, only `http://a.test:{port}`, `http://b.test:{port}`")
    );
    assert_eq!(
        refused(json!({ "url": url(port, "/"), "method": "POST" })).await,
        "`POST` requests are not allowed, only GET, HEAD"
    );
    assert!(ask(all_methods(port), json!({ "url": url(port, "/"), "method": "POST" })).await.is_ok());
}

#[tokio::test]
async fn a_redirect_is_followed_as_browsers_do() {
    let to =
        |status: u16| any(async move || (StatusCode::from_u16(status).expect("a status"), [("location", "/echo")]));
    let mut app = Router::new().route("/echo", any(echo)).route("/none", any(async || StatusCode::FOUND));
    for status in [301, 302, 303, 307, 308] {
        app = app.route(&format!("/{status}"), to(status));
    }
    let port = serve(app).await;
    for (status, method, body) in
        [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "x"), (308, "POST", "x")]
    {
        let post = json!({ "url": url(port, &format!("/{status}")), "method": "POST", "body": "x" });
        let answer = ask(all_methods(port), post).await.expect("it answers");
        let seen = (&answer["json"]["method"], &answer["json"]["body"], &answer["url"]);
        assert_eq!(seen, (&json!(method), &json!(body), &json!(url(port, "/echo"))), "{status}");
    }
    let answer = ask(local(port), json!({ "url": url(port, "/none") })).await.expect("it answers");
    assert_eq!(answer["status"], 302);
    let only_post = local(port).methods(["POST"]).expect("it is a method");
    let why = ask(only_post, json!({ "url": url(port, "/303"), "method": "POST", "body": "x" })).await;
    let expected =
        format!("`http://a.test:{port}` redirects to what is not allowed: `GET` requests are not allowed, only POST");
    assert_eq!(why, Err(expected));
}

#[tokio::test]
async fn an_answer_is_as_large_as_was_asked_for_and_no_larger() {
    let endless = || {
        let chunks = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 10_000])));
        Body::from_stream(chunks)
    };
    let app = Router::new()
        .route("/endless", get(async move || endless()))
        .route("/known", get(async || "x".repeat(2000)))
        .route("/compressed", get(async || ([("content-encoding", "gzip")], vec![0x1f_u8, 0x8b, 8, 0])));
    let port = serve(app).await;
    let get = async |path: &str, max: Option<u64>| {
        ask(local(port), json!({ "url": url(port, path), "max_bytes": max })).await
    };
    let asked = format!("the answer of `http://a.test:{port}` is over");
    let more = "ask for less, or pass a larger `max_bytes` (up to 4194304)";
    assert_eq!(get("/endless", None).await, Err(format!("{asked} 1048576 bytes: {more}")));
    assert_eq!(get("/known", Some(1999)).await, Err(format!("{asked} 1999 bytes: {more}")));
    let most = format!("{asked} 4194304 bytes: ask for less, such as a page of it or a range");
    assert_eq!(get("/endless", Some(4 << 20)).await, Err(most));
    assert_eq!(get("/known", Some(2000)).await.expect("it answers")["body"], "x".repeat(2000));
    let head = json!({ "url": url(port, "/known"), "method": "HEAD", "max_bytes": 10 });
    assert_eq!(ask(local(port), head).await.expect("it answers")["status"], 200);
    // What is compressed stays so: nobody knows how large it is otherwise.
    assert_eq!(get("/compressed", None).await.expect("it answers")["body_base64"], "H4sIAA==");
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up() {
    let drip = |count: usize| {
        let drops = stream::unfold(count, async |left| {
            tokio::time::sleep(Duration::from_millis(20)).await;
            (left > 0).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"x")), left - 1))
        });
        Body::from_stream(drops)
    };
    let app = Router::new()
        .route("/short", get(async move || drip(5)))
        .route("/long", get(async move || drip(usize::MAX)))
        .route("/silent", get(async || std::future::pending::<()>().await));
    let port = serve(app).await;
    let in_time = |ms| limited(port, |limits| limits.time_max = Duration::from_millis(ms));
    let expected = Err(format!("`http://a.test:{port}` gave no whole answer within 300ms"));
    for path in ["/long", "/silent"] {
        assert_eq!(ask(in_time(300), json!({ "url": url(port, path) })).await, expected);
    }
    let whole = ask(in_time(20_000), json!({ "url": url(port, "/short") })).await.expect("it answers");
    assert_eq!(whole["body"], "xxxxx");
}

#[tokio::test]
async fn headers_of_an_answer_are_bounded() {
    let headers = |count: usize, size: usize| -> HeaderMap {
        let value = "x".repeat(size);
        let name = |index| format!("x-{index}").parse::<axum::http::HeaderName>().expect("it is a name");
        (0..count).map(|index| (name(index), value.parse().expect("it is a value"))).collect()
    };
    let app = Router::new()
        .route("/large", get(async move || (headers(70, 1000), "")))
        .route("/small", get(async move || (headers(60, 1000), "")))
        .route("/many", get(async move || (headers(150, 1), "")));
    let port = serve(app).await;
    let get = async |path: &str| ask(local(port), json!({ "url": url(port, path) })).await;
    let asked = format!("`http://a.test:{port}`");
    assert_eq!(get("/large").await, Err(format!("the headers of the answer of {asked} are over 65536 bytes")));
    assert_eq!(get("/small").await.expect("it answers")["status"], 200);
    let many = format!("{asked} gave no answer that can be read: message head is too large");
    assert_eq!(get("/many").await, Err(many));
}

#[tokio::test]
async fn calls_are_counted() {
    let port = serve(Router::new().route("/", any(echo))).await;
    let tools = limited(port, |limits| limits.calls_max = 2).tools().expect("there is a tool");
    let call = async || tools[0].call(json!({ "url": url(port, "/") })).await;
    assert!(call().await.is_ok() && call().await.is_ok());
    assert_eq!(call().await, Err("there were 2 requests already, and there may be no more".to_owned()));
}

#[tokio::test]
async fn so_many_requests_are_under_way_and_the_others_wait() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = (Arc::clone(&now), Arc::clone(&most));
    let app = Router::new().route(
        "/",
        get(async move || {
            count.1.fetch_max(count.0.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            count.0.fetch_sub(1, Ordering::SeqCst);
        }),
    );
    let port = serve(app).await;
    let most_of = async |parallel| {
        most.store(0, Ordering::SeqCst);
        let tools = limited(port, |limits| limits.parallel_max = parallel).tools().expect("there is a tool");
        let calls = (0..6).map(|_| tools[0].call(json!({ "url": url(port, "/") })));
        assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
        most.load(Ordering::SeqCst)
    };
    assert_eq!(most_of(1).await, 1);
    assert!(most_of(6).await > 1);
}

#[tokio::test]
async fn a_tool_says_what_it_may_do() {
    let effect = |methods: &[&str]| {
        let http = Http::allow(["http://a.test"]).and_then(|http| http.methods(methods)).expect("they are methods");
        http.tools().expect("there is a tool")[0].effect()
    };
    assert_eq!(effect(&["GET", "HEAD", "options"]), Effect::ReadOnly);
    assert_eq!(effect(&["GET", "POST"]), Effect::Destructive);
    let tools = Http::allow(["http://*.a.test:81", "http://b.test"]).and_then(Http::tools).expect("there is a tool");
    assert_eq!(
        tools[0].description(),
        "Sends an HTTP request and gives the answer: `status`, `headers`, and the body as `json` if it is JSON, otherwise as \
         `body` if it is text, or as `body_base64`. Only these may be asked: http://*.a.test:81, http://b.test. Methods: GET, \
         HEAD. Keys that a host needs are added by the application. Redirects are followed where they lead to what may be asked."
    );
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let why = |result: Result<Http, Error>| result.err().map(|error| error.to_string()).unwrap_or_default();
    let http = || Http::allow(["a.test"]).expect("it is a host");
    assert_eq!(why(Http::allow([""; 0])), "no host is allowed: name at least one, as in `api.example.com`");
    assert_eq!(why(http().methods([""; 0])), "no method is allowed: name at least one, as in `GET`");
    assert_eq!(why(http().methods(["TRACE"])), "`TRACE` requests are never sent");
    assert_eq!(why(http().methods(["a b"])), "`a b` is not a method");
    for host in ["*.a.test", "a.test:81", "http://a.test"] {
        let expected = format!("`{host}` does not name a host: expected one host, without a port, as in `localhost`");
        assert_eq!(why(http().allow_private(host)), expected);
    }
}
