//! Requests to servers on loopback: what they are, what they may take, and attacks.

mod attacks;
#[path = "../calls/mod.rs"]
mod calls;
mod requests;
mod support;
mod tls;
