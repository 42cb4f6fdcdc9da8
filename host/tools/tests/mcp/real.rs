//! Servers that others wrote.

use crate::calls::Calls as _;
use crate::support::{Web, list, names, others, server, servers, tool};
use agentloop_sandbox::{Effect, Tool};
use agentloop_tools::mcp::Server;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What the server that has everything does, over whichever transport.
async fn everything(server: &Server) {
    let listing = list(server).await;
    assert_eq!(listing.notes, Vec::<String>::new());
    let call = |name: &str, arguments: Value| {
        let tool = tool(&listing, &format!("s.{name}"));
        async move { tool.call(arguments).await }
    };
    assert_eq!(call("echo", json!({ "message": "hi" })).await, Ok(json!("Echo: hi")));
    assert_eq!(call("get-sum", json!({ "a": 2, "b": 3 })).await, Ok(json!("The sum of 2 and 3 is 5.")));
    let weather = call("get-structured-content", json!({ "location": "New York" })).await;
    assert_eq!(weather, Ok(json!({ "temperature": 33, "conditions": "Cloudy", "humidity": 82 })));
    let image = call("get-tiny-image", json!({})).await.expect("it has an image");
    let kinds: Vec<&Value> = image.as_array().expect("blocks").iter().map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["text", "image", "text"]);
    assert_eq!(image[1]["mimeType"], "image/png");
    let error = call("get-structured-content", json!({ "location": "Nowhere" })).await.expect_err("no such place");
    assert!(
        error.starts_with("the arguments of `s.get-structured-content` do not match its schema; `location`"),
        "{error}"
    );
    let slow = call("trigger-long-running-operation", json!({ "duration": 0.2, "steps": 4 })).await;
    assert_eq!(slow, Ok(json!("Long running operation completed. Duration: 0.2 seconds, Steps: 4.")));
    let resources = call("list_resources", json!({})).await.expect("it has resources");
    let first = resources["resources"][0]["uri"].clone();
    assert!(resources["templates"][0]["uriTemplate"].is_string(), "{resources}");
    let read = call("read_resource", json!({ "uri": first })).await.expect("it can be read");
    assert!(!read.is_null());
    let prompts = call("list_prompts", json!({})).await.expect("it has prompts");
    assert!(prompts.as_array().is_some_and(|prompts| prompts.iter().any(|prompt| prompt["name"] == "simple-prompt")));
    let prompt = call("get_prompt", json!({ "name": "simple-prompt" })).await;
    assert_eq!(
        prompt,
        Ok(json!({ "messages": [{ "role": "user", "content": "This is a simple prompt without arguments." }] }))
    );
    let effect = |name: &str| listing.tools.iter().find(|tool| tool.name().as_str() == name).map(Tool::effect);
    assert_eq!(effect("s.trigger-long-running-operation"), Some(Effect::ReadOnly));
    assert_eq!(effect("s.read_resource"), Some(Effect::ReadOnly));
}

/// A call that is given up does not hold up the next.
async fn gives_up(server: &Server) {
    let listing = list(server).await;
    let slow = tool(&listing, "s.trigger-long-running-operation");
    let begin = Instant::now();
    let call = slow.call(json!({ "duration": 60, "steps": 2 }));
    assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err());
    assert_eq!(tool(&listing, "s.echo").call(json!({ "message": "hi" })).await, Ok(json!("Echo: hi")));
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn everything_over_standard_input_and_output() {
    let server = server(others("everything", &[]));
    everything(&server).await;
    gives_up(&server).await;
    server.stop().await;
    // It starts again when it is needed.
    assert!(names(&list(&server).await).contains(&"s.echo"));
}

#[tokio::test]
async fn everything_over_http() {
    let web = Web::everything().await;
    let server = web.server("/mcp");
    everything(&server).await;
    gives_up(&server).await;
    server.stop().await;
    assert!(names(&list(&server).await).contains(&"s.echo"));
}

#[tokio::test]
async fn files_are_read_and_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("it is there");
    let server = server(others("filesystem", &[&folder.to_string_lossy()]));
    let listing = list(&server).await;
    let file = folder.join("a.txt");
    let write = tool(&listing, "s.write_file").call(json!({ "path": file, "content": "hello" })).await;
    let message = format!("Successfully wrote to {}", file.display());
    assert_eq!(write, Ok(json!({ "content": message })));
    assert_eq!(std::fs::read_to_string(&file).expect("it was written"), "hello");
    let read = tool(&listing, "s.read_text_file").call(json!({ "path": file })).await;
    assert_eq!(read, Ok(json!({ "content": "hello" })));
    let error =
        tool(&listing, "s.read_text_file").call(json!({ "path": "/etc/passwd" })).await.expect_err("it is outside");
    assert!(error.starts_with("Access denied - path outside allowed directories"), "{error}");
    let effect = |name: &str| listing.tools.iter().find(|tool| tool.name().as_str() == name).map(Tool::effect);
    assert_eq!(effect("s.read_text_file"), Some(Effect::ReadOnly));
    assert_eq!(effect("s.write_file"), Some(Effect::Destructive));
    assert_eq!(effect("s.create_directory"), Some(Effect::Additive));
}

#[tokio::test]
async fn memory_is_kept_in_a_file_that_the_environment_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("memory.jsonl");
    let mut entry = others("memory", &[]);
    entry["env"] = json!({ "MEMORY_FILE_PATH": file });
    let server = server(entry);
    let listing = list(&server).await;
    let entity = json!({ "name": "Ann", "entityType": "person", "observations": ["likes tea"] });
    let made = tool(&listing, "s.create_entities").call(json!({ "entities": [entity] })).await;
    assert_eq!(made, Ok(json!({ "entities": [entity] })));
    let graph = tool(&listing, "s.read_graph").call(json!({})).await;
    assert_eq!(graph, Ok(json!({ "entities": [entity], "relations": [] })));
    assert!(std::fs::read_to_string(&file).expect("it was written").contains("likes tea"));
}

#[tokio::test]
async fn all_are_listed_at_the_same_time() {
    let all = servers(json!({
        "everything": others("everything", &[]),
        "memory": others("memory", &[]),
        "My Files": others("filesystem", &["/tmp"]),
    }));
    let lists = all.tools().await;
    let mut count = Vec::new();
    for (server, listing) in lists {
        let listing = listing.expect("it lists its tools");
        let first = listing.tools[0].name().as_str().split('.').next().map(str::to_owned);
        count.push((server.name().to_owned(), first));
    }
    let expected = [("My Files", "My$20Files"), ("everything", "everything"), ("memory", "memory")];
    assert_eq!(count, expected.map(|(name, mapped)| (name.to_owned(), Some(mapped.to_owned()))));
}
