//! A server behind an address: each message is a request of its own, and whatever it answers is bounded.
//!
//! No request waits for another, so that a call that is never answered holds up nobody.

mod answers;

use self::answers::{Ending, Stream};
use super::config::Address;
use super::errors::{Error, ErrorKind, Voice};
use super::message::{Message, read};
use super::oauth::{Access, Token};
use super::session::Handshake;
use super::shared::lock;
use super::wire::{Link, MESSAGE_BYTES_MAX, Outgoing, Wire, wire};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use rmcp::model::RequestId;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

/// A connection that takes longer to come about is given up.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// So long a server has to hear that we leave.
const LEAVE_TIME_MAX: Duration = Duration::from_secs(1);

/// So much of an answer that is an error is read.
const REASON_BYTES_MAX: usize = 8 * 1024;

/// A longer name for a session is none.
const SESSION_BYTES_MAX: usize = 1_024;

const SESSION: &str = "mcp-session-id";
const VERSION: &str = "mcp-protocol-version";
const LAST_EVENT: &str = "last-event-id";

/// Gets ready to speak to the server. Nothing is sent yet.
///
/// # Errors
///
/// [`ErrorKind::NotStarted`] if no client can be made.
pub(super) fn open(
    address: &Address,
    voice: Voice,
    access: Option<Access>,
    changed: Arc<watch::Sender<u64>>,
    handshake: Handshake,
) -> Result<(Link, Arc<Wire>), Error> {
    let client = client(address).map_err(|error| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        voice.error(ErrorKind::NotStarted, &format!("cannot be connected to: {cause}"))
    })?;
    let (link, wire, outgoing) = wire(voice, changed);
    let (address, session) = (address.clone(), Arc::default());
    let post = Post { client, address, access, handshake, session, wire: Arc::clone(&wire) };
    tokio::spawn(carry(post, outgoing));
    Ok((link, wire))
}

fn client(address: &Address) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("agentloop/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIME_MAX)
        // A redirect would take the headers, and so the secrets in them, to wherever it leads.
        .redirect(Policy::none())
        // A few compressed bytes may stand for more than the memory there is. Another crate of the same program may
        // have brought what unpacks them.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    builder = match address.url.scheme() {
        "https" => builder.https_only(true),
        _ => builder.tls_certs_only(std::iter::empty()),
    };
    if address.is_loopback() {
        builder = builder.no_proxy();
    }
    builder.build()
}

/// Carries messages until the connection is stopped.
async fn carry(post: Post, mut outgoing: mpsc::Receiver<Outgoing>) {
    let mut sending = JoinSet::new();
    let mut requests: HashMap<RequestId, AbortHandle> = HashMap::new();
    loop {
        let message = tokio::select! {
            message = outgoing.recv() => message,
            Some(done) = sending.join_next(), if !sending.is_empty() => {
                if let Ok(Some(id)) = done {
                    requests.remove(&id);
                }
                continue;
            }
            () = post.wire.stop.cancelled() => break,
        };
        let Some(message) = message else { break };
        if let Some(request) = message.cancels.as_ref().and_then(|id| requests.remove(id)) {
            request.abort();
            if post.handshake == Handshake::Discover {
                // To hang up is all there is to say.
                continue;
            }
        }
        let id = message.id.clone();
        let task = sending.spawn(post.clone().deliver(message));
        if let Some(id) = id {
            requests.insert(id, task);
        }
    }
    sending.shutdown().await;
    post.wire.end(post.wire.voice.error(ErrorKind::Ended, "was let go of"));
    post.leave().await;
    post.wire.gone.cancel();
}

/// Sends messages to one server.
#[derive(Clone)]
struct Post {
    client: Client,
    address: Address,
    access: Option<Access>,
    handshake: Handshake,
    session: Arc<Mutex<Option<HeaderValue>>>,
    wire: Arc<Wire>,
}

impl Post {
    /// Sends a message and takes in whatever comes back. Gives the id of the request that it was.
    async fn deliver(self, message: Outgoing) -> Option<RequestId> {
        let id = message.id.clone();
        let begins = message.method.as_deref() == Some("notifications/initialized");
        let ending = match self.send(message).await {
            Ok(response) => self.take(response, id.as_ref()).await,
            Err(error) => Err(error),
        };
        match (ending, id) {
            (Err(error), Some(id)) => {
                self.wire.fail(id.clone(), error).await;
                Some(id)
            }
            (Ok(_), Some(id)) => Some(id),
            (_, None) => {
                if begins {
                    // What a server says between the answers comes over a stream of its own.
                    self.listen().await;
                }
                None
            }
        }
    }

