//! The engine settings that decide the compiled code. The build script, which compiles, and [`Engine`](crate::Engine),
//! which loads, include this file both: the image fits the engine by construction.

use wasmtime::{Config, WasmFeatures};

/// WebAssembly as `zig cc` emits it for its baseline target, in a component.
const GUEST_FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
    .union(WasmFeatures::BULK_MEMORY_OPT)
    .union(WasmFeatures::COMPONENT_MODEL);

/// A configuration with everything that must be equal at build and at run time.
pub(crate) fn shared() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // One address space of 4 GiB per memory and a guard: bounds are checked by the processor.
        .memory_reservation(4 << 30)
        .memory_guard_size(32 << 20)
        .signals_based_traps(true)
        // Only what the guest is made of: nothing depends on which features of Wasmtime a build happens to switch on.
        .gc_support(false)
        .wasm_features(WasmFeatures::all(), false)
        .wasm_features(GUEST_FEATURES, true)
        .generate_address_map(false)
        .native_unwind_info(false)
        .wasm_backtrace_max_frames(None);
    config
}
