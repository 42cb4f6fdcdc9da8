//! Which headers a script may set, and which of them may follow a redirect to another origin.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;

const HEADERS_MAX: usize = 64;
const HEADER_BYTES_MAX: usize = 16 << 10;

/// These say how a request is sent, and are set by what sends it.
const OF_THE_CONNECTION: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// These would make a server take one method for another.
const OF_THE_METHOD: &[&str] = &["x-http-method", "x-http-method-override", "x-method-override"];

/// These say nothing about who asks, and may go to another origin. Any other header may be a key.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-language",
    "cache-control",
    "content-language",
    "content-type",
    "if-modified-since",
    "if-none-match",
    "range",
    "user-agent",
];

pub(super) fn is_of_the_connection(name: &HeaderName) -> bool {
    OF_THE_CONNECTION.contains(&name.as_str()) || name.as_str().starts_with("proxy-")
}

/// Takes the headers that a script passed.
pub(super) fn parse(headers: &BTreeMap<String, String>) -> Result<HeaderMap, String> {
    if headers.len() > HEADERS_MAX {
        return Err(format!("there are over {HEADERS_MAX} headers"));
    }
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > HEADER_BYTES_MAX {
        return Err(format!("the headers are over {HEADER_BYTES_MAX} bytes"));
    }
    let mut parsed = HeaderMap::new();
    for (text, value) in headers {
        let name = HeaderName::try_from(text.as_str())
            .map_err(|_| format!("`{}` is no name of a header", text.escape_default()))?;
        if is_of_the_connection(&name) {
            return Err(format!("the header `{name}` is set by what sends the request: leave it out"));
        }
        if OF_THE_METHOD.contains(&name.as_str()) {
            return Err(format!("the header `{name}` is not sent: pass the `method` that is meant"));
        }
        if matches!(name.as_str(), "cookie" | "cookie2") {
            return Err(format!("the header `{name}` is not sent: there are no cookies here"));
        }
        let value = HeaderValue::try_from(value.as_str()).map_err(|_| {
            format!("the value of the header `{name}` has characters that no header has, such as line breaks")
        })?;
        if parsed.insert(&name, value).is_some() {
            return Err(format!("the header `{name}` is there twice"));
        }
    }
    Ok(parsed)
}

/// The headers that may follow a redirect to another origin.
pub(super) fn for_another_origin(headers: &HeaderMap) -> HeaderMap {
    let harmless = headers.iter().filter(|(name, _)| HARMLESS.contains(&name.as_str()));
    harmless.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(name: &str, value: &str) -> String {
        let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        parse(&headers).expect_err("it is refused")
    }

    #[test]
    fn headers_that_are_not_the_scripts_are_refused() {
        for name in ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "TE"] {
            let name_low = name.to_lowercase();
            let expected = format!("the header `{name_low}` is set by what sends the request: leave it out");
            assert_eq!(why(name, "x"), expected);
        }
        assert_eq!(why("Cookie", "a=b"), "the header `cookie` is not sent: there are no cookies here");
        let method = "the header `x-http-method-override` is not sent: pass the `method` that is meant";
        assert_eq!(why("X-HTTP-Method-Override", "DELETE"), method);
    }

    #[test]
    fn a_line_break_does_not_make_another_header() {
        let expected = "the value of the header `x-a` has characters that no header has, such as line breaks";
        for value in ["b\r\nx-evil: 1", "b\nx-evil: 1", "b\rc", "b\0c"] {
            assert_eq!(why("x-a", value), expected);
        }
        assert_eq!(why("x-a\r\nx-evil", "1"), "`x-a\\r\\nx-evil` is no name of a header");
        assert_eq!(why("", "1"), "`` is no name of a header");
    }

    #[test]
    fn headers_are_counted_and_weighed() {
        let many = (0..65).map(|index| (format!("x-{index}"), String::new())).collect();
        assert_eq!(parse(&many).expect_err("it is refused"), "there are over 64 headers");
        assert_eq!(why("x-a", &"b".repeat(16 << 10)), "the headers are over 16384 bytes");
        let twice = BTreeMap::from([("A".to_owned(), String::new()), ("a".to_owned(), String::new())]);
        assert_eq!(parse(&twice).expect_err("it is refused"), "the header `a` is there twice");
    }
}
