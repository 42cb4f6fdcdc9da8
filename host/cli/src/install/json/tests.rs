use super::super::document::{Broken, Document as _, Entry};
use super::Json;
use serde_json::json;

fn read(text: &str, list: &'static str) -> Json {
    Json::read(text, list).expect("it is a configuration")
}

fn entry() -> Entry {
    Entry { command: "/a \"b\"".to_owned(), args: vec!["mcp".to_owned()], typed: false, variables: Vec::new() }
}

/// What the text becomes when agentloop is put into it, and that it is the text again when it is taken out.
#[track_caller]
fn there_and_back(before: &str, after: &str) {
    let mut document = read(before, "mcpServers");
    document.put("agentloop", &entry());
    assert_eq!(document.text(), after);
    let mut document = read(after, "mcpServers");
    document.remove("agentloop");
    assert_eq!(document.text(), before);
}

#[test]
fn all_around_the_entry_stays_as_it_is_written() {
    there_and_back(
        "// mine\n{\n\t\"b\": 1.50, /* why */\n\t\"mcpServers\": {\n\t\t\"x\": {\"command\":\"x\"} // old\n\t},\n\t\"a\": [1,2]\n}",
        "// mine\n{\n\t\"b\": 1.50, /* why */\n\t\"mcpServers\": {\n\t\t\"x\": {\"command\":\"x\"}, // old\n\
         \t\t\"agentloop\": {\n\t\t\t\"command\": \"/a \\\"b\\\"\",\n\t\t\t\"args\": [\"mcp\"]\n\t\t}\n\t},\n\t\"a\": [1,2]\n}",
    );
    // With trailing commas, and line ends of Windows.
    there_and_back(
        "{\r\n  \"mcpServers\": {\r\n    \"x\": { },\r\n  },\r\n}\r\n",
        "{\r\n  \"mcpServers\": {\r\n    \"x\": { },\r\n    \"agentloop\": {\r\n      \"command\": \"/a \\\"b\\\"\",\r\n      \
         \"args\": [\"mcp\"],\r\n    },\r\n  },\r\n}\r\n",
    );
}

#[test]
fn a_file_without_servers_gets_a_list() {
    let after = "{\n  \"mcpServers\": {\n    \"agentloop\": {\n      \"command\": \"/a \\\"b\\\"\",\n      \"args\": [\"mcp\"]\n    }\n  }\n}\n";
    for before in ["", " \n", "{}\n"] {
        let mut document = read(before, "mcpServers");
        document.put("agentloop", &entry());
        assert_eq!(document.text(), after, "{before:?}");
    }
}

#[test]
fn an_entry_is_replaced_where_it_is() {
    let mut document = read("{\"mcpServers\": {\"agentloop\": {\"url\": \"x\"}, \"b\": {}}}", "mcpServers");
    document.put("agentloop", &entry());
    assert_eq!(document.names(), ["agentloop", "b"]);
    assert_eq!(document.server("agentloop"), json!({ "command": "/a \"b\"", "args": ["mcp"] }));
    assert_eq!(document.server("b"), json!({}));
}

#[test]
fn a_server_is_copied_as_it_is_written() {
    let text = "{\n  // all\n  \"inputs\": [{ \"id\": \"a\", \"default\": 1e400 }, {\"id\": \"b\"}],\n  \"servers\": {\n    \"s\": {\n      \
                \"command\": \"x\", // as it is\n    },\n  },\n}\n";
    let from = read(text, "servers");
    let mut to = read("{\n  \"inputs\": [{\"id\": \"b\", \"default\": \"mine\"}]\n}\n", "servers");
    to.copy(&["s".to_owned()], &from);
    let expected = "{\n  \"inputs\": [{\"id\": \"b\", \"default\": \"mine\"}, { \"id\": \"a\", \"default\": 1e400 }],\n  \"servers\": {\n    \
                    \"s\": {\n      \"command\": \"x\", // as it is\n    }\n  }\n}\n";
    assert_eq!(to.text(), expected);
    assert_eq!((to.server("s"), to.inputs()[1]["id"].clone()), (json!({ "command": "x" }), json!("a")));
    assert_eq!(from.text(), text);
    assert_eq!(from.alone("s").expect("it is one").names(), ["s"]);
}

#[test]
fn what_cannot_be_edited_is_refused() {
    let check = |text: &str, line: Option<usize>, message: &str| {
        let broken = Json::read(text, "mcpServers").map(drop).expect_err("it cannot be edited");
        assert_eq!(broken, Broken { line, message: message.to_owned() }, "{text}");
    };
    check("{\n\"a\": 1,\n\"b\" 2}", Some(3), "Expected colon after the string or word in object property");
    check("{\"a\": 1} {}", Some(1), "Text cannot contain more than one JSON value");
    check("{\n\n'a': 1}", Some(3), "Single-quoted strings are not allowed");
    check("[]", None, "it is no JSON object");
    check("{\"mcpServers\": []}", None, "`mcpServers` is no object");
    check("{\"mcpServers\": {}, \"mcpServers\": {}}", None, "`mcpServers` is in it twice");
    check("{\"mcpServers\": {\"a\": 1, \"\\u0061\": 2}}", None, "`a` is in it twice");
    let deep = "[".repeat(100_000);
    check(&format!("{{\"a\": {deep}"), Some(1), "Maximum nesting depth exceeded");
}
