//! A journal as it is played back: it gives the run what it was given then, and compares what the script does with what it did.

use super::entry::{Begin, Entry, answered};
use super::{Divergence, Journal, shown};
use crate::ConsoleLevel;
use crate::calls::{Answer, Request};
use crate::execute::{Admitted, Told};
use crate::resume::{Rest, parsed};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// What the journal knows of a call that the script asks for.
pub(crate) enum Played {
    /// It was answered at once.
    AtOnce(Answer),
    Accepted,
    /// The journal ends before what came of it.
    Beyond,
}

/// What comes after a step.
pub(crate) enum Next {
    /// Another step, with these answers and timers.
    Settle(Vec<Answer>, Vec<u32>, Duration),
    /// The run was ended while it waited.
    End,
    /// The journal ends here, and the run was still going on.
    Open,
}

pub(crate) struct Playback {
    entries: VecDeque<Entry<'static>>,
    /// Whether the component is the one that was recorded: then fuel and memory must be equal as well.
    is_exact: bool,
    /// Counts from 0: the step that is under way.
    step: usize,
    /// Calls that were accepted and not settled yet.
    in_flight: BTreeMap<u32, Option<Admitted>>,
    /// Arguments that calls were made with instead of those of the script.
    amended: BTreeMap<u32, Box<RawValue>>,
    /// What was answered and not settled yet, in order.
    answers: Vec<Answer>,
}

impl Playback {
    pub(crate) fn new(journal: Journal, is_exact: bool) -> (Box<Begin<'static>>, Self) {
        let playback = Self {
            entries: journal.entries.into(),
            is_exact,
            step: 0,
            in_flight: BTreeMap::new(),
            amended: BTreeMap::new(),
            answers: Vec::new(),
        };
        (journal.begin, playback)
    }

