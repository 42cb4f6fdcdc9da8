//! Between `rmcp`, which speaks the protocol, and a transport, which carries bytes: what comes in is sorted here, so
//! that nothing a server sends on its own reaches further than this file.

use super::errors::{Error, ErrorKind, Voice};
use super::message::{Message, id_at_the_ends, read, reply};
use super::mirror::Headers;
use super::shared::lock;
use super::text::{one_line, without_paths};
use agentloop_sandbox::Progress;
use rmcp::RoleClient;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, ClientRequest, CustomResult, ErrorCode, ErrorData, RequestId,
    ServerJsonRpcMessage, ServerResult,
};
use rmcp::transport::Transport;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

/// A longer message is not read.
pub(super) const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A server that sends so many lines in a row that are no messages does not speak MCP.
const GARBAGE_LINES_MAX: usize = 100;

/// The same in bytes.
const GARBAGE_BYTES_MAX: usize = 64 * 1024;

/// Messages that wait to be sent, and to be read.
const QUEUE_MESSAGES_MAX: usize = 256;

/// Requests that failed for our own reasons and whose callers have not looked yet.
const FAULTS_MAX: usize = 1_024;

/// The first words of a server that are not MCP are quoted up to so many characters.
const QUOTED_CHARS_MAX: usize = 200;

/// A message on its way out.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// Of a request.
    pub(super) id: Option<RequestId>,
    /// Of a request that this message cancels.
    pub(super) cancels: Option<RequestId>,
    /// Of a request or notification.
    pub(super) method: Option<String>,
    /// What the method is applied to: the name of a tool or prompt, the address of a resource.
    pub(super) target: Option<String>,
    /// Arguments that travel in headers as well.
    pub(super) headers: Headers,
    /// JSON text without a line break.
    pub(super) body: Vec<u8>,
}

/// What all parts of one connection share.
pub(super) struct Wire {
    pub(super) voice: Voice,
    outbox: mpsc::Sender<Outgoing>,
    incoming: mpsc::Sender<ServerJsonRpcMessage>,
    handshake: Mutex<Option<RequestId>>,
    version: Mutex<Option<String>>,
    progress: Mutex<HashMap<i64, Progress>>,
    faults: Mutex<HashMap<RequestId, Error>>,
    garbage: Mutex<Garbage>,
    ended: watch::Sender<Option<Error>>,
    changed: Arc<watch::Sender<u64>>,
    /// Asks the transport to end.
    pub(super) stop: CancellationToken,
    /// Nothing of the transport is left.
    pub(super) gone: CancellationToken,
}

#[derive(Default)]
struct Garbage {
    lines: usize,
    bytes: usize,
    first: Option<String>,
}

/// The end of the wire that `rmcp` holds. When it is dropped, the transport ends.
pub(super) struct Link {
    wire: Arc<Wire>,
    incoming: mpsc::Receiver<ServerJsonRpcMessage>,
    _stop: DropGuard,
}

/// There is nobody to send to any more.
#[derive(Debug, thiserror::Error)]
#[error("the connection has ended")]
pub(super) struct Closed;

/// Makes the two ends of a connection, and the queue of what is to be sent.
pub(super) fn wire(voice: Voice, changed: Arc<watch::Sender<u64>>) -> (Link, Arc<Wire>, mpsc::Receiver<Outgoing>) {
    let (outbox, outgoing) = mpsc::channel(QUEUE_MESSAGES_MAX);
    let (sender, incoming) = mpsc::channel(QUEUE_MESSAGES_MAX);
    let wire = Arc::new(Wire {
        voice,
        outbox,
        incoming: sender,
        handshake: Mutex::default(),
        version: Mutex::default(),
        progress: Mutex::default(),
        faults: Mutex::default(),
        garbage: Mutex::default(),
        ended: watch::Sender::new(None),
        changed,
        stop: CancellationToken::new(),
        gone: CancellationToken::new(),
    });
    let link = Link { wire: Arc::clone(&wire), incoming, _stop: wire.stop.clone().drop_guard() };
    (link, wire, outgoing)
}

impl Wire {
    /// Takes what a server sent. Says whose answer it was, if it was one.
    ///
    /// # Errors
    ///
    /// When it was no message, once too often.
    pub(super) async fn accept(&self, text: &[u8]) -> Result<Option<RequestId>, Error> {
        let text = &*self.voice.without_tokens(text);
        let Some(message) = read(text) else {
            if let Some(id) = id_at_the_ends(text, text) {
                let fault = "sent an answer that cannot be read: it is nested too deeply or is broken JSON";
                self.fail(id.clone(), self.voice.error(ErrorKind::Protocol, fault)).await;
                return Ok(Some(id));
            }
            return self.refuse_garbage(text).map(|()| None);
        };
        self.forgive();
        match message {
            Message::Answer(id, answer) => {
                let answer = match answer {
                    Ok(result) => ServerJsonRpcMessage::response(self.result(&id, result), id.clone()),
                    Err(refusal) => {
                        let code = ErrorCode(i32::try_from(refusal.code).unwrap_or_default());
                        ServerJsonRpcMessage::error(
                            ErrorData::new(code, refusal.message, refusal.data),
                            Some(id.clone()),
                        )
                    }
                };
                self.deliver(answer).await;
                return Ok(Some(id));
            }
            Message::Notification(method, params) => self.hear(&method, &params),
            Message::Question(id, method) => {
                if let Some(body) = reply(&id, &method) {
                    // A server that asks more than it listens gets no answer.
                    let _ = self.outbox.try_send(Outgoing { body, ..Outgoing::default() });
                }
            }
            Message::Stray => {}
        }
        Ok(None)
    }

