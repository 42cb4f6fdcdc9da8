//! Signing in: finds out where, makes us known there, sends a browser, and takes what it comes back with.

use super::access::Access;
use super::callback::Callback;
use super::outside::Outside;
use super::registration::Registration;
use super::store::Kept;
use crate::mcp::errors::{Error, ErrorKind, TOKEN_BYTES_MAX};
use crate::mcp::text::cut;
use reqwest::Url;
use rmcp::transport::auth::{
    AuthError, AuthorizationCallback, AuthorizationManager, AuthorizationMetadata, CredentialStore as _,
    InMemoryCredentialStore, OAuthClientConfig,
};
use std::sync::Arc;
use std::time::Duration;

/// What we call ourselves.
const NAME: &str = "agentloop";

/// So long a person may take in the browser.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5 * 60);

/// Browsers and programs that start them take no longer address.
const PAGE_BYTES_MAX: usize = 16 * 1024;

/// More scopes are not asked for.
const SCOPES_MAX: usize = 100;

/// Speaks to the authorization server of one server.
pub(super) struct Authority {
    pub(super) manager: AuthorizationManager,
    outside: Arc<Outside>,
    store: InMemoryCredentialStore,
    metadata: AuthorizationMetadata,
}

impl Authority {
    /// Finds out who decides about a server, from what that said when it refused a request, if it did.
    pub(super) async fn find(server: &Url, challenge: Option<&str>) -> Result<Self, String> {
        let outside = Arc::new(Outside::new(server).map_err(|_| "no connection can be made".to_owned())?);
        outside.check(server).map_err(|error| error.to_string())?;
        let store = InMemoryCredentialStore::new();
        let client: Arc<Outside> = Arc::clone(&outside);
        let manager = AuthorizationManager::new_with_oauth_http_client(server.as_str(), client).await;
        let mut manager = manager.map_err(|error| said(&error))?;
        manager.set_credential_store(store.clone());
        let found = manager.resolve_metadata_from_challenge(challenge).await.map_err(|error| said(&error))?;
        if !found.source.is_discovered() {
            return Err("it does not say where to sign in".to_owned());
        }
        manager.set_metadata(found.metadata.clone());
        Ok(Self { manager, outside, store, metadata: found.metadata })
    }

    /// Who decides.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.metadata.issuer.as_deref()
    }

    /// Goes on as this client.
    pub(super) fn be(&mut self, id: &str, secret: Option<&str>, redirect: &str) -> Result<(), String> {
        let mut client = OAuthClientConfig::new(id, redirect);
        if let Some(secret) = secret {
            client = client.with_client_secret(secret);
        }
        self.manager.configure_client(client).map_err(|error| said(&error))
    }

    /// Renews the token that is kept.
    pub(super) async fn renew(&self, kept: &Kept) -> Result<Option<Kept>, AuthError> {
        let Some(stored) = kept.to_renew() else { return Ok(None) };
        self.store.save(stored).await?;
        self.manager.refresh_token().await?;
        self.take(kept).await
    }

    /// What the authorization server gave.
    async fn take(&self, before: &Kept) -> Result<Option<Kept>, AuthError> {
        Ok(self.store.load().await?.and_then(|given| before.clone().granted(&given)))
    }

    /// Makes us known: by what the configuration says, or by asking to be registered. Gives the id and what proves it.
    async fn register(
        &mut self,
        by: &Registration,
        redirect: &str,
        scopes: &[&str],
    ) -> Result<(String, Option<String>), String> {
        let knows_documents =
            self.metadata.additional_fields.get("client_id_metadata_document_supported") == Some(&true.into());
        if let Some(id) = &by.client_id {
            self.be(id, by.client_secret.as_deref(), redirect)?;
            return Ok((id.clone(), by.client_secret.clone()));
        }
        if let Some(url) = by.client_metadata_url.as_ref().filter(|_| knows_documents) {
            self.be(url, None, redirect)?;
            return Ok((url.clone(), None));
        }
        if self.metadata.registration_endpoint.is_none() {
            let why = "its authorization server does not register programs by itself: register this one there, and give \
                       the server an `oauth` with its `clientId`";
            return Err(why.to_owned());
        }
        let client = self.manager.register_client(NAME, redirect, scopes).await.map_err(|error| said(&error))?;
        if client.client_id.len().max(client.client_secret.as_ref().map_or(0, String::len)) > TOKEN_BYTES_MAX {
            return Err("its authorization server gave this program a name of more than 16 KiB".to_owned());
        }
        Ok((client.client_id, client.client_secret))
    }

    /// The protocol requires what keeps a stolen answer of the browser from being of use.
    fn check_challenge_methods(&self) -> Result<(), String> {
        let methods = self.metadata.code_challenge_methods_supported.as_deref().unwrap_or_default();
        if methods.iter().any(|method| method == "S256") {
            return Ok(());
        }
        Err("its authorization server does not say that it knows PKCE with S256, which the protocol requires"
            .to_owned())
    }

    fn check_page(&self, page: &str) -> Result<Url, String> {
        if page.len() > PAGE_BYTES_MAX {
            return Err("the page to sign in on has an address of more than 16 KiB".to_owned());
        }
        let url = Url::parse(page).map_err(|_| "the page to sign in on has no valid address".to_owned())?;
        self.outside.check(&url).map_err(|error| format!("the page to sign in on is refused: {error}"))?;
        Ok(url)
    }
}

