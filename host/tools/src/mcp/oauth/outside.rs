//! The one way out to strangers: every request that signing in takes goes through here.

use crate::address::{Reach, reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use rmcp::transport::auth::{OAuthHttpClient, OAuthHttpClientError, OAuthHttpClientFuture, OAuthHttpRequest};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A request that takes longer is given up.
const TIME_MAX: Duration = Duration::from_secs(30);

/// A longer answer is not read.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Of a longer list of addresses, the rest is not tried.
const ADDRESSES_MAX: usize = 16;

/// Why no request was made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("`{0}` is no address of `https`")]
    NotSecret(String),
    #[error("`{0}` is at an address that is not public")]
    NotPublic(String),
    #[error("the name `{0}` was not found")]
    NotFound(String),
    #[error("the answer is longer than 1 MiB")]
    TooLong,
}

/// Makes requests to where a server sends us.
pub(super) struct Outside {
    reachable: Reachable,
    client: Client,
}

/// What may be reached on behalf of one server.
#[derive(Clone)]
struct Reachable {
    host: Arc<str>,
    nearest: Near,
}

/// How near a server is. What it sends us to may not be nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    Public,
    Network,
    Machine,
}

impl Reachable {
    fn new(server: &Url) -> Self {
        let nearest = match literal(server) {
            Some(address) if address.is_loopback() => Near::Machine,
            Some(address) if reach(address) == Reach::Private => Near::Network,
            None if server.host_str() == Some("localhost") => Near::Machine,
            _ => Near::Public,
        };
        Self { host: Arc::from(server.host_str().unwrap_or_default()), nearest }
    }

    /// Whether anybody may be spoken to there.
    fn check(&self, url: &Url) -> Result<(), Refused> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let address = literal(url);
        let on_machine = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if on_machine && self.nearest == Near::Machine => {}
            _ => return Err(Refused::NotSecret(url.origin().ascii_serialization())),
        }
        address.map_or(Ok(()), |address| self.check_address(&host, address))
    }

    fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Refused> {
        // A server that the user named may be in the user's own network.
        let own = *host == *self.host;
        let near = match reach(address) {
            Reach::Public => Near::Public,
            Reach::Private if own && !address.to_canonical().is_loopback() => Near::Public,
            Reach::Private if address.to_canonical().is_loopback() => Near::Machine,
            Reach::Private => Near::Network,
            Reach::Never => return Err(Refused::NotPublic(host.to_owned())),
        };
        if near <= self.nearest { Ok(()) } else { Err(Refused::NotPublic(host.to_owned())) }
    }

    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, Refused> {
        // Why a name was not found may tell of the network that this runs in.
        let not_found = || Refused::NotFound(host.to_owned());
        let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| not_found())?;
        let found: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
        if found.is_empty() {
            return Err(not_found());
        }
        // One address that is refused refuses them all: a name that mixes them is up to something.
        found.iter().try_for_each(|address| self.check_address(host, address.ip()))?;
        Ok(found)
    }
}

impl Resolve for Reachable {
    fn resolve(&self, name: Name) -> Resolving {
        let reachable = self.clone();
        Box::pin(async move {
            let addresses = reachable.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

impl Outside {
    /// For what the server at this address sends us to.
    pub(super) fn new(server: &Url) -> reqwest::Result<Self> {
        let reachable = Reachable::new(server);
        let client = Client::builder()
            .user_agent(concat!("agentloop/", env!("CARGO_PKG_VERSION")))
            .timeout(TIME_MAX)
            .redirect(Policy::none())
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            // Behind a proxy nothing could be said about the addresses that are connected to.
            .no_proxy()
            .dns_resolver(Arc::new(reachable.clone()))
            .build()?;
        Ok(Self { reachable, client })
    }

    /// Whether a browser may be sent there.
    pub(super) fn check(&self, url: &Url) -> Result<(), Refused> {
        self.reachable.check(url)
    }

    async fn exchange(&self, request: OAuthHttpRequest) -> Result<http::Response<Vec<u8>>, OAuthHttpClientError> {
        let request = reqwest::Request::try_from(request.request)?;
        self.reachable.check(request.url())?;
        let mut response = self.client.execute(request).await?;
        let mut answer = http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(Refused::TooLong.into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl OAuthHttpClient for Outside {
    fn execute(&self, request: OAuthHttpRequest) -> OAuthHttpClientFuture<'_> {
        // No redirect is followed here, whatever the request would allow.
        Box::pin(self.exchange(request))
    }
}

/// The address that a URL has in the place of a name.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Reachable;
    use reqwest::Url;
    use std::net::IpAddr;

    fn check(server: &str, url: &str, address: Option<&str>) -> Result<(), String> {
        let (server, url) = (Url::parse(server).expect("an address"), Url::parse(url).expect("an address"));
        let reachable = Reachable::new(&server);
        let address: Option<IpAddr> = address.map(|address| address.parse().expect("an address"));
        reachable.check(&url).map_err(|error| error.to_string())?;
        let host = url.host_str().unwrap_or_default();
        address.map_or(Ok(()), |address| reachable.check_address(host, address).map_err(|error| error.to_string()))
    }

    #[test]
    fn a_public_server_leads_to_public_addresses_only() {
        const PUBLIC: &str = "https://mcp.test/";
        assert_eq!(check(PUBLIC, "https://auth.test/", Some("1.1.1.1")), Ok(()));
        // Its own name may stand for something in the user's network, but not for this machine.
        assert_eq!(check(PUBLIC, "https://mcp.test/x", Some("10.0.0.1")), Ok(()));
        let refused = |url: &str, address| check(PUBLIC, url, address).expect_err("it is refused");
        let not_public = |host: &str| format!("`{host}` is at an address that is not public");
        assert_eq!(refused("https://mcp.test/x", Some("127.0.0.1")), not_public("mcp.test"));
        for address in ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "0.0.0.0"] {
            assert_eq!(refused("https://auth.test/", Some(address)), not_public("auth.test"), "{address}");
        }
        assert_eq!(refused("https://169.254.169.254/", None), not_public("169.254.169.254"));
        assert_eq!(refused("https://[::1]/", None), not_public("[::1]"));
        for url in ["http://auth.test/", "http://localhost/", "http://127.0.0.1:80/", "http://mcp.test/"] {
            let origin = url.trim_end_matches(":80/").trim_end_matches('/');
            assert_eq!(refused(url, None), format!("`{origin}` is no address of `https`"));
        }
    }

    #[test]
    fn a_server_of_this_machine_may_lead_to_others_of_it() {
        for server in ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"] {
            for url in ["http://localhost:2/", "http://127.0.0.1:3/", "http://[::1]/"] {
                assert_eq!(check(server, url, None), Ok(()));
            }
            assert_eq!(check(server, "https://auth.test/", Some("10.0.0.1")), Ok(()));
            assert!(check(server, "http://auth.test/", None).is_err());
            assert!(check(server, "http://169.254.169.254/", None).is_err());
            assert!(check(server, "https://169.254.169.254/", None).is_err());
        }
        assert!(check("https://10.0.0.1/", "https://127.0.0.1/", None).is_err());
        assert_eq!(check("https://10.0.0.1/", "https://10.0.0.2/", None), Ok(()));
    }
}
