//! Names of models: they go to the provider exactly as they are written.

use crate::conversation::{failure, hello};
use crate::server::Server;
use serde_json::json;

/// Names that end like an effort, or have something in them that means something elsewhere.
const NAMES: &[&str] =
    &["mistral-medium", "x-minimal", "x-low", "x-high", "x-max", "x-none", "x-zero", "a/b", "a::b", "a:b", "a.b@1"];

#[tokio::test]
async fn no_part_of_a_name_is_taken_for_anything_else() {
    for model in NAMES {
        for provider in ["openai", "openai-responses", "anthropic", "mistral", "groq", "ollama", "compatible"] {
            let server = Server::start(|_| Err((404, json!("no such model"))), []).await;
            failure(&format!("{provider}/{model}"), &server, &hello()).await;
            assert_eq!(server.body()["model"], *model, "{provider}");
        }
        let server = Server::start(|_| Err((404, json!("no such model"))), []).await;
        failure(&format!("gemini/{model}"), &server, &hello()).await;
        assert_eq!(server.asked()[0].path, format!("/v1/models/{model}:streamGenerateContent"));
    }
}

#[tokio::test]
async fn a_name_in_a_path_stays_in_the_path() {
    let server = Server::start(|_| Err((404, json!("no such model"))), []).await;
    failure("gemini/a?b#c", &server, &hello()).await;
    let asked = server.asked().remove(0);
    assert_eq!(asked.path, "/v1/models/a%3Fb%23c:streamGenerateContent");
    assert_eq!(asked.query, "alt=sse");
}
