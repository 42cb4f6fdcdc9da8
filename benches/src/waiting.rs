//! A crowd of runs that wait for a tool: the memory of each, and what a short run among them has to wait for. Linux only: it reads
//! `/proc/self/smaps_rollup`.

use agentloop_sandbox::{Ending, Engine, Limits, Sandbox, Tool, Toolbox};
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Instances that the engine has besides those of the crowd: for short runs, those that are woken, and one that computes without end.
const OTHERS: u32 = 16;
/// Between two runs that are woken.
const WAKE_TIME: Duration = Duration::from_millis(1);
/// Short runs, of which the slowest hundredth counts.
const SHORT_RUNS: usize = 1_000;

/// A script with a little state of its own across the wait.
const SCRIPT: &str = "const seen = [1, 2, 3]; const more = await tools.hold({}); return [...seen, more]";

/// What a crowd costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Private memory of each waiting run, in KiB.
    pub kib: f64,
    /// Milliseconds by the clock, of `1+1` while most are held, 1,000 a second are woken and one computes without end: 99 of 100 take
    /// no longer.
    pub short_run_p99_ms: f64,
}

struct Crowd {
    sandbox: Sandbox,
    /// Runs that have come to wait.
    arrived: Arc<AtomicU32>,
    /// A permit for each that may go on.
    leave: Arc<Semaphore>,
    /// How a run ended that was to wait.
    failure: Arc<OnceLock<String>>,
}

/// Measures a crowd of so many. To be called before anything else has used an engine in this process: memory that an earlier run left behind would be
/// used again, and not counted.
///
/// # Errors
///
/// When a run ends instead of waiting, or the kernel does not tell.
pub fn measure(held: u32) -> Result<Waiting> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    let waiting = runtime.block_on(async {
        let crowd = Crowd::new(held + OTHERS)?;
        // What the engine makes once is not a run's.
        crowd.sandbox.run("1+1").await?;
        let before = private_kib()?;
        crowd.grow_to(held).await?;
        let kib = (private_kib()? - before) / f64::from(held);
        let short_run_p99_ms = crowd.short_run_p99_ms().await?;
        anyhow::Ok(Waiting { kib, short_run_p99_ms })
    })?;
    runtime.shutdown_background();
    Ok(waiting)
}

impl Crowd {
    fn new(instances: u32) -> Result<Self> {
        let (arrived, leave) = (Arc::<AtomicU32>::default(), Arc::new(Semaphore::new(0)));
        let (arriving, gate) = (Arc::clone(&arrived), Arc::clone(&leave));
        let hold = Tool::new("hold", "Answers when it may.", move |_: serde_json::Value| {
            arriving.fetch_add(1, Ordering::Relaxed);
            let gate = Arc::clone(&gate);
            async move { gate.acquire().await.map(|permit| permit.forget()).map_err(|error| error.to_string()) }
        })?;
        let limits = Limits { call_time_max: Duration::from_secs(300), ..Limits::default() };
        let sandbox = Engine::with_instances(instances)?.sandbox(Toolbox::new([hold])?, limits)?;
        Ok(Self { sandbox, arrived, leave, failure: Arc::default() })
    }

    fn add_one(&self) {
        let (sandbox, failure) = (self.sandbox.clone(), Arc::clone(&self.failure));
        tokio::spawn(async move {
            let ending = sandbox.run(SCRIPT).await.map(|outcome| outcome.ending);
            if !matches!(ending, Ok(Ending::Finished(_))) {
                let _ = failure.set(format!("{ending:?}"));
            }
        });
    }

    async fn grow_to(&self, count: u32) -> Result<()> {
        (self.arrived.load(Ordering::Relaxed)..count).for_each(|_| self.add_one());
        let begun = Instant::now();
        while self.arrived.load(Ordering::Relaxed) < count {
            ensure!(self.failure.get().is_none(), "a run does not wait: {:?}", self.failure.get());
            ensure!(begun.elapsed() < Duration::from_secs(60), "the runs do not come to wait");
            tokio::time::sleep(WAKE_TIME).await;
        }
        Ok(())
    }

    async fn short_run_p99_ms(&self) -> Result<f64> {
        let sandbox = self.sandbox.clone();
        let busy = tokio::spawn(async move { sandbox.run("while (true) {}").await });
        let mut wakes = tokio::time::interval(WAKE_TIME);
        let mut times = Vec::new();
        while times.len() < SHORT_RUNS {
            wakes.tick().await;
            self.leave.add_permits(1);
            self.add_one();
            let begun = Instant::now();
            self.sandbox.run("1+1").await?;
            times.push(begun.elapsed());
            ensure!(!busy.is_finished(), "the loop without end has ended");
        }
        busy.abort();
        times.sort_unstable();
        Ok(times[SHORT_RUNS * 99 / 100].as_secs_f64() * 1e3)
    }
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
