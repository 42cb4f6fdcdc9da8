//! A server: started when it is first used, started again when it ended, and never more often than is good.

use super::config::{ServerConfig, Way};
use super::errors::{Error, ErrorKind, Voice};
use super::listing::{self, Listing};
use super::mirror::Headers;
use super::oauth::{Access, Credentials};
use super::session::{Handshake, NoSession, Session};
use agentloop_sandbox::Progress;
use reqwest::header::AUTHORIZATION;
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// So often a server is started again within a minute.
const RESTARTS_MAX: usize = 3;

const RESTARTS_TIME: Duration = Duration::from_secs(60);

/// An MCP server. Cheap to clone.
///
/// It starts with the first call or list, in whose time that counts, and again with the next call when it has ended: at
/// most three times a minute, and then [`ErrorKind::GivenUp`] until the minute has passed. It stops when the last clone
/// of it and the last of its tools are dropped: its standard input is closed, after 500 ms its process group is told to
/// end, and after another 2 s it is killed.
///
/// Must be used inside a Tokio runtime with time and IO.
///
/// ```no_run
/// use agentloop_tools::mcp::{Server, Servers};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let servers = Servers::read(r#"{"mcpServers": {"memory": {"command": "mcp-server-memory"}}}"#, &|_| None)?;
/// for server in servers.iter() {
///     let listing = server.tools().await?;
///     assert!(listing.tools.iter().all(|tool| tool.name().as_str().starts_with("memory.")));
///     server.stop().await;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server(Arc<Inner>);

pub(super) struct Inner {
    config: ServerConfig,
    voice: Voice,
    access: Option<Access>,
    changed: Arc<watch::Sender<u64>>,
    attempts: AtomicU64,
    state: Mutex<State>,
}

struct State {
    session: Option<Arc<Session>>,
    starts: Starts,
    handshake: Handshake,
    /// Why the last start failed, if it did.
    failed: Option<Error>,
    /// Why the last connection ended, or did not come about.
    last: Option<Error>,
}

impl Server {
    /// A server that is started as `config` says, when it is first used.
    pub fn new(config: ServerConfig) -> Self {
        Self::open(config, None)
    }

    /// A server like this one, whose token is kept there once somebody has signed in.
    #[must_use]
    pub fn with_credentials(&self, credentials: &Credentials) -> Self {
        Self::open(self.0.config.clone(), Some(credentials))
    }

    fn open(config: ServerConfig, credentials: Option<&Credentials>) -> Self {
        let voice = config.voice();
        let (handshake, access) = match &config.way {
            Way::Program(_) => (Handshake::Initialize, None),
            Way::Http(address) => {
                // Whoever gives it a token has no need of another.
                let credentials = credentials.filter(|_| !address.headers.contains_key(AUTHORIZATION));
                let access = credentials.map(|credentials| {
                    Access::new(credentials, address.url.clone(), address.registration.clone(), voice.clone())
                });
                (Handshake::Discover, access)
            }
        };
        let state = State { session: None, starts: Starts::default(), handshake, failed: None, last: None };
        Self(Arc::new(Inner {
            config,
            voice,
            access,
            changed: Arc::new(watch::Sender::new(0)),
            attempts: AtomicU64::new(0),
            state: Mutex::new(state),
        }))
    }

    /// The name that the configuration gives it.
    pub fn name(&self) -> &str {
        self.0.config.name()
    }

    /// How it is started and reached.
    pub fn config(&self) -> &ServerConfig {
        &self.0.config
    }

    /// Lists what it offers, and starts it before if need be. Both have [`ServerConfig::start_time_max`], one after the
    /// other. Each call asks the server again; see [`changed`](Self::changed) for when that is worth it.
    ///
    /// # Errors
    ///
    /// An [`Error`] that says why the server did not start or did not list its tools. A tool that is of no use is no
    /// error: it is left out, and [`Listing::notes`] says so.
    pub async fn tools(&self) -> Result<Listing, Error> {
        let session = self.0.session().await?;
        let time_max = self.0.config.start_time_max();
        match tokio::time::timeout(time_max, listing::list(&self.0, &session)).await {
            Ok(listing) => listing,
            Err(_) => {
                let seconds = time_max.as_secs_f64();
                let text =
                    format!("did not list its tools within {seconds} s: give it longer with `startup_timeout_sec`");
                Err(self.0.voice.error(ErrorKind::Timeout, &text))
            }
        }
    }

