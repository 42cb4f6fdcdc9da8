//! Builds the guest of the positive controls: the product's own, but for its lockdown. No program contains it; only the tests
//! run it, to see that what the realm refuses would work without its hardening.

#[path = "../host/sandbox/src/config.rs"]
mod config;
#[path = "../guest-js/build/mod.rs"]
#[expect(
    clippy::print_stderr,
    reason = "a realm that cannot be initialised says why; Cargo shows it when the build fails"
)]
mod guest;

use anyhow::Result;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../host/sandbox/src/config.rs");
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let recipe =
        guest::Recipe { guest: &manifest.join("../guest-js"), out: &out, overlay: Some(&manifest.join("bare")) };
    let component = guest::component(&recipe)?;
    let image = compile(&component).map_err(|error| anyhow::anyhow!("compiling the bare guest failed: {error:?}"))?;
    fs::write(out.join("bare.cwasm"), image)?;
    Ok(())
}

fn compile(component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    let mut config = config::shared();
    config.target(&env::var("TARGET")?)?;
    config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    wasmtime::Engine::new(&config)?.precompile_component(component)
}
