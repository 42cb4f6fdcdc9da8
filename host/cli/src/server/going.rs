//! A script that goes on: one request begins it, and its questions may be answered by others.

use super::Server;
use super::execute::Execute;
use agentloop_sandbox::{CallChange, CallEvent, CallStatus, CancellationToken, Error, Outcome, Run};
use agentloop_tools::policy::{Answer, Ask, Question};
use futures_util::future::{BoxFuture, FutureExt as _};
use rmcp::model::CallToolResult;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::DropGuard;

/// Words of progress that may wait to be sent. A client that reads slowly misses some.
const WORDS_MAX: usize = 64;

/// A script that was begun. When nobody has it any more, it is cancelled.
pub(super) struct Going {
    /// What a request that comes back for it must name.
    pub(super) id: String,
    pub(super) code: String,
    questions: Arc<Questions>,
    /// Whoever waits for it, one after the other.
    pub(super) rest: tokio::sync::Mutex<Rest>,
    stop: CancellationToken,
    _stopped: DropGuard,
}

/// What is still to come of a script.
pub(super) struct Rest {
    words: mpsc::Receiver<String>,
    asked: Arc<Questions>,
    ended: JoinHandle<Result<Outcome, Error>>,
    /// What its end was told as: to all that wait for it.
    pub(super) told: Option<CallToolResult>,
}

/// What happens next.
pub(super) enum Event {
    /// Something to tell whoever waits.
    Word(String),
    /// There is a question that was not there before.
    Asked,
    Ended(Box<Result<Result<Outcome, Error>, JoinError>>),
}

impl Going {
    pub(super) fn begin(server: &Server, execute: Execute, place: OwnedSemaphorePermit) -> std::io::Result<Self> {
        let stop = CancellationToken::new();
        let questions = Arc::<Questions>::default();
        let code = execute.code;
        let kit = server.kit();
        let mut run = kit.sandbox.prepare(code.clone()).cancel_on(stop.clone());
        for (id, text) in execute.literals {
            run = run.literal(id, text);
        }
        run = run.gate(kit.offer.gate(Arc::clone(&questions) as Arc<dyn Ask>));
        let (run, words) = worded(run);
        let ended = tokio::spawn(async move {
            let outcome = run.finish().await;
            drop(place);
            outcome
        });
        let rest = Rest { words, asked: Arc::clone(&questions), ended, told: None };
        let id = random()?;
        let _stopped = stop.clone().drop_guard();
        Ok(Self { id, code, questions, rest: tokio::sync::Mutex::new(rest), stop, _stopped })
    }

    /// The questions that wait for an answer.
    pub(super) fn open(&self) -> Vec<Question> {
        let mut open = self.questions.open();
        // The script may have ended, or may not wait for the call any more.
        open.retain(|_, asked| !asked.answer.is_closed());
        open.values().map(|asked| asked.question.clone()).collect()
    }

    /// Answers a question, or says that there is none for that call.
    pub(super) fn settle(&self, call: u32, answer: Answer) -> bool {
        let asked = self.questions.open().remove(&call);
        asked.is_some_and(|asked| asked.answer.send(answer).is_ok())
    }

    pub(super) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Rest {
    /// Waits for what happens next. Not to be called any more after the end.
    pub(super) async fn next(&mut self) -> Event {
        tokio::select! {
            biased;
            Some(word) = self.words.recv() => Event::Word(word),
            () = self.asked.new.notified() => Event::Asked,
            ended = &mut self.ended => Event::Ended(Box::new(ended)),
        }
    }
}

/// Takes down what a script asks.
#[derive(Default)]
struct Questions {
    open: Mutex<BTreeMap<u32, Asked>>,
    new: Notify,
}

struct Asked {
    question: Question,
    answer: oneshot::Sender<Answer>,
}

impl Questions {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u32, Asked>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ask for Questions {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let (answer, receiver) = oneshot::channel();
        self.open().insert(question.id, Asked { question, answer });
        self.new.notify_one();
        receiver
            .map(|answer| answer.unwrap_or_else(|_| Answer::Refuse("whoever was asked has gone".to_owned())))
            .boxed()
    }
}

/// The run, with what it tells of its calls.
fn worded(run: Run) -> (Run, mpsc::Receiver<String>) {
    let (sender, receiver) = mpsc::channel(WORDS_MAX);
    let run = run.on_call(move |event| {
        if let Some(word) = word(event) {
            // A full queue is a client that does not read.
            let _ = sender.try_send(word);
        }
    });
    (run, receiver)
}

fn word(event: &CallEvent<'_>) -> Option<String> {
    let tool = event.tool;
    match &event.change {
        CallChange::Started { .. } => Some(format!("calls {tool}")),
        CallChange::Progress { message, .. } => Some(format!("{tool}: {message}")),
        CallChange::Ended { status: CallStatus::Failed(_), .. } => Some(format!("{tool} failed")),
        _ => None,
    }
}

/// 128 bits that nobody can guess.
pub(super) fn random() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
