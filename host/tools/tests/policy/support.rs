//! Scripts under a policy.

use agentloop_sandbox::{Call, Effect, Ending, Engine, Limits, Outcome, Run, Tool, ToolFailure, Toolbox};
use agentloop_tools::policy::{Answer, Ask, Governed, Nobody, Policy, Question, Rule};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock, Mutex};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().expect("it starts"));

/// A tool that answers with its arguments.
pub(crate) fn echo(name: &str) -> Tool {
    let schema = json!({ "type": "object", "properties": { "n": { "type": "integer" } } });
    let answer = |call: Call| async move { Ok::<_, ToolFailure>(call.arguments.to_string()) };
    Tool::untyped(name, "Answers with its arguments.", schema, answer).expect("the tool is good")
}

pub(crate) fn marked(name: &str, effect: Effect) -> Tool {
    echo(name).marked(effect)
}

pub(crate) fn policy(rules: impl IntoIterator<Item = Rule>) -> Policy {
    Policy::new(rules).expect("the rules are good")
}

/// `tried(call)` is what a call gives, or the kind and the message of its error.
const TRIED: &str = "const tried = (call) => call.then((value) => value, (error) => [error.kind, error.message]);\n";

pub(crate) fn prepare(governed: &Governed, script: &str) -> Run {
    let toolbox = Toolbox::new(governed.tools()).expect("the tools fit together");
    let sandbox = ENGINE.sandbox(toolbox, Limits::default()).expect("the limits can be enforced");
    sandbox.prepare(format!("{TRIED}{script}"))
}

pub(crate) fn value(outcome: &Outcome) -> Value {
    match &outcome.ending {
        Ending::Finished(value) => serde_json::from_str(value.get()).expect("it is JSON"),
        other => panic!("it should have finished: {other:?}"),
    }
}

pub(crate) async fn run_asking(governed: &Governed, asker: Arc<dyn Ask>, script: &str) -> Value {
    let run = prepare(governed, script).gate(governed.gate(asker));
    value(&run.finish().await.expect("the host is well"))
}

/// Where nobody can be asked.
pub(crate) async fn run(governed: &Governed, script: &str) -> Value {
    run_asking(governed, Arc::new(Nobody), script).await
}

/// Writes down what it is asked, and answers by a function.
pub(crate) struct Asker<F> {
    answer: F,
    pub(crate) asked: Mutex<Vec<Question>>,
}

impl<F: Fn(Question) -> BoxFuture<'static, Answer> + Send + Sync + 'static> Asker<F> {
    pub(crate) fn new(answer: F) -> Arc<Self> {
        Arc::new(Self { answer, asked: Mutex::default() })
    }

    pub(crate) fn count(&self) -> usize {
        self.asked.lock().expect("nobody panicked").len()
    }
}

impl<F: Fn(Question) -> BoxFuture<'static, Answer> + Send + Sync + 'static> Ask for Asker<F> {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        self.asked.lock().expect("nobody panicked").push(question.clone());
        (self.answer)(question)
    }
}
