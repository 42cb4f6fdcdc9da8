//! The libraries of the realm: npm packages, locked and checksummed, bundled to one JavaScript file each.

use anyhow::{Context as _, Result, bail, ensure};
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Bundles what is in `library/` to `OUT_DIR/library`, and returns that folder.
pub(crate) fn bundle(guest: &Path, out: &Path) -> Result<PathBuf> {
    println!("cargo::rerun-if-env-changed=AGENTLOOP_NODE_MODULES");
    let modules = env::var_os("AGENTLOOP_NODE_MODULES")
        .map_or_else(|| guest.join("../.tools/library/node_modules"), PathBuf::from);
    ensure!(
        modules.join("esbuild").is_dir(),
        "the libraries of the realm are not in `{}`: run `bash scripts/setup.sh`",
        modules.display()
    );
    let folder = out.join("library");
    let output = Command::new("node")
        .arg(guest.join("library/bundle.mjs"))
        .args([&modules, &folder])
        .output()
        .context("bundling the libraries of the realm needs Node 20 or later on the PATH")?;
    if !output.status.success() {
        bail!("bundling the libraries of the realm failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(folder)
}
