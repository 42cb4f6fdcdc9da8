//! Errors of the provider: which are tried again, when, and which end the turn.

use super::{block_on, told, told_with};
use agentloop::{Answer, Interaction, ProviderError, ProviderErrorKind, Retries, Scripted, Transcript, Turn};
use std::time::Duration;
use tokio::time::Instant;

fn error(kind: ProviderErrorKind) -> ProviderError {
    ProviderError::new(kind, "said the server")
}

#[test]
fn what_may_pass_is_tried_again_after_a_wait_that_doubles() {
    let busy = error(ProviderErrorKind::Overload);
    let told = told(Scripted::new().error(busy.clone()).error(busy.clone()).error(busy).text("At last."));
    let (output, waited) = block_on(async {
        let started = Instant::now();
        let output = told.agent.run(Turn::new("Hello?")).await.expect("the turn is answered");
        (output, started.elapsed())
    });
    assert_eq!(output.answer, Answer::Text("At last.".to_owned()));
    assert_eq!((output.spent.retries, output.spent.iterations), (3, 1));
    assert!((Duration::from_secs(7)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
}

#[test]
fn the_provider_says_how_long_to_wait() {
    let limited = error(ProviderErrorKind::RateLimit).retry_after(Some(Duration::from_secs(20)));
    let told = told(Scripted::new().error(limited).text("Now."));
    let waited = block_on(async {
        let started = Instant::now();
        told.agent.run(Turn::new("Hello?")).await.expect("the turn is answered");
        started.elapsed()
    });
    assert!((Duration::from_secs(20)..Duration::from_secs(21)).contains(&waited), "{waited:?}");
}

#[test]
fn what_cannot_pass_ends_the_turn_at_once_with_its_kind() {
    for (kind, name) in [
        (ProviderErrorKind::Auth, "provider_auth"),
        (ProviderErrorKind::ContextTooLong, "provider_context_too_long"),
        (ProviderErrorKind::Refused, "provider_refused"),
        (ProviderErrorKind::InvalidRequest, "provider_invalid_request"),
    ] {
        let told = told(Scripted::new().error(error(kind)).text("never said"));
        let failure = told.fail("Hello?");
        assert_eq!((failure.error.kind().as_str(), told.requests().len()), (name, 1));
        assert!(failure.to_string().ends_with(": said the server"), "{failure}");
    }
}

#[test]
fn retries_end() {
    let down = error(ProviderErrorKind::Network);
    let model = (0..9).fold(Scripted::new(), |model, _| model.error(down.clone()));
    let told = told_with(model, |builder| builder.retries(Retries { retries_max: 2, ..Retries::default() }));
    let failure = told.fail("Hello?");
    assert_eq!((failure.error.kind().as_str(), told.requests().len()), ("provider_network", 3));
    assert_eq!((failure.spent.retries, failure.spent.iterations), (2, 0));
}

#[test]
fn a_conversation_that_is_too_long_is_sent_again_with_less_history() {
    let mut history = Transcript::default();
    for turn in 0..8 {
        history.push(Interaction::User { text: format!("question {turn} {}", "x".repeat(1_000)) });
        history.push(Interaction::Answer(Answer::Value(turn.into())));
    }
    let too_long = error(ProviderErrorKind::ContextTooLong);
    let told = told(Scripted::new().error(too_long.clone()).error(too_long.clone()).text("It fits."));
    let output = told.run_turn(Turn::new("And now?").history(history)).expect("the turn is answered");
    assert_eq!((output.answer, output.spent.retries), (Answer::Text("It fits.".to_owned()), 2));
    let sizes: Vec<usize> = told.requests().iter().map(|request| request.messages.len()).collect();
    assert!(sizes[0] == 17 && sizes[1] <= 9 && sizes[2] <= 5 && sizes[2] > 1, "{sizes:?}");
    assert!(told.requests().iter().all(|request| format!("{:?}", request.messages).contains("And now?")));

    // Where there is no history to leave out, the turn ends.
    let told = super::told(Scripted::new().error(too_long).text("never said"));
    assert_eq!(told.fail("And now?").error.kind(), "provider_context_too_long");
}
