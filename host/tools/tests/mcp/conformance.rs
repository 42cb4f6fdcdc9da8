//! What the conformance suite of MCP says of our client. Each test runs the suite, which runs that test once more for each
//! of its scenarios, and then it is the client. The suite knows from a file which failures are expected; one that is not
//! there any more is a failure too.

mod client;

use crate::support::{installed, path};
use std::path::PathBuf;
use tokio::process::Command;

/// Long enough for the busiest machine: nothing here waits for it.
const SCENARIO_MS_MAX: &str = "600000";

/// Set by the suite in the process of a client.
const SCENARIO: &str = "MCP_CONFORMANCE_SCENARIO";

/// The same: what a client is to know besides, as JSON.
const CONTEXT: &str = "MCP_CONFORMANCE_CONTEXT";

/// The suite needs a newer Node than others do, which is installed beside it where there is one for the machine.
fn node() -> String {
    let machine = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    };
    let node = installed(&format!("node_modules/node-linux-{machine}/bin/node"));
    if PathBuf::from(&node).exists() { node } else { "node".to_owned() }
}

async fn conforms(name: &str, version: &str) {
    // The suite appends the address of a server to the command, which to the harness of tests is one more filter.
    if let (Ok(_), Some(url)) = (std::env::var(SCENARIO), std::env::args().next_back()) {
        let context = std::env::var(CONTEXT).map(|text| serde_json::from_str(&text).expect("it is JSON"));
        return client::visit(&url, &context.unwrap_or_default()).await.expect("it does what is wanted of it");
    }
    let suite = installed("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    assert!(PathBuf::from(&suite).exists(), "the suite is not there: run `bash scripts/test.sh`");
    let expected = path(&format!("tests/mcp/conformance/{version}.yml"));
    let test = std::env::current_exe().expect("it has a path");
    let client = format!("{} --nocapture --exact conformance::{name}", test.display());
    let output = Command::new(node())
        .args([&suite, "client", "--command", &client, "--requirements", version, "--timeout", SCENARIO_MS_MAX])
        .args(["--expected-failures", &expected, "--verbose"])
        .kill_on_drop(true)
        .output()
        .await
        .expect("node is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    let summary = said.find("=== SUITE SUMMARY ===").map_or(&*said, |at| &said[at..]);
    assert!(output.status.success(), "{summary}\n{}", String::from_utf8_lossy(&output.stderr));
    // A suite that ran nothing would also be content.
    assert!(summary.contains("✓ tools_call: 2 passed, 0 failed"), "{summary}");
}

#[tokio::test]
async fn our_client_conforms_to_the_older_version() {
    conforms("our_client_conforms_to_the_older_version", "2025-11-25").await;
}

#[tokio::test]
async fn our_client_conforms_to_the_newer_version() {
    conforms("our_client_conforms_to_the_newer_version", "2026-07-28").await;
}
