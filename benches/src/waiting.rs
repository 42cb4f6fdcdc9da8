//! Memory of a run that waits for a tool, with 1,000 of them held. Linux only: it reads `/proc/self/smaps_rollup`.

use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs held at once: as many as the engine has instances.
pub const RUNS: u32 = 1_000;

/// A script with a little state of its own across the wait.
const SCRIPT: &str = "const seen = [1, 2, 3]; const more = await tools.hold({}); return [...seen, more]";

/// Private memory of each of [`RUNS`] waiting runs, in KiB. To be called before anything else has used an engine in this
/// process: memory that an earlier run left behind would be used again, and not counted.
///
/// # Errors
///
/// When a run ends instead of waiting, or the kernel does not tell.
pub fn private_kib_per_run() -> Result<f64> {
    let waiting = Arc::new(AtomicU32::new(0));
    let arrived = Arc::clone(&waiting);
    let hold = Tool::new("hold", "Never answers.", move |_: serde_json::Value| {
        arrived.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<Result<u32, String>>()
    })?;
    let sandbox = Engine::new()?.sandbox(Toolbox::new([hold])?, Limits::default())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        // What the engine makes once is not a run's.
        sandbox.run("1+1").await?;
        let before = private_kib()?;
        let mut runs: Vec<_> = (0..RUNS)
            .map(|_| {
                let sandbox = sandbox.clone();
                tokio::spawn(async move { sandbox.run(SCRIPT).await })
            })
            .collect();
        while waiting.load(Ordering::Relaxed) < RUNS {
            if let Some(ended) = runs.iter().position(tokio::task::JoinHandle::is_finished) {
                bail!("a run did not wait: {:?}", runs.swap_remove(ended).await?);
            }
            tokio::task::yield_now().await;
        }
        let after = private_kib()?;
        Ok((after - before) / f64::from(RUNS))
    })
}

/// Memory that only this process has, in KiB.
fn private_kib() -> Result<f64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup").context("the kernel does not tell memory by process")?;
    let mut sum = 0.0;
    for name in ["Private_Clean:", "Private_Dirty:"] {
        let line =
            text.lines().find_map(|line| line.strip_prefix(name)).context("a line of smaps_rollup is missing")?;
        let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
        sum += kib;
    }
    Ok(sum)
}
