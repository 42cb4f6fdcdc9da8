//! Finds the pinned C compiler.

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// How to start `zig`: a program and the arguments before its own.
pub(crate) struct Zig {
    program: PathBuf,
    prefix: &'static [&'static str],
}

impl Zig {
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.prefix);
        command
    }

    fn version(&self) -> Option<String> {
        let output = self.command().arg("version").output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// `AGENTLOOP_ZIG`, then what `scripts/setup.sh` installed, then the `ziglang` package of `python3`.
pub(crate) fn locate(manifest: &Path) -> Result<Zig> {
    let requirements = manifest.join("requirements.txt");
    println!("cargo::rerun-if-env-changed=AGENTLOOP_ZIG");
    println!("cargo::rerun-if-changed={}", requirements.display());
    let pinned = pinned_version(&requirements)?;

    let mut candidates = Vec::new();
    if let Some(path) = env::var_os("AGENTLOOP_ZIG") {
        candidates.push(Zig { program: path.into(), prefix: &[] });
    }
    candidates.push(Zig { program: manifest.join("../.tools/python/ziglang/zig"), prefix: &[] });
    candidates.push(Zig { program: "python3".into(), prefix: &["-m", "ziglang"] });

    let mut found = Vec::new();
    for zig in candidates {
        match zig.version() {
            Some(version) if version == pinned => return Ok(zig),
            Some(version) => found.push(version),
            None => {}
        }
    }
    let found = if found.is_empty() { String::new() } else { format!(" (found {})", found.join(", ")) };
    bail!(
        "compiling the sandbox needs zig {pinned}{found}: run `bash scripts/setup.sh`, \
         or `python3 -m pip install ziglang=={pinned}`"
    )
}

fn pinned_version(requirements: &Path) -> Result<String> {
    let text = fs::read_to_string(requirements)?;
    let Some(version) = text.split_whitespace().find_map(|word| word.strip_prefix("ziglang==")) else {
        bail!("`{}` does not pin ziglang", requirements.display());
    };
    Ok(version.to_owned())
}
