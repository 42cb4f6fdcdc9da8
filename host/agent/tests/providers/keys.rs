//! Keys: where they come from, and that they go nowhere else.

use crate::conversation::{KEY, ask, hello, model};
use crate::faults::kinds;
use crate::server::{Answer, Server, named_events};
use agentloop::{Model, ProviderError, ProviderErrorKind};
use serde_json::json;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

fn refused(name: &str) -> ProviderError {
    Model::builder(name).build_with(&|_| None).expect_err("the model cannot be built")
}

#[test]
fn a_missing_key_is_told_before_the_first_request() {
    for (name, variables, first) in [
        ("openai", "OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("openai-responses", "OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        ("gemini", "GEMINI_API_KEY` or `GOOGLE_API_KEY", "GEMINI_API_KEY"),
        ("mistral", "MISTRAL_API_KEY", "MISTRAL_API_KEY"),
        ("groq", "GROQ_API_KEY", "GROQ_API_KEY"),
        ("deepseek", "DEEPSEEK_API_KEY", "DEEPSEEK_API_KEY"),
        ("xai", "XAI_API_KEY", "XAI_API_KEY"),
        ("openrouter", "OPENROUTER_API_KEY", "OPENROUTER_API_KEY"),
        ("together", "TOGETHER_API_KEY", "TOGETHER_API_KEY"),
        ("fireworks", "FIREWORKS_API_KEY", "FIREWORKS_API_KEY"),
        ("cohere", "COHERE_API_KEY` or `CO_API_KEY", "COHERE_API_KEY"),
        ("perplexity", "PERPLEXITY_API_KEY", "PERPLEXITY_API_KEY"),
    ] {
        let expected = format!(
            "there is no key for `{name}`: set the environment variable `{variables}`, as in `export {first}=…`"
        );
        assert_eq!(refused(&format!("{name}/x")), ProviderError::new(ProviderErrorKind::Auth, expected));
        let with_key = Model::builder(format!("{name}/x")).build_with(&|name| (name == first).then(|| KEY.to_owned()));
        assert!(with_key.is_ok(), "{name} takes its key from {first}");
    }
}

#[test]
fn a_missing_place_is_told_too() {
    for (name, variable) in [("azure", "AZURE_OPENAI_ENDPOINT"), ("compatible", "AGENTLOOP_BASE_URL")] {
        let error = refused(&format!("{name}/x"));
        let begin = format!("`{name}` needs a base URL: set the environment variable `{variable}`, as in ");
        assert_eq!(
            (error.kind, error.message.starts_with(&begin)),
            (ProviderErrorKind::InvalidRequest, true),
            "{error}"
        );
    }
    assert!(Model::builder("ollama/x").build_with(&|_| None).is_ok(), "ollama needs nothing");
}

#[test]
fn an_unusable_key_is_not_repeated() {
    let error = Model::builder("openai/x").api_key("sk canary").build_with(&|_| None).expect_err("a space is no key");
    let expected = "the key for `openai` has characters that no key has, such as spaces";
    assert_eq!(error, ProviderError::new(ProviderErrorKind::Auth, expected));
    let file = Model::builder("openai/x").api_key(format!("{KEY}\n")).build_with(&|_| None);
    assert!(file.is_ok(), "a line break at the end comes from a file");
}

#[test]
fn neither_a_model_nor_its_builder_shows_the_key() {
    let builder = Model::builder("openai/x").api_key(KEY);
    assert_eq!(format!("{builder:?}"), "ModelBuilder { name: \"openai/x\", .. }");
    let model = builder.build_with(&|_| None).expect("the model can be built");
    let expected = "Model { name: \"openai/x\", style: NativeTool, origin: \"https://api.openai.com\", \
                    key: Secret(set), .. }";
    assert_eq!(format!("{model:?}"), expected);
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics here").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_key_is_in_no_error_and_in_no_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // What is sent and read on other threads is of interest as well.
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    tracing::trace!("the log works");
    for case in kinds() {
        let echo = format!("your key is {KEY}");
        let status = Answer::Status(401, Vec::new(), json!({"error": {"message": echo}}).to_string());
        let event = json!({"type": "error", "error": {"type": "authentication_error", "message": echo}});
        let unknown = json!({"type": "unknown_event", "message": echo});
        let answers = [
            status,
            Answer::Stream(named_events(&[event])),
            Answer::Stream(named_events(&[unknown])),
            Answer::Stream(format!("data: {KEY}\n\n")),
            Answer::Stream(case.greeting),
        ];
        let count = answers.len();
        let server = Server::start(case.rules, answers).await;
        let model = model(case.model, &server);
        for position in 1..=count {
            let outcome = ask(&model, &hello()).await.0;
            assert_eq!(outcome.is_ok(), position == count, "{outcome:?}");
            let shown = outcome.map_or_else(|error| format!("{error} {error:?}"), |reply| format!("{reply:?}"));
            assert!(!shown.contains(KEY), "{shown}");
        }
    }
    let logged = String::from_utf8_lossy(&log.0.lock().expect("no test panics here")).into_owned();
    assert!(logged.contains("the log works"), "what is said elsewhere is logged");
    assert!(!logged.contains(KEY), "{logged}");
}
