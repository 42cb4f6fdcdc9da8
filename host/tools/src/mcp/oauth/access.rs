//! The token of one server: what to send with a request, and where to get another.

use super::registration::Registration;
use super::sign_in::{self, Authority, said};
use super::store::{Credentials, Kept, Place};
use crate::mcp::errors::{Error, ErrorKind, Voice};
use crate::mcp::shared::lock;
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use rmcp::transport::auth::{AuthError, WWWAuthenticateParams};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a server says when it refuses a request is read up to so many bytes.
const CHALLENGE_BYTES_MAX: usize = 8 * 1024;

/// A token that is good for less is renewed before it is sent.
const LEFT_MIN: Duration = Duration::from_secs(30);

/// A token, as the value of the header that it is sent in.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::mcp) struct Token {
    access: Arc<str>,
    pub(in crate::mcp) header: HeaderValue,
}

/// Access to one server. Cheap to clone.
#[derive(Clone)]
pub(in crate::mcp) struct Access {
    pub(super) url: Url,
    pub(super) registration: Arc<Registration>,
    pub(super) voice: Voice,
    credentials: Credentials,
    place: Place,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// What was read last.
    kept: Option<Kept>,
    /// What the server said last when it refused a request.
    challenge: Option<String>,
}

impl Access {
    pub(in crate::mcp) fn new(credentials: &Credentials, url: Url, registration: Registration, voice: Voice) -> Self {
        let mut identity = url.clone();
        identity.set_fragment(None);
        let place = credentials.place(identity.as_str());
        let registration = Arc::new(registration);
        Self { url, registration, voice, credentials: credentials.clone(), place, state: Arc::default() }
    }

    /// The token to send, if there is one. One that has expired is renewed before.
    pub(in crate::mcp) async fn token(&self) -> Result<Option<Token>, Error> {
        let kept = lock(&self.state).kept.clone();
        let kept = match kept {
            Some(kept) => Some(kept),
            None => self.load()?,
        };
        match kept {
            Some(kept) if is_stale(&kept) => self.renewed(token(&kept)).await,
            Some(kept) => Ok(token(&kept)),
            None => Ok(None),
        }
    }

    /// The token that was read last, whether it is good or not.
    pub(in crate::mcp) fn last_token(&self) -> Option<Token> {
        lock(&self.state).kept.as_ref().and_then(token)
    }

    /// Another token than this one, if there is one: another process may have got it, or it is got now.
    pub(in crate::mcp) async fn renewed(&self, used: Option<Token>) -> Result<Option<Token>, Error> {
        let access = self.clone();
        // Whoever waits for this may go away, and then the token that comes must still be kept: the one that it was
        // got with is of no use any more.
        let renewing = tokio::spawn(async move { access.renew(used).await });
        renewing.await.unwrap_or_else(|_| Err(self.voice.error(ErrorKind::Ended, "was not given a new token")))
    }

    async fn renew(&self, used: Option<Token>) -> Result<Option<Token>, Error> {
        let held = self.place.lock().await.map_err(|error| self.broken(&error))?;
        let Some(kept) = held.load().map_err(|error| self.broken(&error))? else {
            self.take(None);
            return Ok(None);
        };
        self.take(Some(kept.clone()));
        if token(&kept) != used && !is_stale(&kept) {
            return Ok(token(&kept));
        }
        if kept.refresh_token.is_none() {
            return Ok(None);
        }
        let failed = |why: String| {
            let text = format!("needs a new token, which could not be got: {why}");
            self.voice.error(ErrorKind::Unauthorized, &text)
        };
        let mut authority = Authority::find(&self.url, None).await.map_err(failed)?;
        // A token is for the one who gave it: another authorization server must not even see it.
        if authority.issuer() != kept.issuer.as_deref() {
            return Ok(None);
        }
        authority.be(&kept.client_id, kept.client_secret.as_deref(), self.url.as_str()).map_err(failed)?;
        match authority.renew(&kept).await {
            Ok(Some(renewed)) => {
                self.voice.hide(renewed.secrets());
                held.save(&renewed).map_err(|error| self.broken(&error))?;
                self.take(Some(renewed.clone()));
                Ok(token(&renewed))
            }
            Ok(None) | Err(AuthError::TokenRefreshRejected(_) | AuthError::AuthorizationRequired) => Ok(None),
            Err(error) => Err(failed(said(&error))),
        }
    }

