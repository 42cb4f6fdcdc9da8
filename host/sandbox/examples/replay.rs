//! Replays the journal in a file and says whether the script did the same: `cargo run --example replay -- run.jsonl`.
//!
//! Built without optimisation it shows that fuel and memory do not depend on how the host was built.

use agentloop_sandbox::{Engine, Journal};
use std::error::Error;
use std::io::Write as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the file of a journal")?;
    let journal = Journal::read(&std::fs::read(path)?)?;
    let replayed = Engine::new()?.replay(journal).await?;
    match (replayed.divergence, replayed.is_exact) {
        (Some(divergence), _) => Err(divergence.to_string().into()),
        (None, false) => Err("another version of the sandbox recorded it".into()),
        (None, true) => Ok(writeln!(std::io::stdout(), "the same, to the unit of fuel: {} steps", replayed.steps)?),
    }
}