    /// Takes note of a message that was too long to be kept.
    ///
    /// # Errors
    ///
    /// When nobody can be told that an answer will not come.
    pub(super) async fn accept_too_long(&self, head: &[u8], tail: &[u8]) -> Result<Option<RequestId>, Error> {
        let error =
            self.voice.error(ErrorKind::TooLarge, "sent an answer of more than 16 MiB; ask it for less at a time");
        match id_at_the_ends(head, tail) {
            Some(id) => {
                self.fail(id.clone(), error).await;
                Ok(Some(id))
            }
            None => Err(error),
        }
    }

    /// Answers a request in the place of the server.
    pub(super) async fn fail(&self, id: RequestId, error: Error) {
        let data = ErrorData::new(ErrorCode::INTERNAL_ERROR, error.to_string(), None);
        {
            let mut faults = lock(&self.faults);
            if faults.len() >= FAULTS_MAX {
                faults.clear();
            }
            faults.insert(id.clone(), error);
        }
        self.deliver(ServerJsonRpcMessage::error(data, Some(id))).await;
    }

    /// Why a request failed, if it was not the server that refused it.
    pub(super) fn take_fault(&self, id: &RequestId) -> Option<Error> {
        lock(&self.faults).remove(id)
    }

    /// Why the handshake failed, if it was not the server that refused it.
    pub(super) fn take_first_fault(&self) -> Option<Error> {
        let mut faults = lock(&self.faults);
        let id = faults.keys().next().cloned()?;
        faults.remove(&id)
    }

