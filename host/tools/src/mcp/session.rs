//! One connection to a server, from the handshake to its end.

use super::config::{ServerConfig, Way};
use super::errors::{Error, ErrorKind, Voice};
use super::message::Refusal;
use super::mirror::Headers;
use super::oauth::Access;
use super::wire::Wire;
use super::{http, process};
use agentloop_sandbox::Progress;
use rmcp::RoleClient;
use rmcp::model::{
    CancelledNotificationParam, ClientCapabilities, ClientConfig, ClientNotification, ClientRequest, CustomRequest,
    ErrorData, Implementation, Notification, ProtocolVersion, RequestId, ServerCapabilities, ServerResult,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, Peer, PeerRequestOptions, RunningService,
    ServiceError,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A server is asked so often to tell of changes, each time after the connection for that was cut.
const LISTENED_MAX: usize = 1_000;

/// The wait in between.
const LISTEN_WAIT: Duration = Duration::from_secs(10);

/// How a connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// `initialize`, as up to version 2025-11-25.
    Initialize,
    /// `server/discover`, as from version 2026-07-28 on.
    Discover,
}

/// A connection on which the handshake is done.
pub(super) struct Session {
    service: RunningService<RoleClient, ClientConfig>,
    wire: Arc<Wire>,
    capabilities: ServerCapabilities,
}

/// Why there is no connection.
pub(super) enum NoSession {
    /// The server does not know this way to begin: another may do.
    OtherHandshake(Error),
    /// It is of no use to try another way.
    Final(Error),
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Whatever can go wrong on the way, and [`ErrorKind::Timeout`].
    pub(super) async fn open(
        config: &ServerConfig,
        voice: &Voice,
        access: Option<&Access>,
        changed: &Arc<watch::Sender<u64>>,
        handshake: Handshake,
        time_max: Duration,
    ) -> Result<Self, NoSession> {
        let (link, wire) = match &config.way {
            Way::Program(program) => process::open(program, voice.clone(), Arc::clone(changed)),
            Way::Http(address) => http::open(address, voice.clone(), access.cloned(), Arc::clone(changed), handshake),
        }
        .map_err(NoSession::Final)?;
        let mode = match handshake {
            Handshake::Initialize => ClientLifecycleMode::Initialize,
            Handshake::Discover => {
                ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] }
            }
        };
        let serving = us().serve_with_lifecycle(link, mode);
        let served = tokio::select! {
            biased;
            served = tokio::time::timeout(time_max, serving) => served,
            error = wire.ended() => return Err(NoSession::Final(error)),
        };
        let service = match served {
            Ok(Ok(service)) => service,
            Ok(Err(error)) => return Err(not_begun(&wire, handshake, &error).await),
            Err(_) if handshake == Handshake::Discover => {
                return Err(NoSession::OtherHandshake(too_slow(config, voice)));
            }
            Err(_) => return Err(NoSession::Final(too_slow(config, voice))),
        };
        let capabilities = service.peer_info().map(|info| info.capabilities.clone()).unwrap_or_default();
        if handshake == Handshake::Discover {
            listen(service.peer().clone(), &capabilities, &wire);
        }
        Ok(Self { service, wire, capabilities })
    }

    /// What the server says that it offers.
    pub(super) fn capabilities(&self) -> &ServerCapabilities {
        &self.capabilities
    }

    /// Whether requests may still be made.
    pub(super) fn is_open(&self) -> bool {
        self.wire.has_ended().is_none() && !self.service.is_transport_closed()
    }

    /// Why no more requests may be made, if so.
    pub(super) fn why_ended(&self) -> Option<Error> {
        self.wire.has_ended()
    }

    /// Ends the connection.
    pub(super) fn end(&self, error: Error) {
        self.wire.end(error);
        self.wire.stop.cancel();
    }

    /// Waits until nothing is left of the connection.
    pub(super) async fn gone(&self) {
        self.wire.gone.cancelled().await;
    }

    /// Makes a request and waits for the answer. When the future is dropped before, the server is told.
    ///
    /// # Errors
    ///
    /// What the server refuses, or why the connection ended.
    pub(super) async fn request(
        &self,
        method: &str,
        params: Value,
        headers: Headers,
        progress: Option<&Progress>,
    ) -> Result<Value, Error> {
        let mut request = CustomRequest::new(method, Some(params));
        request.extensions.insert(headers);
        let request = ClientRequest::CustomRequest(request);
        let options = PeerRequestOptions::no_options();
        let sent = tokio::select! {
            biased;
            error = self.wire.ended() => return Err(error),
            sent = self.service.peer().send_request_with_option(request, options) => sent,
        };
        let Ok(mut handle) = sent else { return Err(self.wire.ended().await) };
        let mut open = OpenRequest::new(self, handle.id.clone());
        if let (Some(progress), RequestId::Number(token)) = (progress, &handle.progress_token.0) {
            self.wire.watch_progress(*token, progress.clone());
            open.token = Some(*token);
        }
        let answer = tokio::select! {
            biased;
            answer = &mut handle.rx => answer,
            error = self.wire.ended() => {
                open.answered = true;
                return Err(error);
            }
        };
        open.answered = true;
        match answer {
            Ok(Ok(ServerResult::CustomResult(result))) => Ok(result.0),
            Ok(Ok(other)) => serde_json::to_value(other).map_err(|_| self.odd()),
            Ok(Err(ServiceError::McpError(error))) => {
                Err(self.wire.take_fault(&open.id).unwrap_or_else(|| refused(&self.wire.voice, &error)))
            }
            Ok(Err(ServiceError::Cancelled { .. })) => {
                Err(self.wire.voice.error(ErrorKind::Refused, "gave up the call"))
            }
            Ok(Err(_)) | Err(_) => Err(self.wire.ended().await),
        }
    }

    fn odd(&self) -> Error {
        self.wire.voice.error(ErrorKind::Protocol, "sent an answer that cannot be read")
    }
}

