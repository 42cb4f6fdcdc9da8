//! The real providers against a server on this machine, which speaks their wire formats and keeps their rules.

mod anthropic;
mod chat;
mod conversation;
mod faults;
mod gemini;
mod keys;
mod named;
mod ollama;
mod responses;
mod server;
mod streams;
mod tls;
