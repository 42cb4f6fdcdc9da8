use super::*;
use serde_json::json;

fn voice(secret: &Secret) -> Voice<'_> {
    Voice { model: "openai/x", origin: "https://host", secret }
}

fn answered(status: u16, body: &str) -> (ProviderErrorKind, String) {
    let error = voice(&Secret::new(None)).answered(status, &HeaderMap::new(), body);
    (error.kind, error.message)
}

#[test]
fn statuses_and_words_tell_the_kind() {
    use ProviderErrorKind as K;
    let kind = |status, error: Value| answered(status, &json!({"error": error}).to_string()).0;
    for (status, expected) in [
        (400, K::InvalidRequest),
        (401, K::Auth),
        (403, K::Auth),
        (404, K::InvalidRequest),
        (408, K::Overload),
        (413, K::ContextTooLong),
        (422, K::InvalidRequest),
        (429, K::RateLimit),
        (500, K::Overload),
        (502, K::Overload),
        (503, K::Overload),
        (504, K::Overload),
        (529, K::Overload),
        (301, K::BadResponse),
    ] {
        assert_eq!(kind(status, json!({"message": "x"})), expected, "status {status}");
    }
    for message in [
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "This model's maximum prompt length is 131072 but the request contains 140000 tokens.",
    ] {
        assert_eq!(kind(400, json!({"message": message})), K::ContextTooLong, "{message}");
        assert_eq!(kind(429, json!({"message": message})), K::RateLimit, "a status that is clear goes first");
    }
    assert_eq!(kind(400, json!({"message": "x", "code": "context_length_exceeded"})), K::ContextTooLong);
    assert_eq!(kind(400, json!({"message": "x", "code": "content_filter"})), K::Refused);
    assert_eq!(kind(400, json!({"message": "Output blocked by content filtering policy"})), K::Refused);
}

#[test]
fn errors_in_a_stream_go_by_their_code() {
    use ProviderErrorKind as K;
    let secret = Secret::new(None);
    for (error, expected) in [
        (json!({"type": "overloaded_error", "message": "Overloaded"}), K::Overload),
        (json!({"type": "api_error", "message": "x"}), K::Overload),
        (json!({"code": "rate_limit_exceeded", "message": "x"}), K::RateLimit),
        (json!({"code": 503, "status": "UNAVAILABLE", "message": "x"}), K::Overload),
        (json!({"code": 502, "message": "x"}), K::Overload),
        (json!({"type": "authentication_error", "message": "x"}), K::Auth),
        (json!({"type": "invalid_request_error", "message": "prompt is too long: 3 > 2"}), K::ContextTooLong),
        (json!({"type": "invalid_request_error", "message": "x"}), K::InvalidRequest),
        (json!("something"), K::BadResponse),
    ] {
        assert_eq!(voice(&secret).reported(&error).kind, expected, "{error}");
    }
}

#[test]
fn every_wrapping_is_taken_off() {
    for body in [
        json!({"error": {"message": "no such model"}}),
        json!([{"error": {"message": "no such model"}}]),
        json!({"error": "no such model"}),
        json!({"message": "no such model"}),
        json!({"detail": "no such model"}),
    ] {
        let expected = (ProviderErrorKind::InvalidRequest, "`openai/x` answered 404: no such model".to_owned());
        assert_eq!(answered(404, &body.to_string()), expected);
    }
    assert_eq!(answered(502, "<html>bad\ngateway</html>").1, "`openai/x` answered 502: <html>bad gateway</html>");
    assert_eq!(answered(502, "").1, "`openai/x` answered 502: without a message");
}

#[test]
fn the_key_goes_before_the_message_is_cut() {
    let secret = Secret::new(Some("sk-canary-0123456789".to_owned()));
    let long = format!("{}{}", "x".repeat(MESSAGE_CHARS_MAX - 10), "sk-canary-0123456789");
    let error = voice(&secret).answered(401, &HeaderMap::new(), &long);
    assert!(!error.message.contains("sk-"), "{}", error.message);
    assert!(error.message.chars().count() <= MESSAGE_CHARS_MAX + 1);
}

#[test]
fn retry_after_is_read_in_all_its_forms() {
    let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:00 GMT").expect("a date");
    let wait = |name: &'static str, value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        retry_after(&headers, now)
    };
    assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
    assert_eq!(wait("retry-after", "1.5"), Some(Duration::from_millis(1500)));
    assert_eq!(wait("retry-after-ms", "250"), Some(Duration::from_millis(250)));
    assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(37)));
    assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
    assert_eq!(wait("retry-after", "soon"), None);
    assert_eq!(wait("retry-after", "-1"), None);
    assert_eq!(wait("retry-after", "1e300"), None);
}

#[test]
fn gemini_asks_to_wait_in_the_body() {
    let body = json!({"error": {"code": 429, "message": "x", "details": [{"retryDelay": "17.5s"}]}});
    let error = voice(&Secret::new(None)).answered(429, &HeaderMap::new(), &body.to_string());
    assert_eq!((error.kind, error.retry_after), (ProviderErrorKind::RateLimit, Some(Duration::from_millis(17_500))));
}
