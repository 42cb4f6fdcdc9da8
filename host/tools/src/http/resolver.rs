//! From names to addresses. The addresses that were checked here are the ones that are connected to: nothing asks again.

use crate::address::{Reach, reach};
use futures_util::future::BoxFuture;
use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Of a longer list, the rest is not tried.
const ADDRESSES_MAX: usize = 16;

/// Finds the addresses of hosts.
///
/// What it answers is checked before anything connects; it cannot make a script reach what it may not.
///
/// ```
/// use agentloop_tools::{Http, Resolver};
/// use futures_util::future::{BoxFuture, FutureExt};
/// use std::io;
/// use std::net::IpAddr;
///
/// struct Fixed(IpAddr);
///
/// impl Resolver for Fixed {
///     fn resolve(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
///         std::future::ready(Ok(vec![self.0])).boxed()
///     }
/// }
///
/// let http = Http::allow(["api.example.com"])?.resolver(Fixed(IpAddr::from([1, 1, 1, 1])));
/// # Ok::<(), agentloop_tools::Error>(())
/// ```
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of a host, best first. An empty list means that there is no such host.
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the system.
pub(super) struct System;

impl Resolver for System {
    fn resolve(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why no connection is made. The script may read it; it says nothing of the addresses of the network.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreachable(pub(super) String);

impl fmt::Display for Unreachable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// Resolves names, and lets through the addresses that may be connected to.
#[derive(Clone)]
pub(super) struct Checked {
    resolver: Arc<dyn Resolver>,
    private_hosts: Arc<BTreeSet<String>>,
}

impl Checked {
    pub(super) fn new(resolver: Arc<dyn Resolver>, private_hosts: BTreeSet<String>) -> Self {
        Self { resolver, private_hosts: Arc::new(private_hosts) }
    }

    /// Checks the address that a URL has in the place of a name. Nothing resolves those.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), Unreachable> {
        let host = url.host_str().unwrap_or_default();
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) => self.check(host, address),
            Err(_) => Ok(()),
        }
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), Unreachable> {
        match reach(address) {
            Reach::Public => Ok(()),
            Reach::Private if self.private_hosts.contains(host) => Ok(()),
            Reach::Private => Err(Unreachable(format!(
                "`{host}` is at a private address, and nothing is sent there unless the application allows it with \
                 `allow_private`"
            ))),
            Reach::Never => Err(Unreachable(format!("`{host}` is at a special address, and nothing is sent there"))),
        }
    }

    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, Unreachable> {
        // Why a name was not found may tell of the network that this runs in.
        let not_found = || Unreachable(format!("the name `{host}` was not found"));
        let mut addresses = self.resolver.resolve(host).await.map_err(|_| not_found())?;
        addresses.truncate(ADDRESSES_MAX);
        if addresses.is_empty() {
            return Err(not_found());
        }
        // One address that is refused refuses them all: a name that mixes them is up to something.
        addresses.iter().try_for_each(|address| self.check(host, *address))?;
        // Port 0 stands for the port of the URL.
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
    }
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let checked = self.clone();
        Box::pin(async move {
            let addresses = checked.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::FutureExt;
    use std::collections::VecDeque;
    use std::sync::Mutex;

    /// Gives another answer each time.
    struct Scripted(Mutex<VecDeque<Vec<IpAddr>>>);

    impl Resolver for Scripted {
        fn resolve(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            let answer = self.0.lock().map(|mut answers| answers.pop_front()).ok().flatten();
            std::future::ready(answer.ok_or_else(|| io::Error::other("10.1.2.3 says no"))).boxed()
        }
    }

    fn checked(answers: &[&[&str]], private: &[&str]) -> Checked {
        let parse = |answer: &&[&str]| answer.iter().map(|text| text.parse().expect("an address")).collect();
        let answers = answers.iter().map(parse).collect();
        let private = private.iter().map(|host| (*host).to_owned()).collect();
        Checked::new(Arc::new(Scripted(Mutex::new(answers))), private)
    }

    fn resolve(checked: &Checked) -> Result<Vec<String>, String> {
        let found = checked.addresses("a.test").now_or_never().expect("nothing waits");
        found.map(|list| list.iter().map(ToString::to_string).collect()).map_err(|error| error.0)
    }

    const PRIVATE: &str = "`a.test` is at a private address, and nothing is sent there unless the application allows it with \
                           `allow_private`";
    const SPECIAL: &str = "`a.test` is at a special address, and nothing is sent there";

    #[test]
    fn each_answer_is_checked_anew() {
        let checked = checked(&[&["1.1.1.1"], &["127.0.0.1"], &["169.254.169.254"]], &[]);
        assert_eq!(resolve(&checked), Ok(vec!["1.1.1.1:0".to_owned()]));
        assert_eq!(resolve(&checked), Err(PRIVATE.to_owned()));
        assert_eq!(resolve(&checked), Err(SPECIAL.to_owned()));
        assert_eq!(resolve(&checked), Err("the name `a.test` was not found".to_owned()));
    }

    #[test]
    fn one_bad_address_refuses_them_all() {
        let checked = checked(&[&["1.1.1.1", "::ffff:10.0.0.1"], &[]], &[]);
        assert_eq!(resolve(&checked), Err(PRIVATE.to_owned()));
        assert_eq!(resolve(&checked), Err("the name `a.test` was not found".to_owned()));
    }

    #[test]
    fn private_is_not_special() {
        let checked = checked(&[&["127.0.0.1", "fd00::1"], &["169.254.169.254"], &["0.0.0.0"]], &["a.test"]);
        assert_eq!(resolve(&checked), Ok(vec!["127.0.0.1:0".to_owned(), "[fd00::1]:0".to_owned()]));
        assert_eq!(resolve(&checked), Err(SPECIAL.to_owned()));
        assert_eq!(resolve(&checked), Err(SPECIAL.to_owned()));
    }

    #[test]
    fn an_address_in_a_url_is_checked_in_every_spelling() {
        let checked = checked(&[], &[]);
        for host in ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]"] {
            let url = Url::parse(&format!("https://{host}/")).expect("it is a URL");
            let shown = url.host_str().expect("it has a host");
            let expected = PRIVATE.replace("a.test", shown);
            assert_eq!(checked.check_literal(&url), Err(Unreachable(expected)), "{host}");
        }
        let url = Url::parse("https://[fe80::1]/").expect("it is a URL");
        assert_eq!(checked.check_literal(&url), Err(Unreachable(SPECIAL.replace("a.test", "[fe80::1]"))));
        // A zone is no part of a URL's address.
        assert_eq!(
            Url::parse("https://[fe80::1%25eth0]/").map_err(|error| error.to_string()),
            Err("invalid IPv6 address".to_owned())
        );
    }
}
