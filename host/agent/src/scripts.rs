//! What the loop does with the scripts of a reply: run them, tell what came of them, see whether one finishes the task.

use crate::agent::{FINISH, Observer};
use crate::asked::Asked;
use crate::event::Event;
use crate::feedback::{self, Clamp};
use crate::reply::Script;
use crate::run::Running;
use crate::transcript::{Answer, Interaction, ScriptReport, shortened};
use crate::turn::{self, Circle};
use crate::{AgentError, spans};
use agentloop_sandbox::{
    Answers, CallChange, CallEvent, CallReport, CallStatus, CancellationToken, Ending, Outcome, Run, Verdict,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;
use tracing::Instrument as _;

impl Running<'_> {
    /// Runs scripts one after the other. An answer, if one of them finishes the task.
    pub(crate) async fn run_scripts(&mut self, scripts: Vec<Script>) -> Result<Option<Answer>, AgentError> {
        let mut answer = None;
        for script in scripts {
            self.tell(|| Event::Script { source: script.source.clone() });
            let had_realm = self.realm.is_some_and(|realm| realm.scripts() > 0);
            let outcome = self.run_script(&script).await?;
            self.remember(&outcome);
            self.spent.script(outcome.usage.fuel, outcome.usage.tool_calls);
            let (agent, spent) = (self.agent, self.spent);
            let kept_bytes_max = agent.sandbox.limits().literals_bytes_max;
            let clamp = Clamp::new(agent.feedback_bytes_max, self.kept().count() + 1, kept_bytes_max);
            let mut report = feedback::report(&script, &outcome, clamp, &agent.budgets, &spent);
            if had_realm && self.realm.is_some_and(|realm| realm.scripts() == 0) {
                report.feedback.push_str("\n\nWhat earlier scripts declared is gone: declare again what you need.");
            }
            let circle = turn::circle(&self.transcript, &report, &agent.rules);
            if let Circle::Warn(warning) = &circle {
                report.feedback.push_str(&format!("\n\n{warning}"));
                self.tell(|| Event::Stagnation { what: warning.clone() });
            }
            self.tell(|| Event::ScriptEnd(report.clone()));
            self.transcript.push(Interaction::Script(report));
            if let Circle::Stop(what) = circle {
                return Err(AgentError::Stagnation { what });
            }
            match outcome.ending {
                Ending::Cancelled if self.turn.cancellation.is_cancelled() => return Err(AgentError::Cancelled),
                Ending::Cancelled => return Err(self.out_of_time()),
                _ => answer = finished(&outcome).or(answer),
            }
        }
        Ok(answer)
    }

    async fn run_script(&mut self, script: &Script) -> Result<Outcome, AgentError> {
        let (token, asked) = (self.turn.cancellation.child_token(), Asked::default());
        let run = self.prepared(script, token.clone(), &asked);
        let span = spans::script(&script.source, self.agent.trace_contents);
        let mut finish = std::pin::pin!(run.finish().instrument(span.clone()));
        let outcome = loop {
            let deadline = self.deadline + asked.time();
            tokio::select! {
                biased;
                outcome = &mut finish => break outcome?,
                () = tokio::time::sleep_until(deadline) => {}
            }
            if self.deadline + asked.time() <= Instant::now() {
                token.cancel();
                break finish.await?;
            }
        };
        self.deadline += asked.time();
        if !matches!(outcome.ending, Ending::Finished(_)) {
            spans::record_error(&span, feedback::ending_name(&outcome.ending));
        }
        Ok(outcome)
    }

    /// The run of a script, under what is left of the budgets, watched and gated.
    fn prepared(&self, script: &Script, token: CancellationToken, asked: &Asked) -> Run {
        let (agent, source) = (self.agent, script.source.clone());
        let mut run = match self.realm {
            Some(realm) => realm.prepare(source),
            None => agent.sandbox.prepare(source),
        };
        run = run.cancel_on(token).answers(self.answers.clone());
        if let Some(seed) = self.turn.seed {
            run = run.seed(seed);
        }
        if let Some(clock_ms) = self.turn.clock_ms {
            run = run.clock_ms(clock_ms);
        }
        if let Some(fuel_max) = agent.budgets.fuel_max {
            run = run.fuel_max(fuel_max.saturating_sub(self.spent.fuel));
        }
        if let Some(calls_max) = agent.budgets.tool_calls_max {
            run = run.calls_max(calls_max.saturating_sub(self.spent.tool_calls));
        }
        for (id, text) in self.literals(script) {
            run = run.literal(id, text);
        }
        if let Some(observer) = self.turn.observer.clone() {
            run = watched(run, observer);
        }
        if let Some(gate) = agent.gates.as_ref().map(|make| make()) {
            let asked = asked.clone();
            run = run.gate(move |attempt| {
                // Ending the task is no call of a tool.
                let question = (attempt.tool != FINISH).then(|| (asked.question(), gate(attempt)));
                async move {
                    match question {
                        Some((_waits, verdict)) => verdict.await,
                        None => Verdict::Allow,
                    }
                }
            });
        }
        run
    }

    /// Keeps the answers of a script that failed: the next one mends it, and must do nothing twice.
    fn remember(&mut self, outcome: &Outcome) {
        match outcome.ending {
            Ending::Finished(_) => self.answers = Answers::default(),
            _ => self.answers.add(outcome.calls.iter().filter(|call| call.tool != FINISH)),
        }
    }

    /// What reports of this conversation left out, the newest first.
    fn kept(&self) -> impl Iterator<Item = (&String, &String)> {
        let reports = self.transcript.interactions().iter().rev();
        reports
            .filter_map(|interaction| match interaction {
                Interaction::Script(ScriptReport { kept, .. }) => Some(kept),
                _ => None,
            })
            .flatten()
    }

    /// The script's own literals, and as much of what was left out as there is room for.
    fn literals(&self, script: &Script) -> BTreeMap<String, String> {
        let mut literals = script.literals.clone();
        let mut room = self.agent.sandbox.limits().literals_bytes_max;
        room = room.saturating_sub(literals.iter().map(|(id, text)| id.len() + text.len()).sum());
        for (id, text) in self.kept() {
            let Some(left) = room.checked_sub(id.len() + text.len()) else { break };
            if !literals.contains_key(id) {
                room = left;
                literals.insert(id.clone(), text.clone());
            }
        }
        literals
    }
}