    /// Tells of changes: the number grows when the server says that its tools, resources or prompts are others now, and
    /// [`tools`](Self::tools) should be called again. Tools of an older list go on working as far as the server still
    /// knows them.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Signs in: finds out who lets people in, makes this program known there, has `open` send a browser to the address
    /// that it is given, waits at most 5 minutes until that comes back to a port of this machine, and keeps the token
    /// that it brings. From then on requests have it, and it is renewed by itself when it expires.
    ///
    /// It asks for what the server says that it needs, for what was granted before, and for what the server has refused
    /// to do since.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unauthorized`] if that does not come about, with the reason, and [`ErrorKind::Refused`] if there is
    /// nothing to sign in to: a program, a server with an `Authorization` of its own in the configuration, or one without
    /// [`Credentials`].
    pub async fn sign_in(&self, open: impl FnOnce(&str)) -> Result<(), Error> {
        let access = self.access()?;
        // What it says when it refuses a request is the best hint of where to sign in.
        let _ = self.0.session().await;
        access.sign_in(open).await?;
        self.begin_anew().await;
        Ok(())
    }

    /// Forgets the token that [`sign_in`](Self::sign_in) got. The authorization server is not told.
    ///
    /// # Errors
    ///
    /// As [`sign_in`](Self::sign_in), and when the file of the token cannot be removed.
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.access()?.sign_out().await?;
        self.begin_anew().await;
        Ok(())
    }

    fn access(&self) -> Result<&Access, Error> {
        let why = match &self.0.config.way {
            Way::Http(address) if address.headers.contains_key(AUTHORIZATION) => {
                "has an `Authorization` in its configuration; without that, one can sign in"
            }
            Way::Http(_) => "has no place for a token; give it one with `with_credentials`",
            Way::Program(_) => "is a program, which asks for what it needs itself",
        };
        self.0.access.as_ref().ok_or_else(|| self.0.voice.error(ErrorKind::Refused, why))
    }

    /// Lets go of what was got, or not got, without the token that there is now.
    async fn begin_anew(&self) {
        self.stop().await;
        let mut state = self.0.state.lock().await;
        state.starts = Starts::default();
        state.failed = None;
        state.last = None;
    }

    /// Stops it and waits until it is gone, which takes up to 2.5 s. The next call starts it again.
    pub async fn stop(&self) {
        let session = self.0.state.lock().await.session.take();
        if let Some(session) = session {
            session.end(self.0.voice.error(ErrorKind::Ended, "was stopped"));
            session.gone().await;
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Inner {
    pub(super) fn voice(&self) -> &Voice {
        &self.voice
    }

    pub(super) fn name(&self) -> &str {
        self.config.name()
    }

    pub(super) fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Makes a request, and starts the server before if need be. One that the server did not look at, because it had
    /// forgotten the session, is made again.
    pub(super) async fn request(
        &self,
        method: &str,
        params: Value,
        headers: Headers,
        progress: Option<&Progress>,
    ) -> Result<Value, Error> {
        let session = self.session().await?;
        match session.request(method, params.clone(), headers.clone(), progress).await {
            Err(error) if error.kind() == ErrorKind::Expired => {
                // Others that wait for answers on it may have been heard, so they are not asked again.
                session.end(self.voice.error(ErrorKind::Ended, "lost the session, and the call with it"));
                self.session().await?.request(method, params, headers, progress).await
            }
            answer => answer,
        }
    }

    /// The connection, which is made if there is none. Whoever waits while it fails to be made gets the same error.
    pub(super) async fn session(&self) -> Result<Arc<Session>, Error> {
        let seen = self.attempts.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(session) = state.session.as_ref().filter(|session| session.is_open()) {
            return Ok(Arc::clone(session));
        }
        if let Some(session) = state.session.take() {
            state.last = session.why_ended().or(state.last.take());
        }
        if let Some(error) = state.failed.as_ref().filter(|_| self.attempts.load(Ordering::Acquire) != seen) {
            return Err(error.clone());
        }
        if !state.starts.allow(Instant::now()) {
            return Err(self.given_up(state.last.as_ref()));
        }
        let opened = self.open(&mut state).await;
        self.attempts.fetch_add(1, Ordering::AcqRel);
        state.starts.note(Instant::now());
        match opened {
            Ok(session) => {
                let session = Arc::new(session);
                state.session = Some(Arc::clone(&session));
                state.failed = None;
                Ok(session)
            }
            Err(error) => {
                state.failed = Some(error.clone());
                state.last = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Connects in the way that worked before, or else in the first that works.
    async fn open(&self, state: &mut State) -> Result<Session, Error> {
        let time_max = self.config.start_time_max();
        let (voice, access) = (&self.voice, self.access.as_ref());
        let open = |handshake, time_max| Session::open(&self.config, voice, access, &self.changed, handshake, time_max);
        let begin = Instant::now();
        // What does not answer the one question may answer the other.
        let first_time_max = match state.handshake {
            Handshake::Initialize => time_max,
            Handshake::Discover => time_max / 2,
        };
        let first = match open(state.handshake, first_time_max).await {
            Ok(session) => return Ok(session),
            Err(NoSession::Final(error)) => return Err(error),
            Err(NoSession::OtherHandshake(error)) => error,
        };
        let other = match state.handshake {
            Handshake::Initialize => Handshake::Discover,
            Handshake::Discover => Handshake::Initialize,
        };
        match open(other, time_max.saturating_sub(begin.elapsed())).await {
            Ok(session) => {
                state.handshake = other;
                Ok(session)
            }
            // What a server says to the question that all know says more.
            Err(NoSession::Final(error) | NoSession::OtherHandshake(error)) if other == Handshake::Initialize => {
                Err(error)
            }
            Err(_) => Err(first),
        }
    }

    fn given_up(&self, last: Option<&Error>) -> Error {
        let what = match &self.config.way {
            Way::Program(_) => "ended too often: it was started again",
            Way::Http(_) => "failed too often: it was connected to again",
        };
        let last = last.map(|error| format!("; the last time it {}", self.said(error))).unwrap_or_default();
        let text = format!(
            "{what} {RESTARTS_MAX} times within a minute, and is left alone until that minute has passed{last}"
        );
        self.voice.error(ErrorKind::GivenUp, &text)
    }

    /// An error of this server without its beginning.
    fn said(&self, error: &Error) -> String {
        let text = error.to_string();
        let begin = format!("the server `{}` ", self.name());
        text.strip_prefix(&begin).unwrap_or(&text).to_owned()
    }
}

/// When a server was started of late.
#[derive(Debug, Default)]
struct Starts(VecDeque<Instant>);

impl Starts {
    /// Whether it may be started now. The first start within a minute is no restart.
    fn allow(&mut self, now: Instant) -> bool {
        while self.0.front().is_some_and(|start| now.duration_since(*start) >= RESTARTS_TIME) {
            self.0.pop_front();
        }
        self.0.len() <= RESTARTS_MAX
    }

    fn note(&mut self, now: Instant) {
        self.0.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::Starts;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn a_server_is_restarted_three_times_a_minute() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut starts = Starts::default();
        for second in [0, 1, 2, 3] {
            assert!(starts.allow(at(second)), "after {second} s");
            starts.note(at(second));
        }
        assert!(!starts.allow(at(4)));
        assert!(!starts.allow(at(59)));
        assert!(starts.allow(at(60)));
        starts.note(at(60));
        assert!(!starts.allow(at(60)));
        assert!(starts.allow(at(61)));
    }
}
