//! Hosts of URLs, where every program reads the URL in the same way.

use url::Url;

/// A longer URL is not read.
const URL_BYTES_MAX: usize = 8 << 10;

const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

/// A host, or all hosts below a name.
#[derive(Debug)]
pub(super) enum Host {
    Exactly(String),
    /// Every host whose name ends with a dot and this.
    Below(String),
}

impl Host {
    pub(super) fn parse(entry: &str) -> Result<Self, String> {
        let (is_below, name) = entry.strip_prefix("*.").map_or((false, entry), |name| (true, name));
        let host =
            read(&format!("https://{name}/")).filter(|_| !name.contains(['/', '?', '#', '*']) && !has_port(name));
        match host {
            Some(host) if !is_below => Ok(Self::Exactly(host)),
            Some(host) if host.contains('.') && !host.ends_with(|last: char| last.is_ascii_digit()) => {
                Ok(Self::Below(host))
            }
            _ => Err(format!("`{entry}` is no host: give it without a port, as `api.example.com` or `*.example.com`")),
        }
    }

    /// Whether a URL leads there. Nothing if programs may read it in more than one way.
    pub(super) fn contains(&self, url: &str) -> Option<bool> {
        let host = read(url)?;
        Some(match self {
            Self::Exactly(name) => host == *name,
            Self::Below(name) => {
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
        })
    }
}

fn has_port(authority: &str) -> bool {
    authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'))
}

/// The host, in lower case and without the dot that may end it. Nothing for a URL that is not written plainly: with a user, a
/// backslash, escapes or other alphabets in the host, or an address in an unusual spelling.
fn read(text: &str) -> Option<String> {
    let is_plain = |character: char| !character.is_control() && character != ' ' && character != '\\';
    if text.len() > URL_BYTES_MAX || !text.chars().all(is_plain) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    if !SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = if has_port(authority) { authority.rsplit_once(':')?.0 } else { authority };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    // What a parser makes of it must be what it is.
    let url = Url::parse(text).ok()?;
    let parsed = url.host_str()?;
    (parsed.strip_suffix('.').unwrap_or(parsed) == host && url.username().is_empty() && url.password().is_none())
        .then_some(host)
}

#[cfg(test)]
mod tests {
    use super::Host;

    fn contains(host: &str, url: &str) -> Option<bool> {
        Host::parse(host).expect("it is a host").contains(url)
    }

    #[test]
    fn a_host_is_that_host_in_any_case_and_at_any_port() {
        for url in [
            "https://api.example.com",
            "http://api.example.com/x?y#z",
            "HTTPS://API.Example.COM",
            "wss://api.example.com",
            "https://api.example.com:8443/",
            "https://api.example.com.",
            "https://api.example.com.:8443/",
            "https://api.example.com?@evil.test",
            "https://api.example.com/@evil.test",
        ] {
            assert_eq!(contains("api.example.com", url), Some(true), "{url}");
            assert_eq!(contains("API.example.com.", url), Some(true), "{url}");
            assert_eq!(contains("*.example.com", url), Some(true), "{url}");
        }
        for url in [
            "https://evil.test/api.example.com",
            "https://api.example.com.evil.test",
            "https://xapi.example.com.test",
            "https://evil.test#api.example.com",
            "https://evil.test?api.example.com",
            "https://api.example.com..",
        ] {
            assert_ne!(contains("api.example.com", url), Some(true), "{url}");
            assert_ne!(contains("*.example.com", url), Some(true), "{url}");
        }
        assert_eq!(contains("*.example.com", "https://example.com"), Some(false));
        assert_eq!(contains("*.example.com", "https://badexample.com"), Some(false));
        assert_eq!(contains("[::1]", "http://[::1]:80/"), Some(true));
        assert_eq!(contains("127.0.0.1", "http://127.0.0.1/"), Some(true));
    }

    #[test]
    fn a_url_that_others_read_otherwise_is_not_told() {
        for url in [
            "https://api.example.com@evil.test",
            "https://me:pw@api.example.com",
            "https://evil.test\\@api.example.com",
            "https://api.example.com\\@evil.test",
            "https:api.example.com",
            "https:///api.example.com",
            "//api.example.com",
            "api.example.com",
            "https://api.example.com:x",
            "https://api.exa\tmple.com",
            " https://api.example.com",
            "https://%61pi.example.com",
            "https://ａpi.example.com",
            "ftp://api.example.com",
            "file://api.example.com/x",
            "javascript://api.example.com/%0aalert(1)",
            "https://",
            "",
        ] {
            assert_eq!(contains("api.example.com", url), None, "{url:?}");
        }
        for url in ["http://2130706433", "http://0x7f.1", "http://127.1", "http://0177.0.0.1", "http://[0:0::1]"] {
            assert_eq!(contains("127.0.0.1", url), None, "{url}");
        }
        assert_eq!(contains("api.example.com", &format!("https://api.example.com/{}", "a".repeat(8192))), None);
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for entry in [
            "",
            "*",
            "*.",
            "*.com",
            "*.127.0.0.1",
            "a.com:80",
            "a.com/x",
            "https://a.com",
            "me@a.com",
            "a.*.com",
            "[::1]:80",
        ] {
            let reason =
                format!("`{entry}` is no host: give it without a port, as `api.example.com` or `*.example.com`");
            assert_eq!(Host::parse(entry).expect_err("it is refused"), reason);
        }
    }
}
