//! Sessions of clients that begin with `initialize`, of which there are not more than so many.

use futures_util::Stream;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::WorkerTransport;
use rmcp::transport::streamable_http_server::session::local::{
    LocalSessionManager, LocalSessionManagerError, LocalSessionWorker,
};
use rmcp::transport::streamable_http_server::session::{ServerSseMessage, SessionId, SessionManager};
use std::error::Error;
use std::fmt;
use std::time::Duration;

const SESSIONS_MAX: usize = 256;

/// A session that nothing happens in for so long is over. A script that waits and says nothing is nothing, too.
const IDLE_TIME_MAX: Duration = Duration::from_secs(60 * 60);

pub(super) struct Sessions(LocalSessionManager);

impl Sessions {
    pub(super) fn new() -> Self {
        let mut sessions = LocalSessionManager::default();
        sessions.session_config.keep_alive = Some(IDLE_TIME_MAX);
        Self(sessions)
    }
}

/// Why there is no session.
#[derive(Debug)]
pub(super) enum NoSession {
    TooMany,
    Local(LocalSessionManagerError),
}

impl fmt::Display for NoSession {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(formatter, "there are {SESSIONS_MAX} sessions already"),
            Self::Local(error) => error.fmt(formatter),
        }
    }
}

impl Error for NoSession {}

impl SessionManager for Sessions {
    type Error = NoSession;
    type Transport = WorkerTransport<LocalSessionWorker>;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), NoSession> {
        // Some that begin at the same time may be more than that: each is a connection, of which there are not many.
        if self.0.sessions.read().await.len() >= SESSIONS_MAX {
            return Err(NoSession::TooMany);
        }
        self.0.create_session().await.map_err(NoSession::Local)
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, NoSession> {
        self.0.initialize_session(id, message).await.map_err(NoSession::Local)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, NoSession> {
        self.0.has_session(id).await.map_err(NoSession::Local)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), NoSession> {
        self.0.close_session(id).await.map_err(NoSession::Local)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, NoSession> {
        self.0.create_stream(id, message).await.map_err(NoSession::Local)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), NoSession> {
        self.0.accept_message(id, message).await.map_err(NoSession::Local)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, NoSession> {
        self.0.create_standalone_stream(id).await.map_err(NoSession::Local)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, NoSession> {
        self.0.resume(id, last_event_id).await.map_err(NoSession::Local)
    }
}
