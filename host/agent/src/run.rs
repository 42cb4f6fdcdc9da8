//! The loop: ask, decide, run, tell, ask again.

use crate::agent::{Agent, Turn};
use crate::budget::{self, Spent};
use crate::event::Event;
use crate::messages::{history_bytes, messages};
use crate::provider::{ProviderError, ProviderErrorKind, Reply, Request, Stop};
use crate::transcript::{Answer, Interaction, Transcript};
use crate::turn::{self, Step};
use crate::{AgentError, Failure, spans};
use agentloop_sandbox::Answers;
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

/// Takes what is wanted from an answer, or says what is wrong with it.
pub(crate) type Check<'a, T> = &'a (dyn Fn(&Answer) -> Result<T, String> + Send + Sync);

impl Agent {
    /// Runs one turn to its answer.
    ///
    /// # Errors
    ///
    /// [`Failure`], which has the transcript and what was spent, and why in [`Failure::error`].
    pub async fn run(&self, turn: Turn) -> Result<Output, Box<Failure>> {
        let ((), output) = self.run_checked(turn, None, &|_| Ok(())).await?;
        Ok(output)
    }

    pub(crate) async fn run_checked<T>(
        &self,
        turn: Turn,
        realm: Option<&agentloop_sandbox::Session>,
        check: Check<'_, T>,
    ) -> Result<(T, Output), Box<Failure>> {
        let span = spans::turn(self.provider.model());
        let mut running = Running::new(self, turn, realm);
        let ended = running.answer(check).instrument(span.clone()).await;
        if let Err(error) = &ended {
            spans::record_error(&span, &error.kind());
        }
        running.ended(ended)
    }
}

/// A turn that goes on.
pub(crate) struct Running<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) turn: Turn,
    /// Where the scripts run, if they share a realm.
    pub(crate) realm: Option<&'a agentloop_sandbox::Session>,
    pub(crate) transcript: Transcript,
    system: String,
    pub(crate) spent: Spent,
    /// Of the scripts that failed since the last one that did not: what is not done again.
    pub(crate) answers: Answers,
    /// Of earlier turns: less than the agent's own once the model has found a request too long.
    history_bytes_max: usize,
    pub(crate) deadline: Instant,
}

impl<'a> Running<'a> {
    fn new(agent: &'a Agent, mut turn: Turn, realm: Option<&'a agentloop_sandbox::Session>) -> Self {
        let mut transcript = std::mem::take(&mut turn.history);
        transcript.push(Interaction::User { text: turn.prompt.clone() });
        let system = agent.prompt_of_turn(&turn.context, realm.is_some());
        let deadline = Instant::now() + agent.budgets.wall_time_max.min(Duration::from_secs(365 * 24 * 60 * 60));
        let (spent, history_bytes_max) = (Spent::default(), agent.history_bytes_max);
        let answers = Answers::default();
        let running = Self { agent, turn, realm, transcript, system, spent, answers, history_bytes_max, deadline };
        running.tell(|| Event::Turn { model: agent.provider.model().to_owned(), prompt: running.turn.prompt.clone() });
        running
    }

    async fn answer<T>(&mut self, check: Check<'_, T>) -> Result<(T, Answer), AgentError> {
        if self.turn.prompt.trim().is_empty() {
            return Err(AgentError::InvalidInput("the prompt is empty".to_owned()));
        }
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
            let why = match check(&answer) {
                Ok(wanted) => return Ok((wanted, answer)),
                Err(why) => why,
            };
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
        let mut request = self.request();
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
                    if reply.stop == Stop::Refused {
                        return Err(ProviderError::new(ProviderErrorKind::Refused, refusal(&reply)).into());
                    }
                    return Ok(reply);
                }
                Err(error) => error,
            };
            attempts += 1;
            let wait = match self.shorter(&request, &error) {
                Some(shorter) => {
                    request = shorter;
                    Duration::ZERO
                }
                None => match self.agent.retries.wait(&error, attempts) {
                    Some(wait) => wait,
                    None => return Err(error.into()),
                },
            };
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

    /// The request with half of the history, if it was too long and has any.
    fn shorter(&mut self, request: &Request, error: &ProviderError) -> Option<Request> {
        let history = history_bytes(&self.transcript, self.agent.rules.style, self.history_bytes_max);
        if error.kind != ProviderErrorKind::ContextTooLong || history == 0 {
            return None;
        }
        self.history_bytes_max = history / 2;
        let shorter = self.request();
        (shorter != *request).then_some(shorter)
    }

    fn request(&self) -> Request {
        let style = self.agent.rules.style;
        let mut request = Request {
            system: self.system.clone(),
            messages: messages(&self.transcript, style, self.history_bytes_max),
            style,
            options: self.turn.options.as_ref().unwrap_or(&self.agent.options).clone(),
        };
        if let Some(hook) = &self.agent.request_hook {
            hook(&mut request);
        }
        request
    }

    async fn reply(&self, request: &Request) -> Result<Result<Reply, ProviderError>, AgentError> {
        let observer = self.turn.observer.clone();
        let mut on_delta = move |delta| {
            if let Some(observer) = &observer {
                observer(&Event::Delta(delta));
            }
        };
        let with_contents = self.agent.trace_contents;
        let span = spans::chat(self.agent.provider.model(), request, with_contents);
        let reply = self.agent.provider.reply(request, &mut on_delta).instrument(span.clone());
        let reply = self.in_time(reply).await?;
        spans::record_reply(&span, &reply, with_contents);
        Ok(reply)
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

    pub(crate) fn out_of_time(&self) -> AgentError {
        let what = format!("the turn took longer than {} s", self.agent.budgets.wall_time_max.as_secs_f64());
        AgentError::Budget { budget: "wall time", what }
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

    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(observer) = &self.turn.observer {
            observer(&event());
        }
    }

    fn ended<T>(mut self, ended: Result<(T, Answer), AgentError>) -> Result<(T, Output), Box<Failure>> {
        match ended {
            Ok((wanted, answer)) => {
                self.tell(|| Event::Answer(answer.clone()));
                self.transcript.push(Interaction::Answer(answer.clone()));
                Ok((wanted, Output { answer, transcript: self.transcript, spent: self.spent }))
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

fn refusal(reply: &Reply) -> &str {
    match reply.text.trim() {
        "" => "it gave no reason",
        text => text,
    }
}
