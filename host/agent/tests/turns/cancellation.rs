//! A turn that is cancelled, at any moment, leaves a transcript that can be continued.

use super::{assert_valid, block_on, kinds, told};
use agentloop::{
    Agent, Answer, CancellationToken, Delta, Provider, ProviderError, Reply, Request, Scripted, Transcript, Turn,
};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;

/// A model that never answers.
struct Silent;

impl Provider for Silent {
    fn model(&self) -> &str {
        "test/silent"
    }

    fn reply<'a>(
        &'a self,
        _: &'a Request,
        _: &'a mut (dyn FnMut(Delta) + Send),
    ) -> BoxFuture<'a, Result<Reply, ProviderError>> {
        Box::pin(std::future::pending())
    }
}

/// Runs a turn that is cancelled after so long.
fn cancelled(agent: &Agent, after: Duration) -> Transcript {
    let token = CancellationToken::new();
    let failure = block_on(async {
        let turn = agent.run(Turn::new("Go on").cancel_on(token.clone()));
        let cancel = async {
            tokio::time::sleep(after).await;
            token.cancel();
        };
        let (ended, ()) = tokio::join!(turn, cancel);
        ended.expect_err("it was cancelled")
    });
    assert_eq!((failure.error.kind().as_str(), failure.to_string().as_str()), ("cancelled", "the turn was cancelled"));
    failure.transcript
}

/// The transcript goes through its stored form and on, with another model.
fn goes_on(transcript: &Transcript) {
    let stored = serde_json::to_string(transcript).expect("it can be stored");
    let history: Transcript = serde_json::from_str(&stored).expect("it can be read");
    assert_eq!(&history, transcript);
    let next = told(Scripted::new().text("Here I am."));
    let output = next.run_turn(Turn::new("Are you there?").history(history)).expect("the turn is answered");
    assert_eq!(output.answer, Answer::Text("Here I am.".to_owned()));
    assert_valid(&next.requests());
}

#[test]
fn while_the_model_is_asked() {
    let agent = Agent::builder(Silent).build().expect("the agent is good");
    let transcript = cancelled(&agent, Duration::from_millis(50));
    assert_eq!(kinds(transcript.interactions()), ["user", "error"]);
    goes_on(&transcript);
}

#[test]
fn while_a_script_waits() {
    let told = told(Scripted::new().script("await new Promise(() => setTimeout(() => {}, 1e6))"));
    let transcript = cancelled(&told.agent, Duration::from_millis(50));
    assert_eq!(kinds(transcript.interactions()), ["user", "model", "script", "error"]);
    goes_on(&transcript);
}

#[test]
fn while_a_script_computes() {
    let told = told(Scripted::new().script("for (;;);"));
    let token = CancellationToken::new();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().expect("a runtime");
    let failure = runtime.block_on(async {
        let (agent, turn) = (told.agent.clone(), Turn::new("Go on").cancel_on(token.clone()));
        let turn = tokio::spawn(async move { agent.run(turn).await });
        tokio::time::sleep(Duration::from_millis(30)).await;
        token.cancel();
        turn.await.expect("no panic").expect_err("it was cancelled")
    });
    assert_eq!(failure.error.kind(), "cancelled");
    goes_on(&failure.transcript);
}

#[test]
fn while_a_retry_is_waited_for() {
    let busy = ProviderError::new(agentloop::ProviderErrorKind::Overload, "busy");
    let told = told(Scripted::new().error(busy.clone()).error(busy));
    let transcript = cancelled(&told.agent, Duration::from_millis(1_500));
    assert_eq!(kinds(transcript.interactions()), ["user", "error"]);
    assert_eq!(told.requests().len(), 2);
    goes_on(&transcript);
}

#[test]
fn before_it_begins() {
    let token = CancellationToken::new();
    token.cancel();
    let told = told(Scripted::new().text("never said"));
    let failure = told.run_turn(Turn::new("Go on").cancel_on(token)).expect_err("it was cancelled");
    assert_eq!(failure.error.kind(), "cancelled");
    goes_on(&failure.transcript);
}

#[test]
fn dropping_the_future_ends_everything() {
    let model =
        Arc::new(Scripted::new().script("await tools.pay({}); await new Promise(() => setTimeout(() => {}, 1e6))"));
    let tools = super::Tools::new();
    let agent = Agent::builder(Arc::clone(&model)).tools(tools.all()).build().expect("the agent is good");
    block_on(async {
        let turn = agent.run(Turn::new("Go on"));
        assert!(tokio::time::timeout(Duration::from_secs(1), turn).await.is_err());
    });
    assert_eq!((tools.paid(), model.requests().len()), (1, 1));
}
