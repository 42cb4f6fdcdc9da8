//! Compiles native QuickJS-NG, the yardstick, from the same locked source that the guest is made of, at `-O3`.
//!
//! The source is taken as it comes: the guest's patches change what a sandbox needs, not what is measured here.

#[path = "../guest-js/build/source.rs"]
mod source;

use anyhow::{Context as _, Result};
use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The files that the guest is made of too.
const ENGINE_FILES: [&str; 4] = ["quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"];

fn main() -> Result<()> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let native = manifest.join("native");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=native");
    println!("cargo::rerun-if-changed=../Cargo.lock");

    let engine = source::engine_source(&manifest)?;
    // The optimisation is the yardstick's own, whatever the profile of the build.
    let mut build = cc::Build::new();
    build.opt_level(3).debug(false).define("NDEBUG", None).include(&engine);
    build.clone().files([native.join("engine.c"), native.join("usage.c")]).compile("agentloop_native");
    build
        .define("_GNU_SOURCE", None)
        // As the engine's own build has it.
        .flag_if_supported("-funsigned-char")
        .warnings(false)
        .files(ENGINE_FILES.map(|name| engine.join(name)))
        .compile("quickjs");
    println!("cargo::rustc-link-lib=m");
    println!("cargo::rustc-env=AGENTLOOP_BENCHES_CC={}", compiler_version(&build)?);
    Ok(())
}

/// The first line of `cc --version`: a result says which compiler made the yardstick.
fn compiler_version(build: &cc::Build) -> Result<String> {
    let compiler = build.try_get_compiler()?;
    let output = Command::new(compiler.path()).arg("--version").output().context("the C compiler did not start")?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or("unknown").to_owned())
}
