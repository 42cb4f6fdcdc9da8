//! How the repository itself must look: sizes, no dead files, layers that point down only, links that lead somewhere.

#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/functions.rs"]
mod functions;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/reach.rs"]
mod reach;

use std::path::{Path, PathBuf};

/// The folder that holds the whole workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are a folder of the workspace").to_owned()
}