    /// Whether a call waits.
    pub(crate) fn in_flight(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// The step that is under way. Counts from 0.
    pub(crate) fn step(&self) -> usize {
        self.step
    }

    fn diverged(&self, call: Option<u32>, replayed: &str) -> Box<Divergence> {
        let recorded = self.entries.front().map_or_else(|| "the journal ends".to_owned(), Entry::describe);
        Box::new(Divergence { step: self.step, call, recorded: shown(&recorded), replayed: shown(replayed) })
    }

    /// The script asks for a call.
    pub(crate) fn submit(&mut self, request: &Request) -> Result<Played, Box<Divergence>> {
        let text = request.admitted.as_ref().ok().map(|(_, arguments)| arguments.get());
        let is_same = match self.entries.front() {
            None => return Ok(Played::Beyond),
            Some(Entry::Submit { call, tool, arguments, bytes }) => {
                *call == request.id
                    && *tool == request.name
                    && *bytes == request.bytes
                    && arguments.as_ref().is_none_or(|arguments| Some(arguments.get()) == text)
            }
            Some(_) => false,
        };
        if !is_same {
            let replayed = format!("call {} of `{}` with {}", request.id, request.name, text.unwrap_or("…"));
            return Err(self.diverged(Some(request.id), &replayed));
        }
        self.entries.pop_front();
        self.take_given();
        if let Some(place) = self.answers.iter().position(|answer| answer.id == request.id) {
            return Ok(Played::AtOnce(self.answers.remove(place)));
        }
        if self.entries.is_empty() {
            return Ok(Played::Beyond);
        }
        let admitted = request.admitted.as_ref().ok().map(|(tool, arguments)| Admitted {
            id: request.id,
            tool: tool.clone(),
            arguments: arguments.clone(),
        });
        self.in_flight.insert(request.id, admitted);
        Ok(Played::Accepted)
    }

    /// The script writes to the console. Whether the journal knows of it: it may end before.
    pub(crate) fn write(&mut self, level: ConsoleLevel, text: &str) -> Result<bool, Box<Divergence>> {
        match self.entries.front() {
            None => Ok(false),
            Some(Entry::Console { level: recorded, text: line }) if *recorded == level && line == text => {
                self.entries.pop_front();
                Ok(true)
            }
            Some(_) => Err(self.diverged(None, &format!("console.{}: {text}", level.name()))),
        }
    }

    /// What the step that is about to begin burnt, if it was the last one and was interrupted from outside.
    pub(crate) fn interrupted_at(&self) -> Option<u64> {
        let end = self.entries.iter().position(|entry| matches!(entry, Entry::Step { .. }))?;
        match (self.entries.get(end)?, self.entries.get(end + 1)?) {
            (Entry::Step { fuel, .. }, Entry::End(recorded)) if recorded.came_from_outside() => Some(*fuel),
            _ => None,
        }
    }

    /// A step is over.
    pub(crate) fn stepped(&mut self, fuel: u64, memory_bytes: usize) -> Result<(), Box<Divergence>> {
        let is_same = match self.entries.front() {
            None => true,
            Some(Entry::Step { fuel: recorded, memory_bytes: memory }) => {
                !self.is_exact || (*recorded == fuel && *memory == memory_bytes)
            }
            Some(_) => false,
        };
        if !is_same {
            let replayed =
                format!("the step ends, with {fuel} units of fuel and at most {memory_bytes} bytes of memory");
            return Err(self.diverged(None, &replayed));
        }
        self.entries.pop_front();
        self.step += 1;
        Ok(())
    }

    /// What comes after the step that is over.
    pub(crate) fn next(&mut self) -> Result<Next, Box<Divergence>> {
        self.take_given();
        match self.entries.pop_front() {
            None => Ok(Next::Open),
            Some(Entry::End(end)) => {
                self.entries.push_front(Entry::End(end));
                Ok(Next::End)
            }
            Some(Entry::Settle { calls, timers, waited_us }) => {
                let answers = calls.iter().map(|id| self.settle(*id)).collect::<Option<Vec<_>>>();
                let answers = answers.ok_or_else(|| self.diverged(None, "an answer that is not in the journal"))?;
                Ok(Next::Settle(answers, timers, Duration::from_micros(waited_us)))
            }
            Some(other) => {
                self.entries.push_front(other);
                Err(self.diverged(None, "the script waits"))
            }
        }
    }

    fn settle(&mut self, id: u32) -> Option<Answer> {
        let place = self.answers.iter().position(|answer| answer.id == id)?;
        self.in_flight.remove(&id)?;
        Some(self.answers.remove(place))
    }

    /// Compares the end of the run with the one that was recorded.
    pub(crate) fn ended(&mut self, replayed: &super::entry::End<'_>) -> Result<(), Box<Divergence>> {
        let is_same = match self.entries.front() {
            None => true,
            Some(Entry::End(recorded)) => {
                recorded.ending.get() == replayed.ending.get()
                    && recorded.console_dropped_bytes == replayed.console_dropped_bytes
                    && (!self.is_exact
                        || (recorded.fuel, recorded.memory_peak_bytes) == (replayed.fuel, replayed.memory_peak_bytes))
            }
            Some(_) => false,
        };
        if is_same { Ok(()) } else { Err(self.diverged(None, &replayed.describe())) }
    }

    /// Takes what follows that the script was given: starts of calls and their answers, and that it was put aside.
    fn take_given(&mut self) {
        loop {
            match self.entries.pop_front() {
                Some(Entry::Start { call, arguments }) => {
                    if let Some(arguments) = arguments {
                        self.amended.insert(call, arguments.into_owned());
                    }
                }
                Some(Entry::Answer { call, ok, error, duration_us, is_recalled }) => {
                    let result = answered(ok, error).map(std::sync::Arc::from);
                    let amended = self.amended.remove(&call);
                    self.answers.push(Answer::recorded(
                        call,
                        result,
                        Duration::from_micros(duration_us),
                        Told { amended, is_recalled },
                    ));
                }
                Some(Entry::Suspend(_) | Entry::Resume {}) => {}
                Some(other) => return self.entries.push_front(other),
                None => return,
            }
        }
    }

    /// The run is over, and was not when it was recorded.
    pub(crate) fn over(&self, ending: &str) -> Box<Divergence> {
        self.diverged(None, &format!("the run ends: {ending}"))
    }

    /// What is left when the journal has been played to its end.
    pub(crate) fn rest(self) -> Rest {
        let is_answered = |id: &u32| self.answers.iter().any(|answer| answer.id == *id);
        let waiting = self.in_flight.into_iter().filter(|(id, _)| !is_answered(id));
        let waiting = waiting.filter_map(|(_, admitted)| admitted).collect();
        Rest { waiting, answers: self.answers, amended: parsed(self.amended) }
    }
}
