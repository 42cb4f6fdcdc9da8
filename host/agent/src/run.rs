//! The loop: ask, decide, run, tell, ask again.

use crate::agent::{Agent, FINISH, Turn};
use crate::budget::{self, Spent};
use crate::event::Event;
use crate::feedback::{self, Clamp};
use crate::messages::messages;
use crate::provider::{Reply, Request};
use crate::reply::Script;
use crate::transcript::{Answer, Interaction, ScriptReport, Transcript};
use crate::turn::{self, Circle, Step};
use crate::{AgentError, Failure};
use agentloop_sandbox::{CallStatus, Ending, Limits, Outcome, Sandbox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;
use tracing::Instrument as _;

/// A turn that was answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The answer.
    pub answer: Answer,
    /// The conversation up to here, for the next turn.
    pub transcript: Transcript,
    /// What the turn spent.
    pub spent: Spent,
}

/// Looks at an answer; says what is wrong with it.
pub(crate) type Check<'a> = &'a (dyn Fn(&Answer) -> Result<(), String> + Send + Sync);

impl Agent {
    /// Runs one turn to its answer.
    ///
    /// # Errors
    ///
    /// [`Failure`], which has the transcript and what was spent, and why in [`Failure::error`].
    pub async fn run(&self, turn: Turn) -> Result<Output, Box<Failure>> {
        self.run_checked(turn, &|_| Ok(())).await
    }

    pub(crate) async fn run_checked(&self, turn: Turn, check: Check<'_>) -> Result<Output, Box<Failure>> {
        let span = tracing::info_span!(
            "invoke_agent",
            "gen_ai.operation.name" = "invoke_agent",
            "gen_ai.request.model" = self.provider.model()
        );
        let mut running = Running::new(self, turn);
        let ended = running.answer(check).instrument(span).await;
        running.ended(ended)
    }
}

/// A turn that goes on.
struct Running<'a> {
    agent: &'a Agent,
    turn: Turn,
    transcript: Transcript,
    system: String,
    spent: Spent,
    deadline: Instant,
}

impl<'a> Running<'a> {
    fn new(agent: &'a Agent, mut turn: Turn) -> Self {
        let mut transcript = std::mem::take(&mut turn.history);
        transcript.push(Interaction::User { text: turn.prompt.clone() });
        let system = agent.system_prompt(&turn.context);
        let deadline = Instant::now() + agent.budgets.wall_time_max.min(Duration::from_secs(365 * 24 * 60 * 60));
        let running = Self { agent, turn, transcript, system, spent: Spent::default(), deadline };
        running.tell(|| Event::Turn { model: agent.provider.model().to_owned(), prompt: running.turn.prompt.clone() });
        running
    }

    async fn answer(&mut self, check: Check<'_>) -> Result<Answer, AgentError> {
        let mut rejected = 0;
        loop {
            let reply = self.ask().await?;
            let step = turn::next(&self.transcript, &reply, &self.agent.rules);
            self.transcript.push(Interaction::of_reply(&reply));
            let answer = match step {
                Step::Run(scripts) => self.run_scripts(scripts).await?,
                Step::Tell { text, call_ids } => {
                    self.note(&text, &call_ids);
                    None
                }
                Step::Answer(text) => Some(Answer::Text(text)),
                Step::GiveUp { replies, why } => return Err(AgentError::InvalidResponse { replies, why }),
                Step::Stagnated { what } => return Err(AgentError::Stagnation { what }),
            };
            let Some(answer) = answer else { continue };
            let Err(why) = check(&answer) else { return Ok(answer) };
            rejected += 1;
            if rejected > self.agent.rules.repairs_max {
                return Err(AgentError::InvalidAnswer(why));
            }
            self.note(&format!("That is not an answer of the kind that was asked for: {why}"), &[]);
        }
    }

    /// Asks the model, and asks again where that makes sense.
    async fn ask(&mut self) -> Result<Reply, AgentError> {
        if let Some((budget, what)) = budget::exhausted(&self.agent.budgets, &self.spent) {
            return Err(AgentError::Budget { budget, what });
        }
        if self.spent.iterations >= self.agent.budgets.iterations_max {
            return Err(AgentError::MaxIterations { iterations: self.spent.iterations });
        }
        let request = self.request();
        self.tell(|| Event::Request {
            iteration: self.spent.iterations + 1,
            messages: request.messages.len(),
            system_bytes: request.system.len(),
        });
        let mut attempts = 0;
        loop {
            let error = match self.reply(&request).await? {
                Ok(reply) => {
                    self.spent.reply(reply.usage, self.agent.prices);
                    self.tell(|| Event::Reply { usage: reply.usage });
                    return Ok(reply);
                }
                Err(error) => error,
            };
            attempts += 1;
            let Some(wait) = self.agent.retries.wait(&error, attempts) else { return Err(error.into()) };
            self.spent.retries += 1;
            self.tell(|| Event::Retry {
                kind: error.kind,
                message: error.message.clone(),
                attempt: attempts,
                wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            });
            self.in_time(tokio::time::sleep(wait)).await?;
        }
    }

    fn request(&self) -> Request {
        let style = self.agent.rules.style;
        let mut request = Request {
            system: self.system.clone(),
            messages: messages(&self.transcript, style, self.agent.history_bytes_max),
            style,
            options: self.agent.options.clone(),
        };
        if let Some(hook) = &self.agent.request_hook {
            hook(&mut request);
        }
        request
    }

