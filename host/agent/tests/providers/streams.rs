//! What goes wrong in the middle of a reply, and what only looks as if it did.

use crate::conversation::{KEY, ask, failure, hello, reply, text};
use crate::faults::{error, kinds};
use crate::server::{Answer, Rules, Server, events, lines, named_events};
use crate::{anthropic, chat, gemini, ollama, responses};
use agentloop::{Model, Provider, ProviderErrorKind, ReplyStyle};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

const CUT: &str = "broke off in the middle of its reply";

/// A model that is given up after this silence.
fn impatient(name: &str, server: &Server, idle: Duration) -> Model {
    let builder = Model::builder(name).base_url(server.base_url()).api_key(KEY).style(ReplyStyle::NativeTool);
    builder.idle_timeout(idle).build_with(&|_| None).expect("the model can be built")
}

/// The beginning of a reply in each format, which says `Hi`.
fn beginnings() -> [(&'static str, Rules, String); 5] {
    let hi = |kind: &str| json!({"type": kind, "index": 0, "output_index": 0, "delta": "Hi"});
    let part = json!({"candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "index": 0}]});
    let line = json!({"model": "x", "message": {"role": "assistant", "content": "Hi"}, "done": false});
    let whole = anthropic::stream(&[anthropic::says(&["Hi"])], "end_turn");
    let unsaid = whole.split("event: content_block_stop").next().expect("a beginning").to_owned();
    [
        ("openai/gpt-x", chat::rules, events(&[chat::chunk(json!({"content": "Hi"}), Value::Null)])),
        ("openai-responses/gpt-x", responses::rules, named_events(&[hi("response.output_text.delta")])),
        ("anthropic/claude-x", anthropic::rules, unsaid),
        ("gemini/gemini-x", gemini::rules, events(&[part])),
        ("ollama/qwen-x", ollama::rules, lines(&[line])),
    ]
}

#[tokio::test]
async fn a_stream_that_ends_early_is_no_reply() {
    for (name, rules, beginning) in beginnings() {
        let server = Server::start(rules, [Answer::Stream(beginning)]).await;
        let (reply, deltas) = ask(&crate::conversation::model(name, &server), &hello()).await;
        assert_eq!(reply, Err(error(ProviderErrorKind::BadResponse, name, CUT)));
        assert_eq!(deltas, [text("Hi")], "{name}");
    }
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_no_reply() {
    for case in kinds() {
        let whole = case.greeting.as_bytes();
        // The chat completion is whole with its reason to finish, and Anthropic's message with its last event.
        let needed = case.greeting.find("\"finish_reason\":\"stop\"").unwrap_or(whole.len() - 40);
        for length in (0..needed).step_by(37) {
            let cut = String::from_utf8_lossy(&whole[..length]).into_owned();
            let server = Server::start(case.rules, [Answer::Stream(cut)]).await;
            let error = failure(case.model, &server, &hello()).await;
            assert_eq!(error.kind, ProviderErrorKind::BadResponse, "cut after {length}: {error}");
        }
    }
}

#[tokio::test]
async fn a_chat_without_its_last_mark_is_whole_all_the_same() {
    let unmarked = chat::greeting().replace("data: [DONE]\n\n", "");
    let server = Server::start(chat::rules, [Answer::Stream(unmarked)]).await;
    assert_eq!(reply("openai/gpt-x", &server, &hello()).await.0, chat::greeted());
    let only_mark = Answer::Stream("data: [DONE]\n\n".to_owned());
    let server = Server::start(chat::rules, [only_mark]).await;
    let expected = error(ProviderErrorKind::BadResponse, "openai/gpt-x", CUT);
    assert_eq!(failure("openai/gpt-x", &server, &hello()).await, expected);
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_from_a_stream_that_ends() {
    for (name, rules, beginning) in beginnings() {
        let server = Server::start(rules, [Answer::Broken(beginning)]).await;
        let failed = failure(name, &server, &hello()).await;
        let begin = format!("`{name}` broke the connection ({}): ", server.origin());
        assert_eq!((failed.kind, failed.message.starts_with(&begin)), (ProviderErrorKind::Network, true), "{failed}");
    }
}

#[tokio::test]
async fn an_event_that_is_not_json_is_no_reply() {
    for (name, rules, beginning) in beginnings() {
        let malformed = if name.starts_with("ollama") { "{\"message\":\n" } else { "data: {\"choices\":\n\n" };
        let server = Server::start(rules, [Answer::Stream(format!("{beginning}{malformed}"))]).await;
        let failed = failure(name, &server, &hello()).await;
        let begin = format!("`{name}` failed: an event is not JSON: EOF while parsing a value at line 1 column ");
        assert_eq!(
            (failed.kind, failed.message.starts_with(&begin)),
            (ProviderErrorKind::BadResponse, true),
            "{failed}"
        );
    }
    let page = Answer::Stream("<html>\n\nWelcome to the hotel\n\n</html>".to_owned());
    let server = Server::start(chat::rules, [page]).await;
    let expected = error(ProviderErrorKind::BadResponse, "openai/gpt-x", CUT);
    assert_eq!(failure("openai/gpt-x", &server, &hello()).await, expected);
}

#[tokio::test]
async fn an_empty_reply_is_none() {
    let empty = [
        ("openai/gpt-x", chat::rules as Rules, chat::closed(&[chat::chunk(json!({"content": ""}), json!("stop"))])),
        ("anthropic/claude-x", anthropic::rules, anthropic::stream(&[], "end_turn")),
    ];
    for (name, rules, answer) in empty {
        let server = Server::start(rules, [Answer::Stream(answer)]).await;
        let expected = error(ProviderErrorKind::BadResponse, name, "sent an empty reply");
        assert_eq!(failure(name, &server, &hello()).await, expected);
    }
    for case in kinds() {
        let server = Server::start(case.rules, [Answer::Stream(String::new())]).await;
        assert_eq!(
            failure(case.model, &server, &hello()).await,
            error(ProviderErrorKind::BadResponse, case.model, CUT)
        );
    }
}

#[tokio::test]
async fn an_error_in_the_middle_is_told_by_its_code() {
    let overloaded = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let failed = json!({"error": {"message": "Overloaded", "code": 503, "status": "UNAVAILABLE"}});
    for (name, rules, beginning) in beginnings() {
        let end = match name.split_once('/').expect("a slash").0 {
            "anthropic" | "openai-responses" => named_events(std::slice::from_ref(&overloaded)),
            "ollama" => lines(std::slice::from_ref(&failed)),
            _ => events(std::slice::from_ref(&failed)),
        };
        let server = Server::start(rules, [Answer::Stream(format!("{beginning}{end}"))]).await;
        let expected = error(ProviderErrorKind::Overload, name, "broke off with an error: Overloaded");
        assert_eq!(failure(name, &server, &hello()).await, expected);
    }
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_up() {
    let idle = Duration::from_millis(1000);
    let all = beginnings().map(|(name, rules, beginning)| async move {
        let server = Server::start(rules, [Answer::Silence(beginning)]).await;
        let given_up = ask(&impatient(name, &server, idle), &hello()).await.0;
        let rest = format!("said nothing for 1000 ms ({})", server.origin());
        assert_eq!(given_up, Err(error(ProviderErrorKind::Network, name, &rest)));
        server.wait_until_gone().await;
    });
    join_all(all).await;
}

#[tokio::test]
async fn a_provider_that_is_slow_and_steady_is_not() {
    let (idle, pause) = (Duration::from_millis(1500), Duration::from_millis(400));
    let all = kinds().map(|case| async move {
        let steady = case.greeting.split_inclusive("\n\n").map(str::to_owned).collect::<Vec<_>>();
        assert!(pause * u32::try_from(steady.len()).expect("few events") > idle, "it takes longer in all");
        let server = Server::start(case.rules, [Answer::Drip(steady, pause)]).await;
        assert_eq!(ask(&impatient(case.model, &server, idle), &hello()).await.0, Ok(case.greeted));
    });
    join_all(all).await;
}

#[tokio::test]
async fn a_reply_without_an_end_is_given_up() {
    let word = "x".repeat(1024 * 1024);
    for (name, piece) in [
        ("openai/gpt-x", events(&[chat::chunk(json!({"content": word}), Value::Null)])),
        ("openai/gpt-x", "data: {}\n\n".repeat(64 * 1024)),
        ("openai/gpt-x", ": \n\n".repeat(64 * 1024)),
    ] {
        let server = Server::start(chat::rules, [Answer::Endless(200, piece)]).await;
        let expected = error(ProviderErrorKind::BadResponse, name, "sent more than 16777216 bytes for one reply");
        assert_eq!(failure(name, &server, &hello()).await, expected);
        server.wait_until_gone().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_or_an_error_without_an_end_is_given_up() {
    let word = "x".repeat(512);
    for (name, rules, _) in beginnings() {
        let too_much = "sent more than 16777216 bytes for one reply".to_owned();
        let mut told = format!("answered 500: {word}");
        told.truncate(500 - format!("`{name}` ").len());
        for (status, kind, rest) in
            [(200, ProviderErrorKind::BadResponse, too_much), (500, ProviderErrorKind::Overload, format!("{told}…"))]
        {
            let server = Server::start(rules, [Answer::Endless(status, word.clone())]).await;
            assert_eq!(failure(name, &server, &hello()).await, error(kind, name, &rest));
            server.wait_until_gone().await;
        }
    }
}

#[tokio::test]
async fn an_event_that_is_merely_large_is_read() {
    let word = "x".repeat(1024 * 1024);
    let answer = chat::closed(&[chat::chunk(json!({"content": word}), json!("stop"))]);
    let server = Server::start(chat::rules, [Answer::Drip(vec![answer], Duration::ZERO)]).await;
    assert_eq!(reply("openai/gpt-x", &server, &hello()).await.0.text.len(), word.len());
}

#[tokio::test]
async fn a_reply_may_be_as_large_as_the_limit_and_no_larger() {
    const BYTES_MAX: usize = 16 * 1024 * 1024;
    let filled = |bytes: usize| {
        let filler = "x".repeat(bytes - chat::greeting().len() - ":\n".len());
        Answer::Drip(vec![format!(":{filler}\n{}", chat::greeting())], Duration::ZERO)
    };
    let server = Server::start(chat::rules, [filled(BYTES_MAX), filled(BYTES_MAX + 1)]).await;
    assert_eq!(reply("openai/gpt-x", &server, &hello()).await.0, chat::greeted());
    let rest = format!("sent more than {BYTES_MAX} bytes for one reply");
    let expected = error(ProviderErrorKind::BadResponse, "openai/gpt-x", &rest);
    assert_eq!(failure("openai/gpt-x", &server, &hello()).await, expected);
}

#[tokio::test]
async fn a_last_event_that_only_the_stream_ends_is_read() {
    for case in kinds() {
        let unended = case.greeting.trim_end().to_owned();
        let server = Server::start(case.rules, [Answer::Stream(unended)]).await;
        assert_eq!(reply(case.model, &server, &hello()).await.0, case.greeted);
    }
}

#[tokio::test]
async fn many_replies_at_once_do_not_mix() {
    for case in kinds() {
        let server = Server::start(case.rules, vec![Answer::Stream(case.greeting); 20]).await;
        let model = crate::conversation::model(case.model, &server);
        let request = hello();
        let replies = join_all((0..20).map(|_| ask(&model, &request))).await;
        assert!(replies.into_iter().all(|(reply, _)| reply == Ok(case.greeted.clone())), "{}", case.model);
    }
}

#[tokio::test]
async fn letting_go_of_a_reply_closes_the_connection() {
    for (name, rules, beginning) in beginnings() {
        let server = Server::start(rules, [Answer::Silence(beginning)]).await;
        let model = crate::conversation::model(name, &server);
        let request = hello();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut on_delta = |delta| sender.send(delta).expect("the test listens");
        tokio::select! {
            reply = model.reply(&request, &mut on_delta) => panic!("there is no reply to have: {reply:?}"),
            delta = receiver.recv() => assert_eq!(delta, Some(text("Hi"))),
        }
        server.wait_until_gone().await;
    }
}
