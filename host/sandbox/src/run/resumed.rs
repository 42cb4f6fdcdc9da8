//! A run that goes on after it was put aside.

use super::Run;
use crate::journal::{Entry, Moment, Playback, Tape};
use crate::live::End;
use crate::resume::{self, Resolution, Rest, ResumeError};
use crate::seal::Once;
use crate::session::Kept;
use crate::slice::Clocks;
use crate::source::Source;
use crate::state::State;
use crate::suspend::{Suspended, SuspendedCallState};
use crate::{Ending, Error, Outcome, ResumedFrom, Sandbox, instance, replay};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Which version of agentloop this is.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Run {
    pub(crate) fn resumed(sandbox: Sandbox, suspended: Suspended) -> Self {
        Self { suspended: Some(Box::new(suspended)), ..Self::new(sandbox, String::new()) }
    }

    /// Goes on, from the memory of the instance if it is of use here, else by playing the journal back.
    pub(super) async fn go_on(mut self, suspended: Suspended) -> Result<Outcome, Error> {
        instance::require_timer()?;
        resume::check(&suspended, self.sandbox.toolbox(), &self.resolutions)?;
        let (sandbox, started) = (self.sandbox.clone(), Instant::now());
        let begin = &suspended.journal.begin;
        let source = match Source::new(begin.script.to_string(), begin.limits.script_bytes_max) {
            Ok(source) => source,
            Err(refusal) => return Ok(*super::unstarted(Ending::Refused(refusal), Duration::ZERO)),
        };
        let clocks = Clocks::new(self.cancellation.clone(), started);
        let slot = match instance::slot(sandbox.engine(), &clocks, sandbox.limits().wall_time_max).await? {
            Ok(slot) => slot,
            Err(ending) => return Ok(*super::unstarted(ending, started.elapsed())),
        };
        let tape = Tape::new(self.sink.take(), self.kept_bytes_max());
        tape.resume(&suspended.past);
        if let Some(reason) = tape.failure() {
            return Err(Error::Journal { reason });
        }
        let (observer, watch) = (self.observer.take(), self.watch.clone());
        let state = State::new(sandbox.shared_limits(), sandbox.toolbox().clone(), observer, watch, tape.clone());
        let mut store = instance::store(sandbox.engine(), state);
        store.data_mut().suspension = self.suspension.clone().unwrap_or_default();
        store.data_mut().calls.name_run(begin.run.to_string());
        let mut kept = instance::fresh(sandbox.engine(), slot, store, source, clocks).await?;
        kept.live.budget(begin.fuel_max.unwrap_or(u64::MAX), begin.calls_max.unwrap_or(u32::MAX));
        let resumed_from = match suspended.journal.is_of_this_component() && begin.agentloop == VERSION {
            true => ResumedFrom::Snapshot,
            false => ResumedFrom::Journal,
        };
        let (suspend, started_calls) = (suspended.journal.suspend().cloned(), in_doubt(&suspended));
        let rest = match resumed_from {
            ResumedFrom::Snapshot => restore(suspended, self.once.as_deref(), &mut kept).await?,
            ResumedFrom::Journal => replay(&sandbox, suspended, self.once.as_deref(), &mut kept).await?,
        };
        tape.note(|| Entry::Resume {});
        tape.flush(Moment::AfterEffect);
        if let Some(suspend) = &suspend {
            kept.live.resume(suspend);
        }
        kept.live.remember(self.answers);
        kept.live.take_up(with_repeats(self.resolutions, started_calls, rest.amended), rest.waiting, rest.answers);
        let ending = kept.live.go_on().await.of_a_live_run()?;
        Ok(Outcome { resumed_from: Some(resumed_from), ..kept.live.outcome(*ending) })
    }
}

/// Puts the memory of the instance back.
async fn restore(suspended: Suspended, once: Option<&dyn Once>, kept: &mut Kept) -> Result<Rest, Error> {
    resume::take(suspended.sealed, once)?;
    kept.live.restore(&suspended.snapshot).await?;
    Ok(kept.live.skim(suspended.journal.entries))
}

