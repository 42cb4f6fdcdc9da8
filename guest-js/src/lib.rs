//! The guest of agentloop: QuickJS-NG in a hardened realm, as one pre-initialised WebAssembly component.
//!
//! This crate owns nothing at run time: it is the bytes that its build script makes from `shim/`, `prelude/`, the WIT
//! contract and the engine's source in the locked registry crate. It must never contain a prebuilt binary.

/// The component, ready to be compiled by an engine. It imports the interfaces `tools`, `timers` and
/// `console` of `agentloop:sandbox`, and nothing else.
pub const COMPONENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/agentloop.wasm"));
