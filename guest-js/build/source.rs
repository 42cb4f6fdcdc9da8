//! Where the engine's source is: in the registry crate that Cargo locks and checksums but never compiles for the host. The
//! benchmarks' build script includes this file too.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// The folder of the C files. `manifest` is the folder of any package of the workspace.
pub(crate) fn engine_source(manifest: &Path) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(manifest.join("Cargo.toml"))
        .other_options(vec!["--locked".into(), "--offline".into()])
        .exec()
        .context("`cargo metadata --locked --offline` failed; run `cargo fetch --locked` and build again")?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "libquickjs-ng-sys")
        .context("`libquickjs-ng-sys` is missing from Cargo.lock")?;
    let root = package.manifest_path.parent().context("a manifest has no folder")?;
    Ok(root.join("embed/quickjs").into_std_path_buf())
}
