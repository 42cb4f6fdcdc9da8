//! Cold start: a new process of the command line tool, from nothing to the result of `1+1`.

use crate::ffi::{Scope, Usage};
use crate::meter::{Cost, cost};
use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The `agentloop` beside this program, or one folder up, where Cargo puts it when this is a Criterion bench. `None`: it
/// has not been built.
///
/// # Errors
///
/// When this program does not know where it is.
pub fn locate() -> Result<Option<PathBuf>> {
    let program = std::env::current_exe().context("this program does not know its own path")?;
    let name = format!("agentloop{}", std::env::consts::EXE_SUFFIX);
    Ok(program.ancestors().skip(1).take(2).map(|folder| folder.join(&name)).find(|path| path.is_file()))
}

/// Megabytes that such a process has in memory at its peak, the pages of its executable included. `None`: it has not been built. To be
/// called in a process that has no larger children and is small itself, since the kernel counts what a child has of it as well.
///
/// # Errors
///
/// As [`cold`].
pub fn peak_mb() -> Result<Option<f64>> {
    let Some(agentloop) = locate()? else { return Ok(None) };
    cold(&agentloop, 1)?;
    Ok(Some(Usage::of(Scope::Children).peak_kib as f64 * 1024.0 / 1e6))
}

/// `count` processes, one after the other. Processor time is that of the processes alone.
///
/// # Errors
///
/// When one does not answer 2.
pub fn cold(agentloop: &Path, count: u32) -> Result<Cost> {
    cost(Scope::Children, count, || {
        let output = Command::new(agentloop)
            .args(["run", "-e", "1+1"])
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("`{}` did not start", agentloop.display()))?;
        ensure!(output.status.success() && output.stdout == b"2\n", "`agentloop run -e 1+1` failed: {output:?}");
        Ok(())
    })
}
