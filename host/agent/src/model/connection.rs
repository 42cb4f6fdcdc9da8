//! What connects to a provider, and what it says of itself there.

use super::secret::Secret;
use super::wire::Wire;
use crate::provider::{ProviderError, ProviderErrorKind};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::time::Duration;

/// A connection that takes longer to come about is given up.
const CONNECT_MS_MAX: u64 = 10_000;

/// A reply that takes longer in all is given up, however busy it is.
const REPLY_MS_MAX: u64 = 60 * 60 * 1000;

/// The version of Anthropic's interface that is spoken here.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// What connects. One that reaches `https` never does anything else, and one that reaches `http` needs no certificates.
pub(super) fn client(name: &str, url: &Url) -> Result<Client, ProviderError> {
    let mut builder = Client::builder()
        .user_agent(concat!("agentloop/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
        .timeout(Duration::from_millis(REPLY_MS_MAX))
        // A redirect would take some of the headers, and so the key, to wherever it leads.
        .redirect(Policy::none())
        // A few compressed bytes may stand for more than the memory there is. Another crate of the same program may
        // have brought what unpacks them.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    builder = match url.scheme() {
        "https" => builder.https_only(true),
        _ => builder.tls_certs_only(std::iter::empty()),
    };
    if is_loopback(url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        ProviderError::new(ProviderErrorKind::Network, format!("`{name}` cannot be connected to: {cause}"))
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The headers of every request.
pub(super) fn headers(name: &str, wire: Wire, secret: &Secret) -> Result<HeaderMap, ProviderError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if wire == Wire::Anthropic {
        headers.insert("anthropic-version", HeaderValue::from_static(ANTHROPIC_VERSION));
    }
    if let Some(key) = secret.expose() {
        let (header, value) = match wire {
            Wire::Anthropic => (HeaderName::from_static("x-api-key"), key.to_owned()),
            Wire::Gemini => (HeaderName::from_static("x-goog-api-key"), key.to_owned()),
            Wire::Chat | Wire::Responses | Wire::Ollama => (AUTHORIZATION, format!("Bearer {key}")),
        };
        let mut value = HeaderValue::try_from(value).map_err(|_| {
            ProviderError::new(ProviderErrorKind::Auth, format!("the key for `{name}` fits into no header"))
        })?;
        // What is sensitive is not shown by those who show headers.
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    Ok(headers)
}
