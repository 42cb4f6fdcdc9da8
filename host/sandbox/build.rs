//! Compiles the guest component ahead of time, for the target of the build, so that no compiler is needed at run time.

#[path = "src/config.rs"]
mod config;

use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::{env, fs};

fn main() -> wasmtime::Result<()> {
    println!("cargo::rerun-if-changed=src/config.rs");
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var(name).map_err(|_| wasmtime::format_err!("Cargo did not set {name}"));

    let mut config = config::shared();
    // Naming the target makes the image independent of the machine that builds it: no CPU feature is assumed.
    config.target(&variable("TARGET")?)?;
    config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    let engine = wasmtime::Engine::new(&config)?;
    let hash: String = Sha256::digest(agentloop_guest::COMPONENT).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=AGENTLOOP_COMPONENT={hash}");
    let image = engine.precompile_component(agentloop_guest::COMPONENT)?;
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("agentloop.cwasm"), image)?;
    Ok(())
}
