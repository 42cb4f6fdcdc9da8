//! What a journal tells of a run without running it again.

use super::{Divergence, Entry, Journal, ToolTerms, shown};
use crate::ledger::{Tally, ToolUsage, UNKNOWN_TOOL};
use crate::limits::{CALL_BYTE_FUEL, CALL_FUEL};
use crate::source::Source;
use crate::{Error, Limits, Run, Tool, ToolFailure, Toolbox, Usage};
use std::collections::BTreeMap;
use std::time::Duration;

impl Journal {
    /// The limits that the run was under.
    pub fn limits(&self) -> &Limits {
        &self.begin.limits
    }

    /// Tools with the names and the prices of those that the run had. They do nothing but fail.
    ///
    /// # Errors
    ///
    /// If no toolbox has such names: the journal is not one of a run.
    pub fn toolbox(&self) -> Result<Toolbox, Error> {
        let tool = |(name, terms): (&String, &ToolTerms)| {
            let schema = serde_json::Value::Object(serde_json::Map::new());
            let fails = |_| async { Err(ToolFailure("a replay calls no tools".to_owned())) };
            Ok(Tool::untyped(name, "", schema, fails)?.under(terms))
        };
        Toolbox::new(self.begin.tools.iter().map(tool).collect::<Result<Vec<_>, Error>>()?)
    }

    /// Gives a run of another script what the recorded one could observe: clock, seed and literals.
    pub fn environment(&self, run: Run) -> Run {
        let run = run.clock_ms(self.begin.clock_ms).seed(self.begin.seed);
        self.begin.literals.iter().fold(run, |run, (id, text)| run.literal(id, text))
    }

    /// What the run used, as far as the journal goes. The times that the guest executed and that the run took are there once it was
    /// over, or was put aside.
    pub fn usage(&self) -> Usage {
        let source = Source::new(self.script().to_owned(), self.begin.limits.script_bytes_max);
        let (mut tally, mut tools) = (Tally::default(), BTreeMap::new());
        tally.bytes_in(source.map_or(0, |source| source.program().len() as u64));
        let (mut memory_peak_bytes, mut names) = (0, Vec::new());
        let (mut guest_time_us, mut wall_time_us) = (0, 0);
        for entry in &self.entries {
            match entry {
                Entry::Submit { tool, bytes, .. } => {
                    let price = self.begin.tools.get(tool.as_ref()).map(|terms| terms.price);
                    let is_known = price.is_some() || crate::discovery::is_built_in(tool);
                    let name = if is_known { tool.as_ref() } else { UNKNOWN_TOOL };
                    let fuel = CALL_FUEL + CALL_BYTE_FUEL * *bytes as u64 + price.unwrap_or_default();
                    let used = ToolUsage { calls: 1, fuel, bytes_out: *bytes as u64, ..ToolUsage::default() };
                    tools.entry(name.to_owned()).or_insert_with(ToolUsage::default).add(&used);
                    names.push(name);
                    tally.call(*bytes);
                }
                Entry::Answer { call, ok, error, duration_us, .. } => {
                    let failed = error.is_some();
                    let bytes = ok.as_ref().map(|json| json.get().len());
                    let bytes = bytes.or(error.as_ref().map(|error| error.message.len())).unwrap_or_default() as u64;
                    tally.bytes_in(bytes);
                    let tool = names.get(*call as usize).and_then(|name| tools.get_mut(*name));
                    let time = Duration::from_micros(*duration_us);
                    let used = ToolUsage {
                        failed: failed.into(),
                        fuel: CALL_BYTE_FUEL * bytes,
                        bytes_in: bytes,
                        time,
                        ..ToolUsage::default()
                    };
                    tool.into_iter().for_each(|tool| tool.add(&used));
                }
                Entry::Settle { waited_us, .. } => tally.waited(Duration::from_micros(*waited_us)),
                Entry::Console { text, .. } => tally.bytes_out(text.len()),
                Entry::Step { fuel, memory_bytes } => {
                    tally.step(*fuel);
                    memory_peak_bytes = *memory_bytes;
                }
                Entry::Suspend(suspend) => {
                    (guest_time_us, wall_time_us) = (suspend.guest_time_us, suspend.wall_time_us);
                }
                Entry::End(end) => {
                    tally.bytes_out(end.value_bytes());
                    (guest_time_us, wall_time_us) = (end.guest_time_us, end.wall_time_us);
                }
                Entry::Begin(_) | Entry::Start { .. } | Entry::Resume {} => {}
            }
        }
        let (guest_time, wall_time) = (Duration::from_micros(guest_time_us), Duration::from_micros(wall_time_us));
        Usage { memory_peak_bytes, guest_time, wall_time, ..tally.usage(tools) }
    }

    /// What two runs do not have in common before they begin: `component`, `script`, `clock`, `seed`, `literals`, `limits`, `tools`.
    pub fn beginnings(&self, other: &Self) -> Vec<&'static str> {
        let (one, other) = (&self.begin, &other.begin);
        let parts = [
            ("component", one.component == other.component),
            ("script", one.script == other.script),
            ("clock", one.clock_ms == other.clock_ms),
            ("seed", one.seed == other.seed),
            ("literals", one.literals == other.literals),
            ("limits", (&one.limits, one.fuel_max, one.calls_max) == (&other.limits, other.fuel_max, other.calls_max)),
            ("tools", (&one.tools, &one.manifest) == (&other.tools, &other.manifest)),
        ];
        parts.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect()
    }

    /// The first difference between what two runs did and were given, times apart: `recorded` is this one, `replayed` the other. Fuel
    /// and memory are compared if it was the same component that ran both.
    pub fn difference(&self, other: &Self) -> Option<Divergence> {
        let mut step = 0;
        let in_words = match self.begin.component == other.begin.component {
            true => Entry::describe,
            false => Entry::describe_roughly,
        };
        let counts = |entry: &&Entry<'_>| !matches!(entry, Entry::Suspend(_) | Entry::Resume {});
        let (mut ours, mut theirs) = (self.entries.iter().filter(counts), other.entries.iter().filter(counts));
        loop {
            let pair = (ours.next(), theirs.next());
            if let (None, None) = pair {
                return None;
            }
            let described =
                |entry: Option<&Entry<'static>>| entry.map_or_else(|| "the journal ends".to_owned(), in_words);
            let (recorded, replayed) = (described(pair.0), described(pair.1));
            if recorded != replayed {
                let call = pair.0.and_then(Entry::call).or(pair.1.and_then(Entry::call));
                return Some(Divergence { step, call, recorded: shown(&recorded), replayed: shown(&replayed) });
            }
            step += usize::from(matches!(pair.0, Some(Entry::Step { .. })));
        }
    }
}