    async fn send(&self, mut message: Outgoing) -> Result<Response, Error> {
        let body = std::mem::take(&mut message.body);
        let Some(access) = &self.access else { return self.send_with(&message, body, None).await };
        let Some(token) = access.token().await? else { return self.send_with(&message, body, None).await };
        let response = self.send_with(&message, body.clone(), Some(&token)).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        // It may have been taken back before its time.
        match access.renewed(Some(token)).await? {
            Some(token) => self.send_with(&message, body, Some(&token)).await,
            None => Ok(response),
        }
    }

    async fn send_with(&self, message: &Outgoing, body: Vec<u8>, token: Option<&Token>) -> Result<Response, Error> {
        let mut request = self.client.post(self.address.url.clone());
        if self.handshake == Handshake::Discover {
            let header = |text: &Option<String>| text.as_deref().and_then(|text| HeaderValue::try_from(text).ok());
            if let Some(method) = header(&message.method) {
                request = request.header("mcp-method", method);
            }
            if let Some(target) = header(&message.target) {
                request = request.header("mcp-name", target);
            }
            request = request.headers(message.headers.iter().cloned().collect());
        }
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let (request, session) = self.with_headers(request, token);
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        if response.status() == StatusCode::NOT_FOUND && session {
            let text = "does not know the session any more";
            return Err(self.wire.voice.error(ErrorKind::Expired, text));
        }
        Ok(response)
    }

