//! Whole turns with a scripted model and real sandboxes.

mod answers;
mod budgets;
mod cancellation;
mod cassettes;
mod configuration;
mod events;
mod feedback;
mod history;
mod hooks;
mod retries;
mod sessions;
mod stagnation;

use agentloop::{
    Agent, AgentBuilder, AgentError, Failure, Interaction, Message, Output, Provider, Request, Scripted, Tool, Turn,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// `add({x, y})`, `fail({})`, and `pay({})`, which counts how often it was called.
struct Tools {
    paid: Arc<AtomicU32>,
}

impl Tools {
    fn new() -> Self {
        Self { paid: Arc::default() }
    }

    fn all(&self) -> Vec<Tool> {
        let paid = Arc::clone(&self.paid);
        let number = |value: &Value, name: &str| value[name].as_i64().unwrap_or_default();
        let add = Tool::instant("add", "Adds two numbers.", move |value: Value| {
            Ok::<_, String>(number(&value, "x") + number(&value, "y"))
        });
        let fail = Tool::new("fail", "Fails.", |_: Value| async { Err::<Value, _>("the disk is full") });
        let pay = Tool::new("pay", "Pays.", move |_: Value| {
            let count = paid.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Ok::<_, String>(json!({ "receipt": count })) }
        });
        [add, fail, pay].map(|tool| tool.expect("the tool is good")).into()
    }

    fn paid(&self) -> u32 {
        self.paid.load(Ordering::SeqCst)
    }
}

/// An agent around a scripted model, which can be asked afterwards what it was asked.
struct Told {
    agent: Agent,
    model: Arc<Scripted>,
}

fn told(model: Scripted) -> Told {
    told_with(model, |builder| builder)
}

fn told_with(model: Scripted, with: impl FnOnce(AgentBuilder) -> AgentBuilder) -> Told {
    let model = Arc::new(model);
    let builder = Agent::builder(Arc::clone(&model)).tools(Tools::new().all());
    Told { agent: with(builder).build().expect("the agent is good"), model }
}

impl Told {
    fn run(&self, prompt: &str) -> Output {
        self.run_turn(Turn::new(prompt)).expect("the turn is answered")
    }

    fn fail(&self, prompt: &str) -> Failure {
        *self.run_turn(Turn::new(prompt)).expect_err("the turn is not answered")
    }

    fn run_turn(&self, turn: Turn) -> Result<Output, Box<Failure>> {
        block_on(self.agent.run(turn))
    }

    /// What the model was told last.
    fn last_message(&self) -> String {
        match self.requests().last().and_then(|request| request.messages.last()) {
            Some(Message::User { text } | Message::Result { text, .. }) => text.clone(),
            other => panic!("the last message is {other:?}"),
        }
    }

    fn requests(&self) -> Vec<Request> {
        self.model.requests()
    }
}

/// Time stands still but where the turn waits for it.
fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime can be made").block_on(future)
}

/// The kinds of what is in a transcript, in order.
fn kinds(interactions: &[Interaction]) -> Vec<&'static str> {
    interactions
        .iter()
        .map(|interaction| match interaction {
            Interaction::User { .. } => "user",
            Interaction::Model { .. } => "model",
            Interaction::Script(_) => "script",
            Interaction::Note { .. } => "note",
            Interaction::Answer(_) => "answer",
            Interaction::Error { .. } => "error",
            _ => "other",
        })
        .collect()
}

/// No request breaks the rules of providers: it begins with the user, and each call has one result right after it.
fn assert_valid(requests: &[Request]) {
    for request in requests {
        assert!(matches!(request.messages.first(), Some(Message::User { .. })), "{request:?}");
        let mut open: Vec<&str> = Vec::new();
        for message in &request.messages {
            match message {
                Message::Result { call_id, .. } => {
                    let index = open.iter().position(|id| id == call_id);
                    open.remove(index.unwrap_or_else(|| panic!("a result without a call in {request:?}")));
                }
                Message::User { .. } => assert_eq!(open, Vec::<&str>::new(), "{request:?}"),
                Message::Assistant { calls, .. } => {
                    assert_eq!(open, Vec::<&str>::new(), "{request:?}");
                    open = calls.iter().map(|call| call.id.as_str()).collect();
                }
            }
        }
        assert_eq!(open, Vec::<&str>::new(), "{request:?}");
    }
}

fn kind_of(failure: &Failure) -> String {
    failure.error.kind()
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn a_turn_can_be_spawned_and_an_agent_shared() {
    let told = told(Scripted::new().text("Hello"));
    drop(is_send(told.agent.run(Turn::new("Hi"))));
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}
    is_shared(&told.agent);
    assert_eq!(told.model.model(), "scripted/replies");
    let error: Option<AgentError> = None;
    drop(is_send(error));
}
