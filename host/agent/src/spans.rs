//! Spans of a turn, with the attribute names of OpenTelemetry's conventions for generative AI (version 1.37).
//!
//! What was said is in none of them unless it is asked for: see [`AgentBuilder::trace_contents`](crate::AgentBuilder).

use crate::provider::{ProviderError, Reply, Request, Stop};
use tracing::Span;
use tracing::field::Empty;

/// `anthropic/claude` is the model `claude` of the provider `anthropic`.
fn parts(model: &str) -> (&str, &str) {
    model.split_once('/').unwrap_or(("unknown", model))
}

/// Of a whole turn.
pub(crate) fn turn(model: &str) -> Span {
    let (provider, model) = parts(model);
    tracing::info_span!(
        "invoke_agent",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = "invoke_agent",
        "gen_ai.provider.name" = provider,
        "gen_ai.request.model" = model,
        "error.type" = Empty,
    )
}

/// Of one request to the model.
pub(crate) fn chat(model: &str, request: &Request, with_contents: bool) -> Span {
    let (provider, model) = parts(model);
    let span = tracing::info_span!(
        "chat",
        "otel.name" = format!("chat {model}"),
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = "chat",
        "gen_ai.provider.name" = provider,
        "gen_ai.request.model" = model,
        "gen_ai.request.max_tokens" = request.options.tokens_max,
        "gen_ai.request.temperature" = request.options.temperature,
        "gen_ai.request.top_p" = request.options.top_p,
        "gen_ai.request.seed" = request.options.seed,
        "gen_ai.response.finish_reasons" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
        "gen_ai.system_instructions" = Empty,
        "gen_ai.input.messages" = Empty,
        "gen_ai.output.messages" = Empty,
        "error.type" = Empty,
    );
    if with_contents {
        span.record("gen_ai.system_instructions", request.system.as_str());
        record_json(&span, "gen_ai.input.messages", &request.messages);
    }
    span
}

/// What came of a request.
pub(crate) fn record_reply(span: &Span, reply: &Result<Reply, ProviderError>, with_contents: bool) {
    match reply {
        Ok(reply) => {
            let reason = match reply.stop {
                Stop::Done if reply.calls.is_empty() => "stop",
                Stop::Done => "tool_calls",
                Stop::Length => "length",
                Stop::Refused => "content_filter",
            };
            span.record("gen_ai.response.finish_reasons", reason);
            span.record("gen_ai.usage.input_tokens", reply.usage.input);
            span.record("gen_ai.usage.output_tokens", reply.usage.output);
            if with_contents {
                record_json(span, "gen_ai.output.messages", reply);
            }
        }
        Err(error) => {
            record_error(span, error.kind.name());
        }
    }
}

/// Of one script. The spans of its calls are inside.
pub(crate) fn script(source: &str, with_contents: bool) -> Span {
    let span = tracing::info_span!(
        "execute_tool",
        "otel.name" = format!("execute_tool {}", crate::RUN_JS),
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = "execute_tool",
        "gen_ai.tool.name" = crate::RUN_JS,
        "gen_ai.tool.type" = "function",
        "gen_ai.tool.call.arguments" = Empty,
        "error.type" = Empty,
    );
    if with_contents {
        span.record("gen_ai.tool.call.arguments", source);
    }
    span
}

/// What went wrong, by its kind.
pub(crate) fn record_error(span: &Span, kind: &str) {
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
}

fn record_json(span: &Span, name: &str, value: &impl serde::Serialize) {
    if let Ok(text) = serde_json::to_string(value) {
        span.record(name, text);
    }
}
