//! A client of `agentloop mcp`: lines of JSON on standard input and output of the real binary.

use crate::harness::{agentloop, folder};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A server, and its client.
pub(crate) struct Server {
    pub(crate) child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Notifications that came before an answer.
    pub(crate) told: Vec<Value>,
    last_id: u64,
}

impl Server {
    /// Starts it, and says nothing yet.
    pub(crate) fn start(test: &str, tools: &Value, arguments: &[&str]) -> Self {
        let fixtures = folder(test).join("fixtures.json");
        std::fs::write(&fixtures, tools.to_string()).expect("the folder is writable");
        let fixtures = fixtures.to_str().expect("the path is text");
        let mut command = agentloop(&[&["mcp", "--fixtures", fixtures], arguments].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, input, output, told: Vec::new(), last_id: 0 }
    }

    /// A server that has been introduced.
    pub(crate) fn new(test: &str, tools: &Value, arguments: &[&str]) -> Self {
        let mut server = Self::start(test, tools, arguments);
        server.introduce();
        server
    }

    pub(crate) fn introduce(&mut self) -> Value {
        self.introduce_with(json!({}))
    }

    pub(crate) fn introduce_with(&mut self, capabilities: Value) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client });
        let answer = self.ask("initialize", params);
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        answer
    }

    pub(crate) fn say(&mut self, message: &Value) {
        self.write(&message.to_string());
    }

    pub(crate) fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is open");
        writeln!(input, "{line}").expect("the server reads");
    }

    pub(crate) fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        self.say(&json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params }));
        self.last_id
    }

    /// The next message.
    pub(crate) fn next(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the output is text");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("standard output has {line:?}: {error}"))
    }

    /// The answer to a request. Others must not come before it.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.next();
            if message["method"].is_string() {
                self.told.push(message);
                continue;
            }
            assert_eq!(message["id"], id, "{message}");
            return message;
        }
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// The result of a script.
    pub(crate) fn execute(&mut self, code: &str) -> Value {
        let answer = self.ask("tools/call", json!({ "name": "execute", "arguments": { "code": code } }));
        answer["result"].clone()
    }

    /// Closes its input, and waits for its end.
    pub(crate) fn close(mut self) -> (Option<i32>, String) {
        drop(self.input.take());
        let output = self.child.wait_with_output().expect("it ends");
        (output.status.code(), String::from_utf8(output.stderr).expect("it is text"))
    }
}

pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("it has a text")
}

/// Tools with canned answers.
pub(crate) fn shop() -> Value {
    let schema = json!({ "type": "object", "properties": { "id": { "type": "integer" } }, "required": ["id"] });
    json!([
        { "name": "shop.price", "description": "The price of a thing.", "input_schema": schema, "responses": [
            { "args": { "id": 1 }, "result": 40 }, { "args": { "id": 2 }, "result": 2 }, { "error": "no such thing" },
        ] },
        { "name": "tick", "description": "Ticks.", "input_schema": {}, "responses": [{ "result": null }] },
    ])
}
