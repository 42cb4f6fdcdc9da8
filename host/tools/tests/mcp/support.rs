//! Servers to test with, and what the tests share.

use crate::calls::Calls as _;
use agentloop_sandbox::Tool;
use agentloop_tools::mcp::{Listing, Server, Servers};
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A path below this crate.
pub(crate) fn path(below: &str) -> String {
    format!("{}/{below}", env!("CARGO_MANIFEST_DIR"))
}

/// A path below the workspace.
pub(crate) fn installed(below: &str) -> String {
    path(&format!("../../.tools/mcp/{below}"))
}

/// The servers of this configuration.
pub(crate) fn servers(entries: Value) -> Servers {
    let text = json!({ "mcpServers": entries }).to_string();
    Servers::read(&text, &|name| std::env::var(name).ok()).expect("the configuration is valid")
}

/// The server of this entry, under the name `s`.
pub(crate) fn server(entry: Value) -> Server {
    servers(json!({ "s": entry })).get("s").expect("it was read").clone()
}

/// The entry of our server that misbehaves.
pub(crate) fn odd(mode: &str) -> Value {
    json!({ "command": "node", "args": [path("tests/servers/odd.js"), mode] })
}

/// The entry of a server of others.
pub(crate) fn others(name: &str, args: &[&str]) -> Value {
    let program = installed(&format!("node_modules/@modelcontextprotocol/server-{name}/dist/index.js"));
    assert!(std::path::Path::new(&program).exists(), "the server is not there: run `bash scripts/test.sh`");
    let mut all = vec![program];
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    json!({ "command": "node", "args": all })
}

/// The tool of this name.
pub(crate) fn tool(listing: &Listing, name: &str) -> Tool {
    let found = listing.tools.iter().find(|tool| tool.name().as_str() == name);
    found.unwrap_or_else(|| panic!("no tool `{name}` in {:?}", names(listing))).clone()
}

/// The names of all tools.
pub(crate) fn names(listing: &Listing) -> Vec<&str> {
    listing.tools.iter().map(|tool| tool.name().as_str()).collect()
}

/// What a server offers.
pub(crate) async fn list(server: &Server) -> Listing {
    server.tools().await.expect("it lists its tools")
}

/// Calls a tool of a server that behaves, which shows that it still does.
pub(crate) async fn echo(server: &Server) {
    let echo = tool(&list(server).await, &format!("{}.echo", server.name()));
    assert_eq!(echo.call(json!({ "text": "hi" })).await, Ok(json!("hi")));
}

/// Waits until a process is gone. A process that nobody has looked after counts as gone.
pub(crate) async fn gone(id: i32) {
    let status = format!("/proc/{id}/stat");
    for _ in 0..600 {
        match std::fs::read_to_string(&status) {
            Ok(stat) if !stat.contains(") Z ") => tokio::time::sleep(Duration::from_millis(10)).await,
            _ => return,
        }
    }
    panic!("process {id} lives on");
}

/// A server of HTTP that runs until this is dropped.
pub(crate) struct Web {
    child: Child,
    pub(crate) port: u16,
}

impl Web {
    /// Starts our server that misbehaves.
    pub(crate) async fn odd() -> Self {
        let mut child = Command::new("node")
            .arg(path("tests/servers/odd_http.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        output.read_line(&mut line).await.expect("it writes its port");
        Self { child, port: line.trim().parse().expect("a port") }
    }

    /// Starts the server of others that has everything.
    pub(crate) async fn everything() -> Self {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let program = installed("node_modules/@modelcontextprotocol/server-everything/dist/index.js");
        let child = Command::new("node")
            .args([program.as_str(), "streamableHttp"])
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Self { child, port };
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the server did not start");
    }

    /// The server behind this path, under the name `s`.
    pub(crate) fn server(&self, path: &str) -> Server {
        server(json!({ "type": "http", "url": format!("http://127.0.0.1:{}{path}", self.port) }))
    }

    /// Ends it.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it runs");
    }
}
