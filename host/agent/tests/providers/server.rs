//! A server that refuses what breaks a provider's rules, and otherwise answers what it was told to.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Streams are torn into pieces of so many bytes, wherever that is.
const PIECE_BYTES: usize = 11;

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Why the server does not answer: a status, and the error in the provider's form.
pub(crate) type Refusal = (u16, Value);

/// The rules of a provider.
pub(crate) type Rules = fn(&Asked) -> Result<(), Refusal>;

/// What the server answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A stream in torn pieces, properly ended.
    Stream(String),
    /// The same, but the connection breaks at its end.
    Broken(String),
    /// Events with a pause before each.
    Drip(Vec<String>, Duration),
    /// A piece, over and over, under this status.
    Endless(u16, String),
    /// A piece, and then silence.
    Silence(String),
    /// No stream at all.
    Status(u16, Vec<(&'static str, &'static str)>, String),
}

/// A server on this machine.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    rules: Rules,
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<Asked>>,
    /// How many streams were let go of, by either side.
    gone: watch::Sender<usize>,
}

impl Server {
    /// Starts a server with these rules and answers, one for each request.
    pub(crate) async fn start(rules: Rules, answers: impl IntoIterator<Item = Answer>) -> Self {
        let shared = Arc::new(Shared {
            rules,
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
            gone: watch::channel(0).0,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let router = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// Where the server is.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1/", self.address)
    }

    /// Where the server is, without a path.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().expect("no test panics here").clone()
    }

    /// The body of the one request.
    pub(crate) fn body(&self) -> Value {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "one request was made");
        asked.remove(0).body
    }

    /// Waits until a stream is let go of.
    pub(crate) async fn wait_until_gone(&self) {
        let mut gone = self.shared.gone.subscribe();
        gone.wait_for(|count| *count > 0).await.expect("the server lives");
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("the request is whole");
    let asked = Asked {
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    shared.asked.lock().expect("no test panics here").push(asked.clone());
    if let Err((status, error)) = (shared.rules)(&asked) {
        return plain(status, &[("content-type", "application/json")], error.to_string());
    }
    let answer = shared.answers.lock().expect("no test panics here").pop_front().expect("an answer is left");
    match answer {
        Answer::Status(status, headers, body) => plain(status, &headers, body),
        streamed => streaming(shared, streamed),
    }
}

fn plain(status: u16, headers: &[(&str, &str)], body: String) -> Response {
    let mut response = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(body)).expect("a response")
}

/// Tells the server when it is dropped.
struct Guard(Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.gone.send_modify(|count| *count += 1);
    }
}

fn streaming(shared: Arc<Shared>, answer: Answer) -> Response {
    let guard = Guard(shared);
    let status = if let Answer::Endless(status, _) = answer { status } else { 200 };
    let pieces = stream::unfold((answer, 0_usize, guard), |(answer, step, guard)| async move {
        let piece = next_piece(&answer, step).await?;
        Some((piece, (answer, step + 1, guard)))
    });
    let response = Response::builder().status(status).header("content-type", "text/event-stream");
    response.body(Body::from_stream(pieces)).expect("a response")
}

async fn next_piece(answer: &Answer, step: usize) -> Option<Result<Bytes, io::Error>> {
    let torn = |text: &str| {
        let piece = text.as_bytes().chunks(PIECE_BYTES).nth(step)?;
        Some(Ok(Bytes::copy_from_slice(piece)))
    };
    match answer {
        Answer::Stream(text) => torn(text),
        Answer::Broken(text) => {
            let end = text.len().div_ceil(PIECE_BYTES);
            if step == end { Some(Err(io::Error::other("broken on purpose"))) } else { torn(text) }
        }
        Answer::Drip(events, pause) => {
            tokio::time::sleep(*pause).await;
            events.get(step).map(|event| Ok(Bytes::from(event.clone())))
        }
        Answer::Endless(_, piece) => Some(Ok(Bytes::from(piece.clone()))),
        Answer::Silence(piece) if step == 0 => Some(Ok(Bytes::from(piece.clone()))),
        Answer::Silence(_) => std::future::pending().await,
        Answer::Status(..) => None,
    }
}

/// Server-sent events without names, as OpenAI and Gemini send them.
pub(crate) fn events(events: &[Value]) -> String {
    events.iter().map(|event| format!("data: {event}\n\n")).collect()
}

/// Server-sent events that are named after their type, as Anthropic and the responses send them.
pub(crate) fn named_events(events: &[Value]) -> String {
    let named = |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().expect("a type"));
    events.iter().map(named).collect()
}

/// Lines of JSON.
pub(crate) fn lines(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A refusal unless this holds.
pub(crate) fn rule(holds: bool, refusal: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(refusal()) }
}

/// A header's value.
pub(crate) fn header<'a>(asked: &'a Asked, name: &str) -> Option<&'a str> {
    asked.headers.get(name)?.to_str().ok()
}

/// The members of the list of this name.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The names in the body that are not among these.
pub(crate) fn unknown_fields(body: &Value, known: &[&str]) -> Vec<String> {
    let names = body.as_object().into_iter().flat_map(|object| object.keys());
    names.filter(|name| !known.contains(&name.as_str())).cloned().collect()
}
