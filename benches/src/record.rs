//! A result on file: date, machine, command, table, raw numbers.

use crate::machine::{Machine, today};
use crate::report::Table;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The compiler of the native side, from the build script.
const NATIVE_COMPILER: &str = env!("AGENTLOOP_BENCHES_CC");

/// Writes `<date>-<machine>.md` into `folder`, over an earlier one of that day.
///
/// # Errors
///
/// When the folder cannot be written.
pub fn write(folder: &Path, machine: &Machine, command: &str, table: &Table) -> Result<PathBuf> {
    let date = today();
    let path = folder.join(format!("{date}-{}.md", machine.slug()));
    fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    fs::write(&path, text(&date, machine, command, table)?)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}

fn text(date: &str, machine: &Machine, command: &str, table: &Table) -> Result<String> {
    let Machine { processor, cores, system, load } = machine;
    let (markdown, raw) = (table.markdown(), table.json_lines()?);
    Ok(format!(
        "# Results of {date}\n\n\
         - Machine: {processor}, {cores} cores, {system}; load average at the start {load}\n\
         - Native: QuickJS-NG of the locked source, {NATIVE_COMPILER}, -O3\n\
         - Command: `{command}`\n\n\
         Medians over the rounds, minima in brackets. What each line means: `docs/BENCHMARKS.md`.\n\n\
         {markdown}\n\
         ## Raw numbers\n\n\
         ```json\n{raw}```\n"
    ))
}
