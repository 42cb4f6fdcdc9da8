//! Running a journal again: without its tools, and with a look at everything that the script does.

use crate::bindings::{Environment, Literal};
use crate::instance;
use crate::journal::{Begin, End as EndLine, Journal, Playback};
use crate::live::End;
use crate::slice::Clocks;
use crate::source::Source;
use crate::state::State;
use crate::{CancellationToken, Divergence, Engine, Error, Outcome, Sandbox, limits};
use std::sync::Arc;
use std::time::Instant;

/// What came of running a journal again.
#[derive(Debug)]
#[non_exhaustive]
pub struct Replayed {
    /// What the script did. `None` if the replay has no ending of its own: it diverged, the journal ends before the run does, or the
    /// run was ended from outside (cancelled, out of time).
    pub outcome: Option<Outcome>,
    /// The first difference, if there is one.
    pub divergence: Option<Divergence>,
    /// Whether fuel and memory were compared as well, to the unit: they are if the component is the one that was recorded.
    pub is_exact: bool,
    /// Steps that were the same.
    pub steps: usize,
}

impl Engine {
    /// Runs a journal again, with no tools: calls get the answers that they got then, timers fire when they fired. Everything that
    /// the script does is compared: its calls, its console, in order, the fuel of each step, the memory, its ending.
    ///
    /// Times do not count: what a replay waits for is there.
    ///
    /// # Errors
    ///
    /// When the host broke, or what the journal says it was run under cannot be enforced; see [`Error`]. That the replay does
    /// something else is no error: see [`Replayed::divergence`].
    pub async fn replay(&self, journal: Journal) -> Result<Replayed, Error> {
        self.replay_until(journal, CancellationToken::new()).await
    }

    /// The same, given up when `cancellation` is cancelled: then as if the journal ended there.
    ///
    /// # Errors
    ///
    /// As [`Engine::replay`].
    pub async fn replay_until(&self, journal: Journal, cancellation: CancellationToken) -> Result<Replayed, Error> {
        instance::require_timer()?;
        let (is_exact, toolbox) = (journal.is_of_this_component(), journal.toolbox()?);
        let (begin, playback) = Playback::new(journal, is_exact);
        let sandbox = self.sandbox(toolbox, limits::timeless(&begin.limits))?;
        let mut replayed = Replayed { outcome: None, divergence: None, is_exact, steps: 0 };
        let Ok(source) = Source::new(begin.script.to_string(), begin.limits.script_bytes_max) else {
            return Ok(replayed);
        };
        let clocks = Clocks::new(cancellation, Instant::now());
        let Ok(slot) = instance::slot(self, &clocks, sandbox.limits().wall_time_max).await? else {
            return Ok(replayed);
        };
        let store = instance::store(self, State::unused(sandbox.shared_limits(), sandbox.toolbox().clone()));
        let mut kept = instance::fresh(self, slot, store, source, clocks).await?;
        kept.live.budget(begin.fuel_max.unwrap_or(u64::MAX), begin.calls_max.unwrap_or(u32::MAX));
        kept.live.play_back(playback);
        let end = kept.live.run(environment(&sandbox, &begin)).await;
        let mut playback = kept.live.take_playback();
        replayed.steps = playback.as_ref().map_or(0, Playback::step);
        match end {
            End::Error(error) => return Err(error),
            End::Played(divergence) => replayed.divergence = divergence.map(|divergence| *divergence),
            End::Ending(ending) => {
                let outcome = kept.live.outcome(*ending);
                let compared = playback.as_mut().zip(EndLine::of(&outcome)).map(|(playback, end)| playback.ended(&end));
                replayed.divergence = compared.and_then(Result::err).map(|divergence| *divergence);
                replayed.outcome = replayed.divergence.is_none().then_some(outcome);
            }
        }
        Ok(replayed)
    }
}

/// What the run could observe.
pub(crate) fn environment(sandbox: &Sandbox, begin: &Begin<'_>) -> Environment {
    let literals = begin.literals.iter();
    Environment {
        tools: sandbox.toolbox().signatures(),
        clock_ms: begin.clock_ms,
        seed: begin.seed,
        literals: literals.map(|(id, text)| Literal { id: id.clone(), text: text.clone() }).collect::<Arc<[_]>>(),
        in_session: false,
    }
}
