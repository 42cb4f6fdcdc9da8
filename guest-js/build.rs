//! Builds the guest: QuickJS-NG, the shim and the prelude become one pre-initialised component in `OUT_DIR`.
//!
//! The one build path: source from the locked registry crate → patches → `zig cc` → core module → snapshot of the
//! initialised realm → component. Nothing is cached outside `OUT_DIR` except zig's own cache of its C library.

#[path = "build/compile.rs"]
mod compile;
#[path = "build/component.rs"]
mod component;
#[path = "build/patches.rs"]
mod patches;
#[path = "build/source.rs"]
mod source;
#[path = "build/zig.rs"]
mod zig;

use std::path::{Path, PathBuf};
use std::{env, fs, process};

fn main() {
    if let Err(error) = build() {
        // A build script's panic message is noise around the one sentence that matters.
        eprintln!("\nerror: {error:#}\n");
        process::exit(1);
    }
}

fn build() -> anyhow::Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let wit = manifest.join("../wit/agentloop.wit");
    for input in ["build.rs", "build", "shim", "prelude"] {
        println!("cargo::rerun-if-changed={}", manifest.join(input).display());
    }
    println!("cargo::rerun-if-changed={}", wit.display());

    let zig = zig::locate(&manifest)?;
    let engine = patches::patched_engine(&manifest, &out)?;
    let bindings = component::write_bindings(&wit, &out)?;
    let module = compile::core_module(
        &zig,
        &compile::Sources { manifest: &manifest, engine: &engine, bindings: &bindings, out: &out },
    )?;
    compile::check_bulk_operations(&module)?;
    let snapshot = component::preinitialise(&compile::strip(&module)?)?;
    let component = component::encode(&snapshot)?;
    write(&out.join("agentloop.wasm"), &component)?;
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).map_err(|error| anyhow::anyhow!("cannot write `{}`: {error}", path.display()))
}
