//! Builds the guest: QuickJS-NG, the shim, the libraries and the prelude become one pre-initialised component in `OUT_DIR`.

#[path = "build/mod.rs"]
mod guest;

use std::path::PathBuf;
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
    let component = guest::component(&guest::Recipe { guest: &manifest, out: &out, overlay: None })?;
    fs::write(out.join("agentloop.wasm"), component)?;
    Ok(())
}
