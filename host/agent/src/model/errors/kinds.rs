//! Which kind of error it is. Statuses and codes decide where there are any; two kinds are told by nobody but in words.

use crate::provider::ProviderErrorKind;

/// Codes that mean a refusal.
const REFUSED_CODES: &[&str] =
    &["content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"];

/// Words that mean a refusal, where the code is the one for any bad request.
const REFUSED_WORDS: &[&str] = &[
    "content management policy",
    "content filtering policy",
    "violates our usage polic",
    "requires moderation",
    "flagged by our safety",
];

/// Codes that mean a conversation that is too long.
const TOO_LONG_CODES: &[&str] = &["context_length_exceeded", "request_too_large", "string_above_max_length"];

/// Words that mean it: no two providers agree on a code.
const TOO_LONG_WORDS: &[&str] = &[
    "maximum context length",
    "context length exceeded",
    "exceeds the context window",
    "exceed context limit",
    "exceeds the model's context",
    "context window exceeded",
    "maximum prompt length",
    "prompt is too long",
    "prompt too long",
    "prompt contains too many tokens",
    "too many tokens in the prompt",
    "input is too long",
    "input is longer than",
    "reduce the length of the messages",
    "exceeds the available context size",
];

/// Codes in a stream, where there is no status, and the statuses that they would have.
const CODE_STATUSES: &[(&str, u16)] = &[
    ("rate_limit", 429),
    ("resource_exhausted", 429),
    ("insufficient_quota", 429),
    ("too_many_requests", 429),
    ("overloaded", 529),
    ("unavailable", 503),
    ("server_error", 500),
    ("api_error", 500),
    ("internal", 500),
    ("timeout", 504),
    ("deadline_exceeded", 504),
    ("authentication_error", 401),
    ("invalid_api_key", 401),
    ("unauthenticated", 401),
    ("permission", 403),
    ("not_found", 404),
    ("invalid_request", 400),
    ("invalid_argument", 400),
    ("invalid_prompt", 400),
];

/// The kind of what a provider reports. The codes are in small letters.
pub(super) fn of(status: Option<u16>, codes: &str, message: &str) -> ProviderErrorKind {
    let status =
        status.or_else(|| CODE_STATUSES.iter().find(|(code, _)| codes.contains(code)).map(|(_, as_if)| *as_if));
    let words = message.to_lowercase();
    let is_of_request = matches!(status, None | Some(400 | 403 | 413 | 422 | 451));
    if is_of_request && (any(REFUSED_CODES, codes) || any(REFUSED_WORDS, &words)) {
        return ProviderErrorKind::Refused;
    }
    if is_of_request && (any(TOO_LONG_CODES, codes) || any(TOO_LONG_WORDS, &words) || counts_tokens(&words)) {
        return ProviderErrorKind::ContextTooLong;
    }
    match status {
        Some(401 | 403) => ProviderErrorKind::Auth,
        Some(413) => ProviderErrorKind::ContextTooLong,
        Some(429) => ProviderErrorKind::RateLimit,
        Some(408 | 500..=599) => ProviderErrorKind::Overload,
        Some(400..=499) => ProviderErrorKind::InvalidRequest,
        // A redirect, which is not followed, or an error without any code.
        _ => ProviderErrorKind::BadResponse,
    }
}

/// Gemini's "the input token count (1) exceeds the maximum number of tokens allowed (1)", which has the count inside.
fn counts_tokens(words: &str) -> bool {
    words.contains("input token count") && words.contains("exceeds")
}

fn any(needles: &[&str], text: &str) -> bool {
    needles.iter().any(|needle| text.contains(needle))
}