/// What we say of ourselves.
fn us() -> ClientConfig {
    let implementation = Implementation::new("agentloop", env!("CARGO_PKG_VERSION"));
    ClientConfig::new(ClientCapabilities::default(), implementation)
        .with_protocol_version(ProtocolVersion::V_2025_11_25)
}

/// Asks to be told of changes of the lists, where a server tells of them only if it is asked.
fn listen(peer: Peer<RoleClient>, capabilities: &ServerCapabilities, wire: &Arc<Wire>) {
    let tools = capabilities.tools.as_ref().and_then(|tools| tools.list_changed) == Some(true);
    let prompts = capabilities.prompts.as_ref().and_then(|prompts| prompts.list_changed) == Some(true);
    let resources = capabilities.resources.as_ref().and_then(|resources| resources.list_changed) == Some(true);
    let wanted = [("toolsListChanged", tools), ("promptsListChanged", prompts), ("resourcesListChanged", resources)];
    let wanted: Map<String, Value> =
        wanted.into_iter().filter(|(_, tells)| *tells).map(|(name, _)| (name.to_owned(), Value::Bool(true))).collect();
    if wanted.is_empty() {
        return;
    }
    let params = json!({ "notifications": wanted });
    let wire = Arc::clone(wire);
    tokio::spawn(async move {
        // The answer comes when the server has no more to tell. One that refuses is not asked again; nor is it asked so
        // often that it could take that ill when the connection is cut again and again.
        for _ in 0..LISTENED_MAX {
            let request = CustomRequest::new("subscriptions/listen", Some(params.clone()));
            let request = ClientRequest::CustomRequest(request);
            let Ok(handle) = peer.send_request_with_option(request, PeerRequestOptions::no_options()).await else {
                return;
            };
            let answer = tokio::select! {
                answer = handle.rx => answer,
                () = wire.stop.cancelled() => return,
            };
            let was_cut = wire.take_fault(&handle.id).is_some();
            if !was_cut && !matches!(answer, Ok(Ok(_))) {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(LISTEN_WAIT) => {}
                () = wire.stop.cancelled() => return,
            }
        }
    });
}

fn too_slow(config: &ServerConfig, voice: &Voice) -> Error {
    let seconds = config.start_time_max().as_secs_f64();
    let text = match &config.way {
        Way::Program(program) => format!(
            "did not start within {seconds} s (command `{}`): see that it runs, or give it longer with \
             `startup_timeout_sec`",
            program.name()
        ),
        Way::Http(address) => format!(
            "did not answer within {seconds} s ({}): see that it runs, or give it longer with `startup_timeout_sec`",
            address.origin()
        ),
    };
    voice.error(ErrorKind::Timeout, &text)
}

/// The error of a handshake.
async fn not_begun(wire: &Wire, handshake: Handshake, error: &ClientInitializeError) -> NoSession {
    if let Some(fault) = wire.take_first_fault() {
        // Servers of the new kind have no session to begin, and say so in various ways.
        return match fault.kind() {
            ErrorKind::Status => NoSession::OtherHandshake(fault),
            _ => NoSession::Final(fault),
        };
    }
    match error {
        ClientInitializeError::JsonRpcError(error) => NoSession::OtherHandshake(refused(&wire.voice, error)),
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            NoSession::Final(wire.voice.error(ErrorKind::Protocol, "speaks no version of MCP that is known here"))
        }
        ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::TransportError { .. } => {
            NoSession::Final(wire.ended().await)
        }
        _ => {
            let error = wire.voice.error(ErrorKind::Protocol, "does not speak MCP: its first answer is none");
            match handshake {
                // Some older servers answer whatever they do not know with nothing.
                Handshake::Discover => NoSession::OtherHandshake(error),
                Handshake::Initialize => NoSession::Final(error),
            }
        }
    }
}

/// The error that a server answers with.
fn refused(voice: &Voice, error: &ErrorData) -> Error {
    let refusal = Refusal { code: error.code.0.into(), message: error.message.to_string(), data: None };
    let said = if refusal.message.is_empty() { "without a reason" } else { refusal.message.as_str() };
    // Servers of the usual kit repeat the code in the message.
    let said = said.strip_prefix(&format!("MCP error {}: ", refusal.code)).unwrap_or(said);
    voice.error(ErrorKind::Refused, &format!("refused (code {}): {said}", refusal.code))
}

/// A request that waits for its answer. When it is dropped before, the server is told that nobody waits any more.
struct OpenRequest<'a> {
    peer: &'a Peer<RoleClient>,
    wire: &'a Wire,
    id: RequestId,
    token: Option<i64>,
    answered: bool,
}

impl<'a> OpenRequest<'a> {
    fn new(session: &'a Session, id: RequestId) -> Self {
        Self { peer: session.service.peer(), wire: &session.wire, id, token: None, answered: false }
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.token {
            self.wire.forget_progress(token);
        }
        if self.answered {
            return;
        }
        let params = CancelledNotificationParam::new(Some(self.id.clone()), Some("nobody waits for it".to_owned()));
        let notification = ClientNotification::CancelledNotification(Notification::new(params));
        let peer = self.peer.clone();
        // Without a runtime there is no connection either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { peer.send_notification(notification).await });
        }
    }
}
