//! The one build path of the guest: source from the locked registry crate → patches → `zig cc` → core module → snapshot of
//! the initialised realm → component. Nothing is cached outside of the output folder except zig's own cache of its C library.

mod compile;
mod component;
mod counting;
mod library;
mod meter;
mod patches;
pub(crate) mod source;
pub(crate) mod zig;

use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;

/// What a guest is made of.
pub(crate) struct Recipe<'a> {
    /// The folder `guest-js` of this repository.
    pub(crate) guest: &'a Path,
    /// Where everything that is made goes.
    pub(crate) out: &'a Path,
    /// Files that stand in for those of the prelude with the same name. The product has none; the tests build a guest
    /// without hardening to see the attacks work.
    pub(crate) overlay: Option<&'a Path>,
}

/// Builds the guest and gives the bytes of its component.
pub(crate) fn component(recipe: &Recipe<'_>) -> Result<Vec<u8>> {
    let Recipe { guest, out, overlay } = *recipe;
    let wit = guest.join("../wit/agentloop.wit");
    for input in ["build.rs", "build", "library", "prelude", "shim"] {
        println!("cargo::rerun-if-changed={}", guest.join(input).display());
    }
    println!("cargo::rerun-if-changed={}", wit.display());
    if let Some(overlay) = overlay {
        println!("cargo::rerun-if-changed={}", overlay.display());
    }

    let zig = zig::locate(guest)?;
    let engine = patches::patched_engine(guest, out)?;
    let bindings = component::write_bindings(&wit, out)?;
    let libraries = library::bundle(guest, out)?;
    let sources = compile::Sources { guest, engine: &engine, bindings: &bindings, libraries: &libraries, overlay, out };
    let module = compile::core_module(&zig, &sources)?;
    compile::check_bulk_operations(&module)?;
    compile::check_state(&module)?;
    let module = meter::weave(&module)?;
    let snapshot = component::preinitialise(&compile::strip(&module)?)?;
    component::encode(&snapshot)
}

/// Writes a file unless it already holds these bytes: what is unchanged keeps its time.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}
