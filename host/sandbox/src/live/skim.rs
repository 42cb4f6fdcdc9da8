//! What the host knows of a run, from its journal: for an instance that is restored from a snapshot.

use super::Live;
use crate::calls::{Answer, Request};
use crate::execute::{Admitted, Told};
use crate::journal::{Entry, Suspend, answered};
use crate::resume::{Rest, parsed};
use crate::state::price_of_call;
use crate::{ConsoleLine, ToolError, ToolErrorKind};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Calls on the way through a journal.
#[derive(Default)]
struct Skimmed {
    waiting: BTreeMap<u32, Admitted>,
    amended: BTreeMap<u32, Box<RawValue>>,
    answers: Vec<Answer>,
}

impl Live {
    /// Takes over what the journal says that the run did, without running it.
    pub(crate) fn skim(&mut self, entries: Vec<Entry<'static>>) -> Rest {
        let mut skimmed = Skimmed::default();
        let source_bytes = self.source.program().len() as u64;
        self.store.data_mut().tally.bytes_in(source_bytes);
        for entry in entries {
            self.skim_entry(entry, &mut skimmed);
        }
        let amended = parsed(skimmed.amended);
        Rest { waiting: skimmed.waiting.into_values().collect(), answers: skimmed.answers, amended }
    }

    fn skim_entry(&mut self, entry: Entry<'static>, skimmed: &mut Skimmed) {
        let state = self.store.data_mut();
        match entry {
            Entry::Submit { call, tool, arguments, bytes } => {
                let (id, name) = (call, tool.into_owned());
                let fuel = price_of_call(&state.toolbox, &name, bytes);
                let known = state.toolbox.callable(&name).cloned().zip(arguments);
                let admitted = known.map(|(tool, arguments)| (tool, Arc::from(arguments.into_owned())));
                if let Some((tool, arguments)) = admitted.clone() {
                    skimmed.waiting.insert(id, Admitted { id, tool, arguments });
                }
                let admitted = admitted.ok_or_else(|| ToolError::new(ToolErrorKind::UnknownTool, ""));
                state.tally.call(bytes);
                state.spend(&name, 1, bytes as u64);
                state.calls.submit_played(Request { id, name, fuel, bytes, admitted }, None);
            }
            Entry::Start { call, arguments } => {
                skimmed.amended.extend(arguments.map(|arguments| (call, arguments.into_owned())));
            }
            Entry::Answer { call, ok, error, duration_us, is_recalled } => {
                let result = answered(ok, error).map(Arc::from);
                let amended = skimmed.amended.remove(&call);
                let answer =
                    Answer::recorded(call, result, Duration::from_micros(duration_us), Told { amended, is_recalled });
                state.calls.settle_played(std::slice::from_ref(&answer));
                skimmed.waiting.remove(&call);
                skimmed.answers.push(answer);
            }
            Entry::Settle { calls, waited_us, .. } => {
                state.tally.waited(Duration::from_micros(waited_us));
                let settled = skimmed.answers.extract_if(.., |answer| calls.contains(&answer.id));
                // They were within the limit.
                let _ = state.take_in(&settled.collect::<Vec<_>>());
            }
            Entry::Console { level, text } => {
                state.tally.bytes_out(text.len());
                state.console.push(ConsoleLine { level, text: text.into_owned() });
            }
            Entry::Step { fuel, memory_bytes } => {
                // Answers that were there before the step was over were given within it.
                let _ = state.take_in(&std::mem::take(&mut skimmed.answers));
                self.fuel_left = self.fuel_left.saturating_sub(fuel);
                state.tally.step(fuel);
                state.memory.peak_bytes = memory_bytes;
            }
            Entry::Begin(_) | Entry::Suspend(_) | Entry::Resume {} | Entry::End(_) => {}
        }
    }

    /// Takes over what is known only from outside.
    pub(crate) fn resume(&mut self, suspend: &Suspend) {
        let time = Duration::from_micros;
        self.clocks.resume(time(suspend.guest_time_us), time(suspend.wall_time_us));
        let state = self.store.data_mut();
        state.console_bytes = suspend.console_bytes;
        state.console_dropped_bytes = suspend.console_dropped_bytes;
        state.timers.clear();
        state.timers.resume(suspend.timers.iter().map(|(id, left)| (*id, time(*left))), suspend.timers_started);
    }
}