    async fn reply(&self, request: &Request) -> Result<Result<Reply, crate::ProviderError>, AgentError> {
        let observer = self.turn.observer.clone();
        let mut on_delta = move |delta| {
            if let Some(observer) = &observer {
                observer(&Event::Delta(delta));
            }
        };
        let span = tracing::info_span!(
            "chat",
            "gen_ai.operation.name" = "chat",
            "gen_ai.request.model" = self.agent.provider.model()
        );
        self.in_time(self.agent.provider.reply(request, &mut on_delta).instrument(span)).await
    }

    /// Waits for something, as long as the turn has time and nobody cancels it.
    async fn in_time<F: Future>(&self, future: F) -> Result<F::Output, AgentError> {
        tokio::select! {
            biased;
            () = self.turn.cancellation.cancelled() => Err(AgentError::Cancelled),
            output = future => Ok(output),
            () = tokio::time::sleep_until(self.deadline) => Err(self.out_of_time()),
        }
    }

    fn out_of_time(&self) -> AgentError {
        let what = format!("the turn took longer than {} s", self.agent.budgets.wall_time_max.as_secs_f64());
        AgentError::Budget { budget: "wall time", what }
    }

    /// Runs scripts one after the other. An answer, if one of them finishes the task.
    async fn run_scripts(&mut self, scripts: Vec<Script>) -> Result<Option<Answer>, AgentError> {
        let mut answer = None;
        for script in scripts {
            self.tell(|| Event::Script { source: script.source.clone() });
            let outcome = self.run_script(&script).await?;
            self.spent.script(outcome.usage.fuel, outcome.usage.tool_calls);
            let (agent, spent) = (self.agent, self.spent);
            let clamp = Clamp::new(agent.feedback_bytes_max, self.kept().count() + 1);
            let mut report = feedback::report(&script, &outcome, clamp, &agent.budgets, &spent);
            let circle = turn::circle(&self.transcript, &report, &agent.rules);
            if let Circle::Warn(warning) = &circle {
                report.feedback.push_str(&format!("\n\n{warning}"));
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

    async fn run_script(&self, script: &Script) -> Result<Outcome, AgentError> {
        let token = self.turn.cancellation.child_token();
        let mut run = self.sandbox()?.prepare(script.source.clone()).cancel_on(token.clone());
        for (id, text) in self.literals(script) {
            run = run.literal(id, text);
        }
        if let Some(observer) = self.turn.observer.clone() {
            run = run.on_console(move |line| {
                observer(&Event::Console { level: line.level.name(), text: line.text.clone() });
            });
        }
        let span = tracing::info_span!(
            "execute_tool",
            "gen_ai.operation.name" = "execute_tool",
            "gen_ai.tool.name" = crate::RUN_JS
        );
        let mut finish = std::pin::pin!(run.finish().instrument(span));
        tokio::select! {
            biased;
            outcome = &mut finish => return Ok(outcome?),
            () = tokio::time::sleep_until(self.deadline) => token.cancel(),
        }
        Ok(finish.await?)
    }

    /// The sandbox of the next script: under the limits of a script, and what is left of the budgets.
    fn sandbox(&self) -> Result<Sandbox, AgentError> {
        let agent = self.agent;
        if agent.budgets.fuel_max.is_none() && agent.budgets.tool_calls_max.is_none() {
            return Ok(agent.sandbox.clone());
        }
        let fuel_left = agent.budgets.fuel_max.map_or(u64::MAX, |fuel| fuel.saturating_sub(self.spent.fuel));
        let calls_left =
            agent.budgets.tool_calls_max.map_or(u32::MAX, |calls| calls.saturating_sub(self.spent.tool_calls));
        let limits = Limits {
            fuel_max: agent.limits.fuel_max.min(fuel_left).max(1),
            calls_max: agent.limits.calls_max.min(calls_left),
            ..agent.limits.clone()
        };
        Ok(agent.engine.sandbox(agent.scripts_tools.clone(), limits)?)
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
        let mut room = self.agent.limits.literals_bytes_max;
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

    fn note(&mut self, text: &str, call_ids: &[String]) {
        self.tell(|| Event::Note { text: text.to_owned() });
        let note = |call_id| Interaction::Note { text: text.to_owned(), call_id };
        if call_ids.is_empty() {
            self.transcript.push(note(None));
        }
        for id in call_ids {
            self.transcript.push(note(Some(id.clone())));
        }
    }

    fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &self.turn.observer {
            observer(&event());
        }
    }

    fn ended(mut self, ended: Result<Answer, AgentError>) -> Result<Output, Box<Failure>> {
        match ended {
            Ok(answer) => {
                self.tell(|| Event::Answer(answer.clone()));
                self.transcript.push(Interaction::Answer(answer.clone()));
                Ok(Output { answer, transcript: self.transcript, spent: self.spent })
            }
            Err(error) => {
                let (kind, message) = (error.kind(), error.to_string());
                self.tell(|| Event::Error { kind: kind.clone(), message: message.clone() });
                self.transcript.push(Interaction::Error { kind, message });
                Err(Box::new(Failure { error, transcript: self.transcript, spent: self.spent }))
            }
        }
    }
}

/// The value that a script ended the task with. A script that failed later has not ended it.
fn finished(outcome: &Outcome) -> Option<Answer> {
    let Ending::Finished(_) = outcome.ending else { return None };
    let is_finish =
        |call: &&agentloop_sandbox::CallReport| call.tool == FINISH && matches!(call.status, CallStatus::Succeeded(_));
    let call = outcome.calls.iter().rev().find(is_finish)?;
    let arguments: Value = serde_json::from_str(call.arguments.as_ref()?.get()).ok()?;
    Some(Answer::Value(arguments.get("value").cloned().unwrap_or(Value::Null)))
}