/// Signs in to the server that `access` is about.
pub(super) async fn sign_in(access: &Access, open: impl FnOnce(&str)) -> Result<Kept, Error> {
    let refused = |why: String| access.voice.error(ErrorKind::Unauthorized, &format!("cannot be signed in to: {why}"));
    let by = &access.registration;
    let challenge = access.challenge();
    let mut authority = Authority::find(&access.url, challenge.as_deref()).await.map_err(refused)?;
    authority.check_challenge_methods().map_err(refused)?;
    // A file that is broken is replaced.
    let before = access.load().ok().flatten().unwrap_or_default();
    let scopes = scopes(&authority, by, &before).await;
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let callback = Callback::listen(by.callback_port).await.map_err(|error| {
        let port = by.callback_port.map(|port| format!(" on port {port}")).unwrap_or_default();
        refused(format!("nothing can be listened to{port}: {error}"))
    })?;
    let redirect = callback.address().to_owned();
    let (id, secret) = authority.register(by, &redirect, &scopes).await.map_err(refused)?;
    access.voice.hide(secret.as_deref());
    let page = authority.manager.get_authorization_url(&scopes).await.map_err(|error| refused(said(&error)))?;
    let page = authority.check_page(&page).map_err(refused)?;
    let state = page.query_pairs().find(|(name, _)| name == "state").map(|(_, state)| state.into_owned());
    let state = state.ok_or_else(|| refused("no request could be made".to_owned()))?;
    open(page.as_str());
    let answer = match tokio::time::timeout(ANSWER_TIME_MAX, callback.answer(&state)).await {
        Ok(answer) => answer.map_err(|error| refused(format!("the browser was not heard: {error}")))?,
        Err(_) => return Err(refused("nobody did so in the browser within 5 minutes".to_owned())),
    };
    if let Some((_, error)) = answer.query_pairs().find(|(name, _)| name == "error") {
        return Err(refused(format!("the authorization server refused with `{}`", cut(&error, 100))));
    }
    let answer = AuthorizationCallback::from_redirect_url(answer.as_str()).map_err(|error| refused(said(&error)))?;
    access.voice.hide(Some(answer.code.as_str()));
    let issuer = answer.issuer.as_deref();
    let exchange = authority.manager.exchange_code_for_token_with_issuer(&answer.code, &answer.csrf_token, issuer);
    exchange.await.map_err(|error| refused(said(&error)))?;
    let before = Kept { server: access.origin(), client_id: id, client_secret: secret, ..Kept::default() };
    let kept = authority.take(&before).await.map_err(|error| refused(said(&error)))?;
    kept.ok_or_else(|| refused("the authorization server gave no token, or one of more than 16 KiB".to_owned()))
}

/// What to ask for: what the configuration says or the server asks for, and what was granted or has been missed before.
async fn scopes(authority: &Authority, by: &Registration, before: &Kept) -> Vec<String> {
    let mut scopes = match by.scopes.as_slice() {
        [] => authority.manager.select_initial_scopes(&[]).await,
        scopes => scopes.to_vec(),
    };
    let from_here = before.issuer.as_deref() == authority.issuer();
    for scope in before.scopes.iter().filter(|_| from_here).chain(&before.wanted) {
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    scopes.truncate(SCOPES_MAX);
    scopes
}

/// An error of the library, with the reason where it says none.
pub(super) fn said(error: &AuthError) -> String {
    match error {
        AuthError::DiscoveryRequestFailed { url, source } => {
            let mut cause: &dyn std::error::Error = source.as_ref();
            while let Some(next) = cause.source() {
                cause = next;
            }
            format!("{} could not be asked: {cause}", url.origin().ascii_serialization())
        }
        error => error.to_string(),
    }
}
