//! From what a script passes to a request that may be sent.

use super::HttpLimits;
use super::header;
use crate::message::shorten;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A longer URL is refused.
const URL_BYTES_MAX: usize = 8 << 10;

/// JSON that is nested deeper is refused.
const JSON_DEPTH_MAX: usize = 128;

/// So much of an answer is taken if the script does not say.
const ANSWER_BYTES_DEFAULT: u64 = 1 << 20;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    /// The address, as in `https://api.example.com/items?page=2`.
    url: String,
    /// The method. Default `GET`.
    method: Option<String>,
    /// Headers to send, by name.
    headers: Option<BTreeMap<String, String>>,
    /// The body, as text. Not together with `json`.
    body: Option<String>,
    /// The body, as a value that is sent as JSON. Not together with `body`.
    json: Option<Value>,
    /// How many bytes of body the answer may have. Default 1 MiB, maximum 4 MiB unless the application says otherwise. A larger
    /// answer is an error.
    max_bytes: Option<u64>,
}

/// What the server answered.
#[derive(Serialize, JsonSchema)]
pub(super) struct Answer {
    /// The status, as in 200. Statuses of errors are answers too.
    pub(super) status: u16,
    /// The headers, with names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// The address that answered, after redirects.
    pub(super) url: String,
    /// The body, if the server says that it is JSON and it is. Then there is no `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Value>")]
    pub(super) json: Option<Box<RawValue>>,
    /// The body, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    /// The body in base64, if it is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<String>,
}

/// A request of a script, not yet checked against what is allowed.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Vec<u8>>,
    pub(super) answer_bytes_max: u64,
}

impl Request {
    pub(super) fn parse(arguments: Arguments, limits: &HttpLimits) -> Result<Self, String> {
        let url = parse_url(&arguments.url)?;
        let method = arguments.method.as_deref().unwrap_or("GET");
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
            .map_err(|_| format!("`{}` is not a method", shorten(method)))?;
        let mut headers = header::parse(&arguments.headers.unwrap_or_default())?;
        let body = match (arguments.body, arguments.json) {
            (Some(_), Some(_)) => return Err("there are both `body` and `json`: pass one of them".to_owned()),
            (Some(body), None) => Some(body.into_bytes()),
            (None, Some(json)) => {
                headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
                Some(write_json(&json)?)
            }
            (None, None) => None,
        };
        if body.is_some() && matches!(method, Method::GET | Method::HEAD) {
            return Err(format!("a {method} request has no body: leave it out, or pass another `method`"));
        }
        let max = limits.request_bytes_max;
        if body.as_ref().is_some_and(|body| body.len() as u64 > max) {
            return Err(format!("the body of the request is over {max} bytes"));
        }
        let answer_bytes_max = answer_bytes_max(arguments.max_bytes, limits.response_bytes_max)?;
        Ok(Self { method, url, headers, body, answer_bytes_max })
    }
}

/// Parses a URL of a script.
pub(super) fn parse_url(text: &str) -> Result<Url, String> {
    check_length(text)?;
    let why = |reason: &str| format!("`{}` is not a URL of the web: {reason}", shorten(text));
    let mut url = Url::parse(text).map_err(|error| why(&error.to_string()))?;
    check_url(&url)?;
    url.set_fragment(None);
    Ok(url)
}

fn check_length(url: &str) -> Result<(), String> {
    if url.len() > URL_BYTES_MAX { Err(format!("the URL is over {URL_BYTES_MAX} bytes")) } else { Ok(()) }
}

/// Checks what is the same for every URL, be it of a script or of a server that redirects.
pub(super) fn check_url(url: &Url) -> Result<(), String> {
    check_length(url.as_str())?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(format!("`{}:` is not the scheme of a URL of the web: pass `https://…`", shorten(url.scheme())));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the URL has a user or a password in it, which is not sent: leave it out".to_owned());
    }
    Ok(())
}

