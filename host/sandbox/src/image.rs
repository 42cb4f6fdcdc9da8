//! The one module with `unsafe` in it: loads the code that the build script compiled.

#![expect(unsafe_code, reason = "compiled code can only be taken on trust; this is where its origin is stated")]

use wasmtime::Engine;
use wasmtime::component::Component;

/// What the build script of this crate made of the guest, with the settings of [`crate::config`].
const IMAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/agentloop.cwasm"));

/// Loads the compiled component.
pub(crate) fn load(engine: &Engine) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are embedded in this crate by its own build script, which got them from
    // `Engine::precompile_component` of the same version of Wasmtime. Nobody else can supply them.
    unsafe { Component::deserialize(engine, IMAGE) }
}
