//! What providers do wrong when they answer with an error, for the two that most others are like.

use crate::conversation::{KEY, ask, failure, hello, reply};
use crate::server::{Answer, Rules, Server};
use crate::{anthropic, chat};
use agentloop::{Model, ProviderError, ProviderErrorKind, Reply};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A provider, its rules, and a stream that is as it should be.
pub(crate) struct Kind {
    pub(crate) model: &'static str,
    pub(crate) rules: Rules,
    pub(crate) greeting: String,
    pub(crate) greeted: Reply,
}

/// The two kinds that are tried.
pub(crate) fn kinds() -> [Kind; 2] {
    [
        Kind { model: "openai/gpt-x", rules: chat::rules, greeting: chat::greeting(), greeted: chat::greeted() },
        Kind {
            model: "anthropic/claude-x",
            rules: anthropic::rules,
            greeting: anthropic::greeting(),
            greeted: anthropic::greeted(),
        },
    ]
}

/// An error of this model, as it should be.
pub(crate) fn error(kind: ProviderErrorKind, model: &str, rest: &str) -> ProviderError {
    ProviderError::new(kind, format!("`{model}` {rest}"))
}

/// Each kind gets this answer, which must come to this error; then the same request goes well.
async fn check(answer: Answer, kind: ProviderErrorKind, rest: &str, wait: Option<Duration>) {
    for case in kinds() {
        let server = Server::start(case.rules, [answer.clone(), Answer::Stream(case.greeting)]).await;
        let expected = error(kind, case.model, rest).retry_after(wait);
        assert_eq!(failure(case.model, &server, &hello()).await, expected);
        assert_eq!(reply(case.model, &server, &hello()).await.0, case.greeted);
        assert_eq!(server.asked().len(), 2, "nothing is asked twice behind the loop's back");
    }
}

fn status(status: u16, headers: &[(&'static str, &'static str)], message: &str) -> Answer {
    let body = json!({"type": "error", "error": {"type": "some_error", "message": message}});
    Answer::Status(status, headers.to_vec(), body.to_string())
}

#[tokio::test]
async fn a_rate_limit_says_how_long_to_wait() {
    let seconds = status(429, &[("retry-after", "7")], "Slow down.");
    let wait = Some(Duration::from_secs(7));
    check(seconds, ProviderErrorKind::RateLimit, "answered 429: Slow down.", wait).await;
    let exact = status(429, &[("retry-after-ms", "1250"), ("retry-after", "2")], "Slow down.");
    let wait = Some(Duration::from_millis(1250));
    check(exact, ProviderErrorKind::RateLimit, "answered 429: Slow down.", wait).await;
    let past = status(429, &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], "Slow down.");
    check(past, ProviderErrorKind::RateLimit, "answered 429: Slow down.", Some(Duration::ZERO)).await;
}

#[tokio::test]
async fn a_broken_provider_is_overloaded() {
    for code in [500, 502, 503, 504, 529] {
        let rest = format!("answered {code}: Try again.");
        check(status(code, &[], "Try again."), ProviderErrorKind::Overload, &rest, None).await;
    }
    let waiting = status(529, &[("retry-after", "3")], "Overloaded");
    let wait = Some(Duration::from_secs(3));
    check(waiting, ProviderErrorKind::Overload, "answered 529: Overloaded", wait).await;
}

#[tokio::test]
async fn a_refused_key_is_no_other_error() {
    for code in [401, 403] {
        let rest = format!("answered {code}: Not you.");
        check(status(code, &[], "Not you."), ProviderErrorKind::Auth, &rest, None).await;
    }
}

#[tokio::test]
async fn an_unknown_model_is_named() {
    let rest = "answered 404: No such model.";
    check(status(404, &[], "No such model."), ProviderErrorKind::InvalidRequest, rest, None).await;
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_told_by_words() {
    for (code, message) in [
        (400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (413, "Request exceeds the maximum size"),
    ] {
        let rest = format!("answered {code}: {message}");
        check(status(code, &[], message), ProviderErrorKind::ContextTooLong, &rest, None).await;
    }
    let rest = "answered 400: temperature: too long a number";
    let other = status(400, &[], "temperature: too long a number");
    check(other, ProviderErrorKind::InvalidRequest, rest, None).await;
}

#[tokio::test]
async fn a_refusal_as_a_matter_of_policy_is_one() {
    let message = "Output blocked by content filtering policy";
    let rest = format!("answered 400: {message}");
    check(status(400, &[], message), ProviderErrorKind::Refused, &rest, None).await;
}

#[tokio::test]
async fn a_long_message_is_cut_and_cleaned() {
    let message = format!("\u{1b}[31m{}", "é".repeat(2000));
    let answer = status(500, &[], &message);
    for case in kinds() {
        let server = Server::start(case.rules, [answer.clone()]).await;
        let error = failure(case.model, &server, &hello()).await;
        let begin = format!("`{}` answered 500: [31mé", case.model);
        assert!(error.message.starts_with(&begin), "{}", error.message);
        assert_eq!(error.message.chars().count(), 501, "500 characters and an ellipsis");
    }
}

#[tokio::test]
async fn an_error_that_breaks_off_is_told_by_its_status() {
    for case in kinds() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the port is known");
        let builder = Model::builder(case.model).base_url(format!("http://{address}/v1")).api_key(KEY);
        let model = builder.build_with(&|_| None).expect("the model can be built");
        let serve = async {
            let (mut socket, _) = listener.accept().await.expect("the model asks");
            let mut bytes = [0; 4096];
            assert_ne!(socket.read(&mut bytes).await.expect("the model asks"), 0);
            let answer = b"HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 999\r\n\r\n{\"error\":";
            socket.write_all(answer).await.expect("the model reads");
            socket.shutdown().await.expect("the model reads");
            // To close the socket before everything is read would take the answer back.
            while socket.read(&mut bytes).await.is_ok_and(|count| count > 0) {}
        };
        let request = hello();
        let ((outcome, _), ()) = tokio::join!(ask(&model, &request), serve);
        let expected = error(ProviderErrorKind::RateLimit, case.model, "answered 429: {\"error\":");
        assert_eq!(outcome, Err(expected.retry_after(Some(Duration::from_secs(7)))));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for case in kinds() {
        let elsewhere = Server::start(case.rules, [Answer::Stream(case.greeting)]).await;
        let location: &'static str = Box::leak(elsewhere.base_url().into_boxed_str());
        let away = Answer::Status(307, vec![("location", location)], String::new());
        let server = Server::start(case.rules, [away]).await;
        let expected = error(ProviderErrorKind::BadResponse, case.model, "answered 307: without a message");
        assert_eq!(failure(case.model, &server, &hello()).await, expected);
        assert_eq!(elsewhere.asked().len(), 0, "the key did not go there");
        assert_eq!(reply(case.model, &elsewhere, &hello()).await.0, case.greeted);
    }
}

#[tokio::test]
async fn a_key_in_an_error_is_blanked_out() {
    let message = format!("Incorrect API key provided: {KEY}.");
    check(
        status(401, &[], &message),
        ProviderErrorKind::Auth,
        "answered 401: Incorrect API key provided: [key].",
        None,
    )
    .await;
}
