//! Sending a request, following its redirects, and reading its answer. Every hop is checked as if the script had asked for it.

use super::HttpLimits;
use super::header;
use super::request::{Answer, Arguments, Request, check_url};
use super::resolver::{Checked, Unreachable};
use super::rule::{Rule, origin};
use super::secret::Secrets;
use crate::message::shorten;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

/// Headers of an answer that are larger in all are refused.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// So many hosts are named to a script that asks for another one.
const HOSTS_SHOWN_MAX: usize = 20;

/// What may be asked, and what asks.
pub(super) struct Gate {
    pub(super) client: Client,
    pub(super) rules: Vec<Rule>,
    pub(super) methods: Vec<Method>,
    pub(super) secrets: Secrets,
    pub(super) checked: Checked,
    pub(super) limits: HttpLimits,
    pub(super) calls: AtomicU64,
    pub(super) places: Semaphore,
}

impl Gate {
    /// Makes one call of a script. Nothing that it gives, an error included, has a secret in it.
    pub(super) async fn call(&self, arguments: Arguments) -> Result<Answer, String> {
        let result = self.call_in_time(arguments).await;
        result.map_err(|message| self.secrets.scrub_text(&message))
    }

    async fn call_in_time(&self, arguments: Arguments) -> Result<Answer, String> {
        let request = Request::parse(arguments, &self.limits)?;
        self.check(&request)?;
        if let Some((name, _)) =
            self.secrets.headers_for(&request.url).find(|(name, _)| request.headers.contains_key(*name))
        {
            return Err(format!(
                "the application sets the header `{name}` for `{}`: leave it out",
                origin(&request.url)
            ));
        }
        let calls_max = self.limits.calls_max;
        if self.calls.fetch_add(1, Ordering::Relaxed) >= calls_max {
            return Err(format!("there were {calls_max} requests already, and there may be no more"));
        }
        let asked = origin(&request.url);
        let time_max = self.limits.time_max;
        let exchange = async {
            let _place = self.places.acquire().await.map_err(|_| "no more requests are sent".to_owned())?;
            let (response, request) = self.follow(request).await?;
            self.answer(response, &request).await
        };
        let result = tokio::time::timeout(time_max, exchange).await;
        result.unwrap_or_else(|_| Err(format!("`{asked}` gave no whole answer within {time_max:?}")))
    }

    /// Whether a request may be sent. What a name resolves to is checked when it is connected to.
    fn check(&self, request: &Request) -> Result<(), String> {
        check_url(&request.url)?;
        if !self.rules.iter().any(|rule| rule.is_match(&request.url)) {
            let hosts: Vec<String> = self.rules.iter().take(HOSTS_SHOWN_MAX).map(|rule| format!("`{rule}`")).collect();
            let more = if self.rules.len() > HOSTS_SHOWN_MAX { " and more" } else { "" };
            let asked = shorten(&origin(&request.url));
            return Err(format!("`{asked}` may not be asked, only {}{more}", hosts.join(", ")));
        }
        if !self.methods.contains(&request.method) {
            let methods: Vec<&str> = self.methods.iter().map(Method::as_str).collect();
            return Err(format!("`{}` requests are not allowed, only {}", request.method, methods.join(", ")));
        }
        self.checked.check_literal(&request.url).map_err(|error| error.0)
    }

    /// Sends a request, and the ones that its answers redirect to.
    async fn follow(&self, mut request: Request) -> Result<(Response, Request), String> {
        for _ in 0..=self.limits.redirects_max {
            let response = self.send(&request).await?;
            let Some(next) = self.redirected(&response, &request)? else { return Ok((response, request)) };
            let redirects = |why| format!("`{}` redirects to what is not allowed: {why}", origin(&request.url));
            self.check(&next).map_err(redirects)?;
            request = next;
        }
        Err(format!(
            "there are over {} redirects, the last one from `{}`",
            self.limits.redirects_max,
            origin(&request.url)
        ))
    }

    async fn send(&self, request: &Request) -> Result<Response, String> {
        let mut headers = request.headers.clone();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        for (name, value) in self.secrets.headers_for(&request.url) {
            headers.insert(name, value.clone());
        }
        let mut builder = self.client.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        builder.send().await.map_err(|error| explain(&error, request))
    }

    /// What an answer redirects to, if it does.
    fn redirected(&self, response: &Response, from: &Request) -> Result<Option<Request>, String> {
        let status = response.status();
        let follows = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
        let Some(location) = response.headers().get(LOCATION).filter(|_| follows) else { return Ok(None) };
        let refused = |why: &str| format!("`{}` redirects to what is not allowed: {why}", origin(&from.url));
        let location = location.to_str().map_err(|_| refused("that is not a URL"))?;
        // Where a secret is in a URL, following it would hand the secret on.
        if self.secrets.is_in(location) {
            return Err(refused("the URL has a secret of the application in it"));
        }
        let mut url = from.url.join(location).map_err(|error| refused(&format!("that is not a URL: {error}")))?;
        url.set_fragment(None);
        if from.url.scheme() == "https" && url.scheme() == "http" {
            return Err(refused("it goes from `https` to `http`"));
        }
        let mut next = Request { url, ..from.clone() };
        if turns_into_get(status, &from.method) {
            next.method = Method::GET;
            next.body = None;
            next.headers.remove(CONTENT_TYPE);
        }
        if origin(&next.url) != origin(&from.url) {
            next.headers = header::for_another_origin(&next.headers);
        }
        Ok(Some(next))
    }