fn answer_bytes_max(said: Option<u64>, max: u64) -> Result<u64, String> {
    match said.unwrap_or(ANSWER_BYTES_DEFAULT.min(max)) {
        bytes if bytes > max => Err(format!("`max_bytes` is over {max}: ask the server for less")),
        bytes => Ok(bytes),
    }
}

fn write_json(value: &Value) -> Result<Vec<u8>, String> {
    if is_deeper(value, JSON_DEPTH_MAX) {
        return Err(format!("`json` is over {JSON_DEPTH_MAX} levels deep"));
    }
    serde_json::to_vec(value).map_err(|error| format!("`json` cannot be written: {error}"))
}

/// Whether a value is nested deeper. It is gone through by levels, so that depth takes no stack.
fn is_deeper(value: &Value, depth_max: usize) -> bool {
    let mut level = vec![value];
    for _ in 0..depth_max {
        let below = |value: &&'_ Value| -> bool { matches!(value, Value::Array(_) | Value::Object(_)) };
        let mut next = Vec::new();
        for value in level {
            match value {
                Value::Array(values) => next.extend(values.iter().filter(below)),
                Value::Object(values) => next.extend(values.values().filter(below)),
                _ => {}
            }
        }
        if next.is_empty() {
            return false;
        }
        level = next;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn why(arguments: Value) -> String {
        let arguments = serde_json::from_value(arguments).expect("the arguments fit");
        match Request::parse(arguments, &HttpLimits::default()) {
            Err(why) => why,
            Ok(_) => String::new(),
        }
    }

    #[test]
    fn a_url_is_one_of_the_web() {
        let url = |text: &str| why(json!({ "url": text }));
        assert_eq!(url("https://a.test/x#y"), "");
        assert_eq!(url("a.test"), "`a.test` is not a URL of the web: relative URL without a base");
        assert_eq!(url("file:///etc/passwd"), "`file:` is not the scheme of a URL of the web: pass `https://…`");
        assert_eq!(url("https://"), "`https://` is not a URL of the web: empty host");
        let user = "the URL has a user or a password in it, which is not sent: leave it out";
        assert_eq!(url("https://me@a.test"), user);
        assert_eq!(url("https://:secret@a.test"), user);
        assert_eq!(url(&format!("https://a.test/{}", "x".repeat(8192))), "the URL is over 8192 bytes");
        let zone = "`https://[fe80::1%25eth0]/` is not a URL of the web: invalid IPv6 address";
        assert_eq!(url("https://[fe80::1%25eth0]/"), zone);
    }

    #[test]
    fn a_body_is_one_and_bounded() {
        let post = |name: &str, value: Value| {
            let mut arguments = json!({ "url": "https://a.test", "method": "POST" });
            arguments[name] = value;
            why(arguments)
        };
        assert_eq!(post("body", json!("x")), "");
        let both = json!({ "url": "https://a.test", "method": "POST", "body": "x", "json": 1 });
        assert_eq!(why(both), "there are both `body` and `json`: pass one of them");
        let get = json!({ "url": "https://a.test", "body": "x" });
        assert_eq!(why(get), "a GET request has no body: leave it out, or pass another `method`");
        let large = "x".repeat((1 << 20) + 1);
        assert_eq!(post("body", json!(large)), "the body of the request is over 1048576 bytes");
        assert_eq!(post("json", json!(large)), "the body of the request is over 1048576 bytes");
        assert_eq!(post("max_bytes", json!(4194305)), "`max_bytes` is over 4194304: ask the server for less");
        let nested = |depth: usize| (0..depth).fold(json!(1), |value, _| json!([value]));
        assert_eq!(post("json", nested(127)), "");
        assert_eq!(post("json", nested(129)), "`json` is over 128 levels deep");
    }

    #[test]
    fn a_method_is_a_word() {
        let method = |text: &str| why(json!({ "url": "https://a.test", "method": text }));
        assert_eq!(method("get"), "");
        assert_eq!(method("GET / HTTP/1.1\r\n"), "`GET / HTTP/1.1\r\n` is not a method");
    }
}
