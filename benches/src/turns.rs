//! Turns of the agent loop with a model that answers at once and no tools: what the loop itself costs.

use crate::ffi::Scope;
use crate::meter::{Cost, cost};
use agentloop::{Agent, Scripted, Turn};
use anyhow::{Result, ensure};

/// Replies of each turn, as many as are allowed by default: all but the last are a script.
const ITERATIONS: u32 = 10;

/// `count` iterations, in turns of ten. The sandbox of each script is part of it.
///
/// # Errors
///
/// When a turn is not answered.
pub fn iterations(count: u32) -> Result<Cost> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let turns = count.div_ceil(ITERATIONS);
    let mut agents = Vec::new();
    for _ in 0..turns {
        let scripts = (1..ITERATIONS).fold(Scripted::new(), |model, n| model.script(format!("return {n}")));
        agents.push(Agent::builder(scripts.text("done")).build()?);
    }
    let mut agents = agents.into_iter();
    let cost = cost(Scope::Thread, turns, || {
        let Some(agent) = agents.next() else { return Ok(()) };
        let output = runtime.block_on(agent.run(Turn::new("Go on")))?;
        ensure!(output.spent.iterations == ITERATIONS, "the turn took {} iterations", output.spent.iterations);
        Ok(())
    })?;
    Ok(Cost { count: turns * ITERATIONS, ..cost })
}