    /// Ends the connection, for this reason. The first reason stands.
    pub(super) fn end(&self, error: Error) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            if first {
                *ended = Some(error);
            }
            first
        });
    }

    /// Why the connection has ended, once it has.
    pub(super) async fn ended(&self) -> Error {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await.map(|error| error.clone()) {
            Ok(Some(error)) => error,
            _ => self.voice.error(ErrorKind::Ended, "has ended"),
        }
    }

    /// Why the connection has ended, if it has.
    pub(super) fn has_ended(&self) -> Option<Error> {
        self.ended.borrow().clone()
    }

    /// The version of the protocol that the server chose when it was initialised.
    pub(super) fn version(&self) -> Option<String> {
        lock(&self.version).clone()
    }

    /// From now on, word of the progress of this request goes here.
    pub(super) fn watch_progress(&self, token: i64, progress: Progress) {
        lock(&self.progress).insert(token, progress);
    }

    /// No more of that.
    pub(super) fn forget_progress(&self, token: i64) {
        lock(&self.progress).remove(&token);
    }

    async fn deliver(&self, message: ServerJsonRpcMessage) {
        tokio::select! {
            // Nobody is there to read it, and so nobody waits for it.
            _ = self.incoming.send(message) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Only the answer to the handshake has a type: all other results are read as far as they are used.
    fn result(&self, id: &RequestId, result: Value) -> ServerResult {
        if lock(&self.handshake).take_if(|handshake| handshake == id).is_none() {
            return ServerResult::CustomResult(CustomResult(result));
        }
        if let Some(version) = result.get("protocolVersion").and_then(Value::as_str) {
            *lock(&self.version) = Some(version.chars().filter(char::is_ascii_graphic).take(32).collect());
        }
        serde_json::from_value(result.clone()).unwrap_or(ServerResult::CustomResult(CustomResult(result)))
    }

    fn hear(&self, method: &str, params: &Value) {
        match method {
            "notifications/progress" => self.report(params),
            "notifications/tools/list_changed"
            | "notifications/resources/list_changed"
            | "notifications/prompts/list_changed" => self.changed.send_modify(|generation| *generation += 1),
            _ => {}
        }
    }

    fn report(&self, params: &Value) {
        let Some((token, fraction, message)) = said_of_progress(params) else { return };
        let progress = lock(&self.progress).get(&token).cloned();
        if let Some(progress) = progress {
            progress.report(fraction, message);
        }
    }

    /// # Errors
    ///
    /// When there was too much of it.
    fn refuse_garbage(&self, text: &[u8]) -> Result<(), Error> {
        if text.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let mut garbage = lock(&self.garbage);
        garbage.lines += 1;
        garbage.bytes += text.len();
        if garbage.first.is_none() {
            let start = String::from_utf8_lossy(&text[..text.len().min(4 * QUOTED_CHARS_MAX)]).into_owned();
            garbage.first = Some(one_line(&without_paths(&start), QUOTED_CHARS_MAX));
        }
        if garbage.lines < GARBAGE_LINES_MAX && garbage.bytes < GARBAGE_BYTES_MAX {
            return Ok(());
        }
        let first = garbage.first.as_deref().unwrap_or_default();
        let text = format!(
            "does not speak MCP: it wrote `{first}` where messages were expected; logs belong on standard error"
        );
        Err(self.voice.error(ErrorKind::Protocol, &text))
    }

    fn forgive(&self) {
        let mut garbage = lock(&self.garbage);
        garbage.lines = 0;
        garbage.bytes = 0;
    }
}

/// Whose progress a server speaks of, how far it is, if it knows the whole, and in which words.
fn said_of_progress(params: &Value) -> Option<(i64, Option<f64>, &str)> {
    let token = match params.get("progressToken")? {
        Value::String(text) => text.parse().ok()?,
        token => token.as_i64()?,
    };
    let number = |name: &str| params.get(name).and_then(Value::as_f64);
    let fraction = number("progress").zip(number("total")).map(|(done, total)| done / total);
    let message = params.get("message").and_then(Value::as_str).unwrap_or_default();
    Some((token, fraction.filter(|fraction| fraction.is_finite()), message))
}

impl Transport<RoleClient> for Link {
    type Error = Closed;

    fn send(&mut self, message: ClientJsonRpcMessage) -> impl Future<Output = Result<(), Closed>> + Send + 'static {
        let outgoing = outgoing(message);
        if let Some(Outgoing { id, method: Some(method), .. }) = &outgoing
            && matches!(method.as_str(), "initialize" | "server/discover")
        {
            lock(&self.wire.handshake).clone_from(id);
        }
        // What fits is queued at once, so that messages stay in order. The rest waits.
        let queued = match outgoing {
            None => Err(None),
            Some(outgoing) => self.wire.outbox.try_send(outgoing).map_err(|error| match error {
                mpsc::error::TrySendError::Full(outgoing) => Some(outgoing),
                mpsc::error::TrySendError::Closed(_) => None,
            }),
        };
        let outbox = self.wire.outbox.clone();
        async move {
            match queued {
                Ok(()) => Ok(()),
                Err(Some(outgoing)) => outbox.send(outgoing).await.map_err(|_| Closed),
                Err(None) => Err(Closed),
            }
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        tokio::select! {
            biased;
            message = self.incoming.recv() => message,
            _ = self.wire.ended() => None,
        }
    }

    async fn close(&mut self) -> Result<(), Closed> {
        self.wire.stop.cancel();
        Ok(())
    }
}

fn outgoing(message: ClientJsonRpcMessage) -> Option<Outgoing> {
    let body = serde_json::to_vec(&message).ok()?;
    let mut outgoing = Outgoing { body, ..Outgoing::default() };
    match message {
        ClientJsonRpcMessage::Request(request) => {
            outgoing.id = Some(request.id);
            outgoing.method = Some(request.request.method().to_owned());
            if let ClientRequest::CustomRequest(custom) = &request.request {
                let text = |name: &str| custom.params.as_ref()?.get(name)?.as_str().map(str::to_owned);
                outgoing.target = text("name").or_else(|| text("uri"));
                outgoing.headers = custom.extensions.get::<Headers>().cloned().unwrap_or_default();
            }
        }
        ClientJsonRpcMessage::Notification(notification) => match notification.notification {
            ClientNotification::CancelledNotification(cancelled) => {
                outgoing.cancels = cancelled.params.request_id;
                outgoing.method = Some("notifications/cancelled".to_owned());
            }
            ClientNotification::InitializedNotification(_) => {
                outgoing.method = Some("notifications/initialized".to_owned());
            }
            _ => {}
        },
        _ => {}
    }
    Some(outgoing)
}

#[cfg(test)]
mod tests {
    use super::said_of_progress;
    use serde_json::json;

    #[test]
    fn progress_is_a_part_of_a_whole_if_there_is_one() {
        let said = json!({ "progressToken": 3, "progress": 1, "total": 4, "message": "on it" });
        assert_eq!(said_of_progress(&said), Some((3, Some(0.25), "on it")));
        assert_eq!(said_of_progress(&json!({ "progressToken": "3", "progress": 7 })), Some((3, None, "")));
        assert_eq!(said_of_progress(&json!({ "progressToken": 3, "progress": 7, "total": 0 })), Some((3, None, "")));
        assert_eq!(said_of_progress(&json!({ "progressToken": {} })), None);
        assert_eq!(said_of_progress(&json!("odd")), None);
    }
}