    /// Remembers what a server says when it refuses a request. Gives the scopes that it says are missing.
    pub(in crate::mcp) async fn refused(&self, headers: &HeaderMap) -> Vec<String> {
        let texts = headers.get_all(WWW_AUTHENTICATE).into_iter().filter_map(|value| value.to_str().ok());
        let texts: Vec<&str> = texts.filter(|text| text.len() <= CHALLENGE_BYTES_MAX).collect();
        let says = |text: &&&str| text.contains("resource_metadata") || text.contains("scope");
        let Some(challenge) = texts.iter().find(says).or(texts.first()) else { return Vec::new() };
        lock(&self.state).challenge = Some((*challenge).to_owned());
        let params = WWWAuthenticateParams::parse(challenge, &self.url);
        if !params.is_insufficient_scope() {
            return Vec::new();
        }
        let missing: Vec<String> = params.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        // The next process is to know as well. Without it, only less is asked for.
        let _ = self.want(&missing).await;
        missing
    }

    async fn want(&self, scopes: &[String]) -> io::Result<()> {
        let held = self.place.lock().await?;
        if let Some(mut kept) = held.load()? {
            kept.want(scopes);
            held.save(&kept)?;
        }
        Ok(())
    }

    /// What to do about it, for errors.
    pub(in crate::mcp) fn advice(&self) -> String {
        self.credentials.advice_for(self.voice.server())
    }

    /// Signs in.
    pub(in crate::mcp) async fn sign_in(&self, open: impl FnOnce(&str)) -> Result<(), Error> {
        let kept = sign_in::sign_in(self, open).await?;
        self.voice.hide(kept.secrets());
        let held = self.place.lock().await.map_err(|error| self.broken(&error))?;
        held.save(&kept).map_err(|error| self.broken(&error))?;
        self.take(Some(kept));
        Ok(())
    }

    /// Forgets the token.
    pub(in crate::mcp) async fn sign_out(&self) -> Result<(), Error> {
        let held = self.place.lock().await.map_err(|error| self.broken(&error))?;
        held.clear().map_err(|error| self.broken(&error))?;
        self.take(None);
        Ok(())
    }

    /// What the server said last when it refused a request.
    pub(super) fn challenge(&self) -> Option<String> {
        lock(&self.state).challenge.clone()
    }

    /// Where the server is, without what may be secret in its address.
    pub(super) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// What is kept.
    pub(super) fn load(&self) -> Result<Option<Kept>, Error> {
        let kept = self.place.load().map_err(|error| self.broken(&error))?;
        self.take(kept.clone());
        Ok(kept)
    }

    fn take(&self, kept: Option<Kept>) {
        if let Some(kept) = &kept {
            self.voice.hide(kept.secrets());
        }
        lock(&self.state).kept = kept;
    }

    fn broken(&self, error: &io::Error) -> Error {
        let text = format!("has its token in a file that cannot be used: {error}; {} anew", self.advice());
        self.voice.error(ErrorKind::Unauthorized, &text)
    }
}

fn token(kept: &Kept) -> Option<Token> {
    let access = kept.access_token.as_deref()?;
    let mut header = HeaderValue::try_from(format!("Bearer {access}")).ok()?;
    header.set_sensitive(true);
    Some(Token { access: Arc::from(access), header })
}

/// Whether a token will not be good for much longer.
fn is_stale(kept: &Kept) -> bool {
    let (Some(received_at), Some(expires_in)) = (kept.received_at, kept.expires_in) else { return false };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let left = received_at.saturating_add(expires_in).saturating_sub(now);
    // Tokens that are short-lived by design are used for half of their lives.
    left < LEFT_MIN.as_secs().min(expires_in / 2).max(1)
}
