//! What is measured in a process of its own: memory that others left behind would be used again, what a crowd leaves behind is cold
//! for those after it, and the peak of all children is that of the largest.

use crate::fresh::{self, Round};
use crate::start;
use crate::waiting::{self, Waiting};
use anyhow::{Context as _, Result, bail, ensure};
use serde::de::DeserializeOwned;
use std::process::{Command, Stdio};

/// The first argument of such a process, before the name of what it measures.
pub const ARGUMENT: &str = "apart";

const CROWD: &str = "crowd-";
const FRESH: &str = "fresh-";
const START: &str = "start";

/// As [`waiting::measure`].
///
/// # Errors
///
/// As there, and when this program cannot be started once more.
pub fn crowd(held: u32) -> Result<Waiting> {
    measured(&format!("{CROWD}{held}"))
}

/// As [`fresh::rounds`].
///
/// # Errors
///
/// As there, and when this program cannot be started once more.
pub fn fresh(rounds: u32, count: u32) -> Result<Vec<Round>> {
    measured(&format!("{FRESH}{rounds}-{count}"))
}

/// As [`start::peak_mb`].
///
/// # Errors
///
/// As there, and when this program cannot be started once more.
pub fn start_peak_mb() -> Result<Option<f64>> {
    measured(START)
}

/// What such a process prints.
///
/// # Errors
///
/// When it cannot be measured.
pub fn answer(part: &str) -> Result<String> {
    let numbers = |prefix| part.strip_prefix(prefix).map(|numbers| numbers.split_once('-').unwrap_or((numbers, "")));
    Ok(if let Some((held, _)) = numbers(CROWD) {
        serde_json::to_string(&waiting::measure(held.parse()?)?)?
    } else if let Some((rounds, count)) = numbers(FRESH) {
        serde_json::to_string(&fresh::rounds(rounds.parse()?, count.parse()?)?)?
    } else if part == START {
        serde_json::to_string(&start::peak_mb()?)?
    } else {
        bail!("there is no part `{part}`")
    })
}

fn measured<T: DeserializeOwned>(part: &str) -> Result<T> {
    let program = std::env::current_exe().context("this program does not know its own path")?;
    let output = Command::new(program).args([ARGUMENT, part]).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the process that measures `{part}` failed: {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}