/// Runs the script again to where it was put aside.
async fn replay(
    sandbox: &Sandbox,
    suspended: Suspended,
    once: Option<&dyn Once>,
    kept: &mut Kept,
) -> Result<Rest, Error> {
    let (begin, playback) = Playback::new(suspended.journal, false);
    kept.live.play_back(playback);
    let end = kept.live.run(replay::environment(sandbox, &begin)).await;
    let Some(playback) = kept.live.take_playback() else { return Err(ResumeError::Unreadable.into()) };
    match end {
        End::Error(error) => return Err(error),
        End::Played(Some(divergence)) => return Err(ResumeError::Diverged(divergence).into()),
        End::Ending(ending) => return Err(ResumeError::Diverged(playback.over(&format!("{ending:?}"))).into()),
        End::Played(None) => {}
    }
    resume::take(suspended.sealed, once)?;
    Ok(playback.rest())
}

/// The calls that had begun.
fn in_doubt(suspended: &Suspended) -> Vec<u32> {
    let calls = suspended.calls().filter(|call| call.state == SuspendedCallState::InDoubt);
    calls.map(|call| call.id).collect()
}

/// The decisions, and for calls that had begun and that nothing was said about: that they are made again. What they were made with
/// stays what they are made with.
fn with_repeats(
    mut resolutions: BTreeMap<u32, Resolution>,
    started: Vec<u32>,
    amended: BTreeMap<u32, serde_json::Value>,
) -> BTreeMap<u32, Resolution> {
    for id in started {
        let resolution = resolutions.entry(id).or_insert(Resolution::Repeat);
        if let (Resolution::Repeat, Some(arguments)) = (&*resolution, amended.get(&id)) {
            *resolution = Resolution::Amend(arguments.clone());
        }
    }
    resolutions
}

#[cfg(test)]
mod tests {
    use crate::journal::Entry;
    use crate::{
        CancellationToken, Ending, Engine, Error, Limits, Outcome, Resolution, ResumeError, ResumedFrom, Sandbox,
        Suspended, Tool, Toolbox, Verdict,
    };
    use tokio::runtime::Builder;

    const SCRIPT: &str =
        "console.log('before'); const n = Math.random(); await new Promise((done) => setTimeout(done, 1));
        const answer = await tools.ask({ n }); return [n, answer, Math.random()]";

    fn sandbox() -> Sandbox {
        let ask = Tool::instant("ask", "Asks.", |_: serde_json::Value| Ok::<_, String>("yes")).expect("it is a tool");
        let toolbox = Toolbox::new([ask]).expect("they fit");
        Engine::new().and_then(|engine| engine.sandbox(toolbox, Limits::default())).expect("it starts")
    }

    fn finish(run: crate::Run) -> Result<Outcome, Error> {
        Builder::new_current_thread().enable_time().build().expect("it starts").block_on(run.finish())
    }

    fn suspended() -> Suspended {
        let run = sandbox().prepare(SCRIPT).clock_ms(1).seed(2).suspend_on(CancellationToken::new());
        match finish(run.gate(|_| async { Verdict::Suspend })).expect("the host is well").ending {
            Ending::Suspended(suspended) => *suspended,
            other => panic!("it is put aside: {other:?}"),
        }
    }

    fn resumed(suspended: Suspended) -> Result<Outcome, Error> {
        finish(sandbox().resume(suspended).expect("it can be resumed").resolve(0, Resolution::Approve))
    }

    #[test]
    fn a_run_of_another_component_goes_on_from_its_journal() {
        let here = resumed(suspended()).expect("the host is well");
        let mut foreign = suspended();
        foreign.journal.begin.component = "another".into();
        // Of no use there.
        foreign.snapshot.clear();
        let there = resumed(foreign).expect("the host is well");
        assert_eq!((here.resumed_from, there.resumed_from), (Some(ResumedFrom::Snapshot), Some(ResumedFrom::Journal)));
        assert_eq!(format!("{:?}", there.ending), format!("{:?}", here.ending));
        assert_eq!((there.console.clone(), there.usage.fuel_per_step()), (here.console, here.usage.fuel_per_step()));
        assert_eq!((there.console.len(), there.calls.len()), (1, 1));
    }

    #[test]
    fn one_that_does_something_else_there_is_refused_with_the_difference() {
        let mut foreign = suspended();
        foreign.journal.begin.component = "another".into();
        for entry in &mut foreign.journal.entries {
            if let Entry::Console { text, .. } = entry {
                *text = "another line".into();
            }
        }
        let Err(Error::Resume(ResumeError::Diverged(difference))) = resumed(foreign) else { panic!("it differs") };
        assert_eq!(difference.recorded, "console.log: another line");
        assert_eq!(difference.replayed, "console.log: before");
    }
}
