//! A fresh sandbox, `1+1`, and its end; on the other side a new native runtime and context, `1+1`, and theirs.

use crate::ffi::{Scope, run_native};
use crate::meter::{Cost, Pair, cost, in_turn};
use crate::subject::{Subject, engine};
use agentloop_sandbox::Engine;
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

const SCRIPT: &str = "1+1";
const NATIVE_SCRIPT: &CStr = c"1+1";
const VALUE: &str = "2";

const THREADS: u32 = 2;

/// What one round gives.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Round {
    /// On the thread that measures.
    pub alone: Pair,
    /// On one thread beside it.
    pub on_one: Pair,
    /// On two.
    pub on_two: Pair,
}

/// Measures rounds of nothing else, of `count` executions each. To be called in a process that has done nothing else.
///
/// # Errors
///
/// When a run does not answer 2.
pub fn rounds(rounds: u32, count: u32) -> Result<Vec<Round>> {
    let engine = engine()?;
    let subject = Subject::plain(&engine)?;
    // The first runs of a process touch memory that later ones find in place. A cold process has a line of its own.
    ours(&subject, count)?;
    native(count)?;
    let beside =
        |round, threads| in_turn(round, || ours_parallel(&engine, threads, count), || native_parallel(threads, count));
    let one = |round| {
        let alone = in_turn(round, || ours(&subject, count), || native(count))?;
        Ok(Round { alone, on_two: beside(round, THREADS)?, on_one: beside(round, 1)? })
    };
    (0..rounds).map(one).collect()
}

/// `count` sandboxes, one after the other.
///
/// # Errors
///
/// When a run does not answer 2.
pub fn ours(subject: &Subject, count: u32) -> Result<Cost> {
    cost(Scope::Thread, count, || subject.expect(SCRIPT, VALUE))
}

/// `count` native contexts, one after the other.
///
/// # Errors
///
/// When a run does not answer 2.
pub fn native(count: u32) -> Result<Cost> {
    cost(Scope::Thread, count, execute_native)
}

fn execute_native() -> Result<()> {
    let value = run_native(NATIVE_SCRIPT)?;
    ensure!(value == VALUE, "native `1+1` is {value}");
    Ok(())
}

/// `count` sandboxes on each of `threads` threads that share an engine.
///
/// # Errors
///
/// When a run does not answer 2.
pub fn ours_parallel(engine: &Engine, threads: u32, count: u32) -> Result<Cost> {
    parallel(threads, count, || {
        let subject = Subject::plain(engine)?;
        Ok(move |count| ours(&subject, count))
    })
}

/// `count` native contexts on each of `threads` threads.
///
/// # Errors
///
/// When a run does not answer 2.
pub fn native_parallel(threads: u32, count: u32) -> Result<Cost> {
    parallel(threads, count, || Ok(native))
}

/// Prepares on each thread, then lets all begin at once. The clock runs from there to the last one's end.
fn parallel<F>(threads: u32, count: u32, prepare: impl Fn() -> Result<F> + Sync) -> Result<Cost>
where
    F: Fn(u32) -> Result<Cost>,
{
    let barrier = Barrier::new(threads as usize + 1);
    let (costs, wall) = thread::scope(|scope| {
        let work = || {
            let execute = prepare();
            barrier.wait();
            execute?(count)
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        barrier.wait();
        let started = Instant::now();
        let costs: Vec<_> = handles.into_iter().map(thread::ScopedJoinHandle::join).collect();
        (costs, started.elapsed())
    });
    let mut total = Cost { cpu: std::time::Duration::ZERO, wall, minor_faults: 0, count: threads * count };
    for cost in costs {
        let cost = cost.ok().context("a measuring thread panicked")??;
        total.cpu += cost.cpu;
        total.minor_faults += cost.minor_faults;
    }
    Ok(total)
}
