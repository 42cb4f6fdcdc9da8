//! Rules that say which hosts are meant: `api.example.com`, `*.example.com`, `api.example.com:8443`, `http://localhost:3000`.

use crate::Error;
use reqwest::Url;
use std::fmt;

/// An origin, or the origins of all hosts below a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    scheme: &'static str,
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Exactly(String),
    /// Every host whose name ends with a dot and this.
    Below(String),
}

impl Rule {
    pub(super) fn parse(entry: &str) -> Result<Self, Error> {
        let why = |reason: &str| refused(entry, reason);
        let (scheme, rest) = match entry.split_once("://") {
            None => ("https", entry),
            Some(("https", rest)) => ("https", rest),
            Some(("http", rest)) => ("http", rest),
            Some(_) => {
                return Err(why("expected a host, as in `api.example.com`, or `https://` or `http://` and a host"));
            }
        };
        let (is_below, rest) = match rest.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.is_empty() || rest.contains('*') {
            return Err(why("expected a host, as in `api.example.com` or `*.example.com`"));
        }
        // Parsed as the hosts of requests are: whoever writes the same host in another way means the same.
        let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|error| why(&error.to_string()))?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !rest.ends_with('/');
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(why("expected a host and maybe a port, without a user, a path or a query"));
        }
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(why("it has no host"));
        };
        let is_name = url.domain().is_some();
        if is_below && (!is_name || !host.contains('.')) {
            return Err(why("`*.` goes before a name of at least two parts, as in `*.example.com`"));
        }
        let host = if is_below { Host::Below(host.to_owned()) } else { Host::Exactly(host.to_owned()) };
        Ok(Self { scheme, host, port })
    }

    /// Whether a URL is of this origin.
    pub(super) fn is_match(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_host = match &self.host {
            Host::Exactly(name) => host == name,
            Host::Below(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
        };
        is_host && url.scheme() == self.scheme && url.port_or_known_default() == Some(self.port)
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (star, host) = match &self.host {
            Host::Exactly(host) => ("", host),
            Host::Below(host) => ("*.", host),
        };
        write!(formatter, "{}://{star}{host}", self.scheme)?;
        match (self.scheme, self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(formatter, ":{port}"),
        }
    }
}

/// The name of one host, without a port, as URLs have it.
pub(super) fn parse_host(entry: &str) -> Result<String, Error> {
    let rule = Rule::parse(entry)?;
    match rule.host {
        Host::Exactly(host) if rule.is_https() && rule.port == 443 => Ok(host),
        _ => Err(refused(entry, "expected one host, without a port, as in `localhost`")),
    }
}

/// What is before an `@` may be a password, and is not repeated.
fn refused(entry: &str, reason: &str) -> Error {
    let entry = entry.rsplit_once('@').map_or_else(|| entry.to_owned(), |(_, host)| format!("…@{host}"));
    Error::Host { entry, reason: reason.to_owned() }
}

/// Scheme, host and port of a URL, as messages have it.
pub(super) fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entry: &str, matching: &[&str], others: &[&str]) {
        let rule = Rule::parse(entry).expect("it is a rule");
        let is_match = |url: &&str| rule.is_match(&Url::parse(url).expect("it is a URL"));
        assert!(matching.iter().all(is_match), "{entry} should match {matching:?}");
        assert!(!others.iter().any(is_match), "{entry} should match none of {others:?}");
    }

    #[test]
    fn a_host_is_that_host_over_https() {
        check(
            "API.example.com",
            &["https://api.example.com/x", "https://API.EXAMPLE.COM:443"],
            &[
                "http://api.example.com",
                "https://api.example.com:8443",
                "https://example.com",
                "https://xapi.example.com",
                "https://api.example.com.evil.test",
                "https://api.example.com.",
                "https://api.example.com@evil.test",
            ],
        );
        check("api.example.com:8443", &["https://api.example.com:8443"], &["https://api.example.com"]);
        check("http://localhost:3000", &["http://localhost:3000/"], &["https://localhost:3000", "http://localhost"]);
        check("http://[::1]:80", &["http://[::1]", "http://[0:0::1]"], &["http://[::2]"]);
        check("http://127.0.0.1", &["http://2130706433", "http://0x7f.1"], &["http://127.0.0.2"]);
    }

    #[test]
    fn a_star_is_every_host_below() {
        check(
            "*.example.com",
            &["https://a.example.com", "https://a.b.example.com"],
            &["https://example.com", "https://aexample.com", "https://.example.com", "https://a.example.com.evil.test"],
        );
    }

    #[test]
    fn what_names_no_host_is_refused() {
        let why = |entry: &str| Rule::parse(entry).expect_err("it is refused").to_string();
        let is_not = |entry: &str, reason: &str| format!("`{entry}` does not name a host: {reason}");
        let host = "expected a host, as in `api.example.com` or `*.example.com`";
        let bare = "expected a host and maybe a port, without a user, a path or a query";
        let star = "`*.` goes before a name of at least two parts, as in `*.example.com`";
        for entry in ["", "*", "*.", "a.*.com", "*.*.com"] {
            assert_eq!(why(entry), is_not(entry, host));
        }
        for entry in ["example.com/path", "example.com/", "example.com?x", "example.com#x"] {
            assert_eq!(why(entry), is_not(entry, bare));
        }
        assert_eq!(why("me:secret@example.com"), is_not("…@example.com", bare));
        for entry in ["*.com", "*.127.0.0.1"] {
            assert_eq!(why(entry), is_not(entry, star));
        }
        let ftp = "expected a host, as in `api.example.com`, or `https://` or `http://` and a host";
        assert_eq!(why("ftp://example.com"), is_not("ftp://example.com", ftp));
    }
}