/// Tells the observer of the console and of calls.
fn watched(run: Run, observer: Observer) -> Run {
    let of_console = Arc::clone(&observer);
    let run = run.on_console(move |line| {
        of_console(&Event::Console { level: line.level.name(), text: line.text.clone() });
    });
    run.on_call(move |event| {
        if let Some(event) = of_call(event) {
            observer(&event);
        }
    })
}

/// What is told of a call. Ending the task is none.
fn of_call(event: &CallEvent<'_>) -> Option<Event> {
    if event.tool == FINISH {
        return None;
    }
    let (id, tool) = (event.id, event.tool.to_owned());
    Some(match &event.change {
        CallChange::Started { arguments } => Event::Call { id, tool, arguments: shortened(arguments).to_owned() },
        CallChange::Progress { fraction, message } => {
            Event::Progress { id, tool, fraction: *fraction, message: (*message).to_owned() }
        }
        CallChange::Retried { error, attempt } => {
            Event::CallRetry { id, tool, error: error.message.clone(), attempt: *attempt }
        }
        CallChange::Ended { status, duration } => Event::CallEnd {
            id,
            tool,
            error: feedback::call_error(status).map(|error| error.message),
            duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        },
        _ => return None,
    })
}

/// The value that a script ended the task with. A script that failed later has not ended it.
fn finished(outcome: &Outcome) -> Option<Answer> {
    let Ending::Finished(_) = outcome.ending else { return None };
    // One that nobody awaited may still have been waiting for its gate.
    let is_finish = |call: &&CallReport| call.tool == FINISH && !matches!(call.status, CallStatus::Failed(_));
    let call = outcome.calls.iter().rev().find(is_finish)?;
    let arguments: Value = serde_json::from_str(call.arguments.as_ref()?.get()).ok()?;
    Some(Answer::Value(arguments.get("value").cloned().unwrap_or(Value::Null)))
}