    /// The headers of every request. Says whether a session is among them.
    fn with_headers(&self, mut request: RequestBuilder, token: Option<&Token>) -> (RequestBuilder, bool) {
        request = request.header(ACCEPT, "application/json, text/event-stream").headers(self.address.headers.clone());
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header.clone());
        }
        let version = match self.handshake {
            Handshake::Initialize => self.wire.version(),
            Handshake::Discover => Some("2026-07-28".to_owned()),
        };
        if let Some(version) = version {
            request = request.header(VERSION, version);
        }
        match lock(&self.session).clone() {
            Some(session) => (request.header(SESSION, session), true),
            None => (request, false),
        }
    }

    /// Takes in the answer to a message.
    async fn take(&self, response: Response, id: Option<&RequestId>) -> Result<Ending, Error> {
        let status = response.status();
        if !status.is_success() {
            return self.take_refusal(response, id).await;
        }
        if let Some(session) = response.headers().get(SESSION).filter(|id| id.len() <= SESSION_BYTES_MAX) {
            let mut session = session.clone();
            session.set_sensitive(true);
            *lock(&self.session) = Some(session);
        }
        if id.is_none() || matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Ok(Ending::Accepted);
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/json" => self.take_json(response, id).await,
            "text/event-stream" => Stream::new(self, response).follow(id).await,
            _ => {
                let text = format!("answered with `{kind}` where JSON was expected: see that its `url` leads to MCP");
                Err(self.wire.voice.error(ErrorKind::Protocol, &text))
            }
        }
    }

    async fn take_json(&self, mut response: Response, id: Option<&RequestId>) -> Result<Ending, Error> {
        let body = self.read(&mut response, MESSAGE_BYTES_MAX).await?;
        let Some(body) = body else {
            let text = "sent an answer of more than 16 MiB; ask it for less at a time";
            return Err(self.wire.voice.error(ErrorKind::TooLarge, text));
        };
        match self.wire.accept(&body).await? {
            answered if answered.as_ref() == id => Ok(Ending::Answered),
            _ => Err(self.wire.voice.error(ErrorKind::Protocol, "answered with something that is no answer")),
        }
    }

    /// The whole body, unless it is too long.
    async fn read(&self, response: &mut Response, bytes_max: usize) -> Result<Option<Vec<u8>>, Error> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(&error))? {
            if body.len() + chunk.len() > bytes_max {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }

    /// Takes in an answer whose status is an error. From version 2026-07-28 on, it may well be an answer of the protocol.
    async fn take_refusal(&self, mut response: Response, id: Option<&RequestId>) -> Result<Ending, Error> {
        let status = response.status();
        let missing = match (&self.access, status) {
            (Some(access), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                access.refused(response.headers()).await
            }
            _ => Vec::new(),
        };
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() > REASON_BYTES_MAX {
                break;
            }
        }
        body.truncate(REASON_BYTES_MAX);
        if self.handshake == Handshake::Discover
            && status == StatusCode::BAD_REQUEST
            && let Some(Message::Answer(answered, Err(_))) = read(&body)
            && Some(&answered) == id
        {
            self.wire.accept(&body).await?;
            return Ok(Ending::Answered);
        }
        Err(self.status(status, &body, &missing))
    }

    /// The error that an answer with such a status is.
    fn status(&self, status: StatusCode, body: &[u8], missing: &[String]) -> Error {
        let said = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(value) => ["/error/message", "/error", "/message", "/detail", "/error_description"]
                .iter()
                .find_map(|place| value.pointer(place)?.as_str())
                .map_or_else(|| value.to_string(), str::to_owned),
            Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
        };
        // A page that a browser would show says nothing here.
        let said = if said.is_empty() || said.starts_with('<') { String::new() } else { format!(": {said}") };
        let (kind, hint) = match status.as_u16() {
            401 | 403 => (ErrorKind::Unauthorized, &*self.way_in(status, missing)),
            404 => (ErrorKind::Status, "; see that its `url` is right"),
            405 => (ErrorKind::Status, "; see that its `url` is one of streamable HTTP, not of the older `sse`"),
            300..=399 => (ErrorKind::Status, "; give the address that it redirects to as its `url`"),
            _ => (ErrorKind::Status, ""),
        };
        let said = super::text::cut(&said, 300);
        self.wire.voice.error(kind, &format!("answered {}{said}{hint}", status.as_u16()))
    }

    /// What to do about a server that wants to know who asks.
    fn way_in(&self, status: StatusCode, missing: &[String]) -> String {
        let access = match &self.access {
            Some(access) => access,
            None if self.address.headers.contains_key(AUTHORIZATION) && status == StatusCode::UNAUTHORIZED => {
                return "; see that the token under its `headers` is right".to_owned();
            }
            None if status == StatusCode::UNAUTHORIZED => {
                return "; give it a token, as `Authorization` under its `headers`, or `Credentials` to sign in with"
                    .to_owned();
            }
            None => return "; see that the token under its `headers` may do this".to_owned(),
        };
        let advice = access.advice();
        match missing {
            [] if status == StatusCode::UNAUTHORIZED => format!("; {advice}"),
            [] => "; whoever signed in may not do this".to_owned(),
            missing => {
                let scopes = super::text::cut(&missing.join(" "), 200);
                format!("; to grant the scope `{scopes}`, {advice} again")
            }
        }
    }

    /// The error of a request that could not be made, or of an answer that broke off.
    fn broken(&self, error: &reqwest::Error) -> Error {
        let mut cause: &dyn StdError = error;
        while let Some(next) = cause.source() {
            cause = next;
        }
        let origin = self.address.origin();
        let text = if error.is_connect() {
            format!("cannot be reached at {origin}: {cause}")
        } else {
            format!("broke the connection ({origin}): {cause}")
        };
        self.wire.voice.error(ErrorKind::Unreachable, &text)
    }

    /// Hears what the server says on its own, for as long as it wants to.
    async fn listen(&self) {
        if let Ok(Some(response)) = self.get(None).await {
            // Without it everything still works, only changes of the lists are not heard of.
            let _ = Stream::new(self, response).follow(None).await;
        }
    }

    /// Opens a stream of messages, after a certain one. `None` if the server has none.
    async fn get(&self, after: Option<&str>) -> Result<Option<Response>, Error> {
        let mut request = self.client.get(self.address.url.clone());
        if let Some(after) = after.and_then(|after| HeaderValue::try_from(after).ok()) {
            request = request.header(LAST_EVENT, after);
        }
        let token = match &self.access {
            Some(access) => access.token().await?,
            None => None,
        };
        let (request, _) = self.with_headers(request, token.as_ref());
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let streams = response.status().is_success() && kind.starts_with(b"text/event-stream");
        Ok(streams.then_some(response))
    }

    /// Tells the server that the session is over.
    async fn leave(&self) {
        if lock(&self.session).is_none() {
            return;
        }
        let token = self.access.as_ref().and_then(Access::last_token);
        let (request, _) = self.with_headers(self.client.delete(self.address.url.clone()), token.as_ref());
        // It would find out by itself.
        let _ = tokio::time::timeout(LEAVE_TIME_MAX, request.send()).await;
    }
}