    async fn answer(&self, mut response: Response, request: &Request) -> Result<Answer, String> {
        let headers = self.headers(response.headers(), request)?;
        let status = response.status().as_u16();
        let is_json = response.headers().get(CONTENT_TYPE).is_some_and(is_json);
        let max = request.answer_bytes_max;
        let too_large = || self.too_large(max, request);
        // The length that a `HEAD` is answered with is that of another answer.
        if request.method != Method::HEAD && response.content_length().is_some_and(|length| length > max) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error, request))? {
            if (bytes.len() + chunk.len()) as u64 > max {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        let url = self.secrets.scrub_text(request.url.as_str());
        let mut answer = Answer { status, headers, url, json: None, body: None, body_base64: None };
        match String::from_utf8(self.secrets.scrub(bytes)) {
            Ok(text) if is_json => match parse_json(text) {
                Ok(json) => answer.json = Some(json),
                Err(text) => answer.body = Some(text),
            },
            Ok(text) => answer.body = Some(text),
            Err(error) => answer.body_base64 = Some(STANDARD.encode(error.as_bytes())),
        }
        Ok(answer)
    }

    fn too_large(&self, max: u64, request: &Request) -> String {
        let response_max = self.limits.response_bytes_max;
        let way_out = if max < response_max {
            format!("ask for less, or pass a larger `max_bytes` (up to {response_max})")
        } else {
            "ask for less, such as a page of it or a range".to_owned()
        };
        format!("the answer of `{}` is over {max} bytes: {way_out}", origin(&request.url))
    }

    fn headers(&self, headers: &HeaderMap, request: &Request) -> Result<BTreeMap<String, String>, String> {
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if bytes > HEADER_BYTES_MAX {
            return Err(format!(
                "the headers of the answer of `{}` are over {HEADER_BYTES_MAX} bytes",
                origin(&request.url)
            ));
        }
        let mut shown = BTreeMap::<String, String>::new();
        // Cookies are not kept for the next request, and are of no use to the script.
        for (name, value) in headers.iter().filter(|(name, _)| **name != SET_COOKIE) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let all = shown.entry(self.secrets.scrub_text(name.as_str())).or_default();
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&value);
        }
        shown.values_mut().for_each(|value| *value = self.secrets.scrub_text(value));
        Ok(shown)
    }
}

/// As browsers do, and as the standard allows.
fn turns_into_get(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::SEE_OTHER => *method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *method == Method::POST,
        _ => false,
    }
}

fn is_json(content_type: &HeaderValue) -> bool {
    let essence = content_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Takes a text as JSON, or gives it back. The order of keys and the digits of numbers stay as they are.
fn parse_json(text: String) -> Result<Box<RawValue>, String> {
    // Reading it as a value refuses what is nested too deep.
    if serde_json::from_str::<Value>(&text).is_err() {
        return Err(text);
    }
    RawValue::from_string(text.clone()).map_err(|_| text)
}

/// What a script is told of an error of the network.
fn explain(error: &reqwest::Error, request: &Request) -> String {
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        if let Some(unreachable) = cause.downcast_ref::<Unreachable>() {
            return unreachable.0.clone();
        }
        let Some(source) = cause.source() else { break };
        cause = source;
    }
    let asked = origin(&request.url);
    let cause = shorten(&cause.to_string());
    if error.is_connect() {
        format!("`{asked}` cannot be connected to: {cause}")
    } else {
        format!("`{asked}` gave no answer that can be read: {cause}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Http;
    use serde_json::json;

    fn redirected(from: &str, location: &str) -> Result<Option<String>, String> {
        let gate = Http::allow(["http://a.test"]).and_then(Http::gate).expect("it is a host");
        let arguments = serde_json::from_value(json!({ "url": from })).expect("the arguments fit");
        let request = Request::parse(arguments, &gate.limits)?;
        let response = http::Response::builder().status(302).header(LOCATION, location).body("");
        let next = gate.redirected(&Response::from(response.expect("it is an answer")), &request)?;
        Ok(next.map(|next| next.url.to_string()))
    }

    #[test]
    fn a_redirect_does_not_take_the_encryption_away() {
        let expected = "`https://a.test` redirects to what is not allowed: it goes from `https` to `http`";
        assert_eq!(redirected("https://a.test/", "http://a.test/"), Err(expected.to_owned()));
        assert_eq!(redirected("https://a.test/", "//b.test/"), Ok(Some("https://b.test/".to_owned())));
        assert_eq!(redirected("http://a.test/", "https://a.test/"), Ok(Some("https://a.test/".to_owned())));
    }

    #[test]
    fn json_is_told_by_its_type() {
        let is_json = |text: &str| is_json(&HeaderValue::from_str(text).expect("it is a value"));
        assert!(is_json("application/json") && is_json("Application/JSON; charset=utf-8") && is_json("a/b+json"));
        assert!(!is_json("text/plain") && !is_json("application/jsonl") && !is_json(""));
    }
}
