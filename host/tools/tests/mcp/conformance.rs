//! What the conformance suite of MCP says of our client. It tests the example `conformance_client`, and knows from a file
//! which failures are expected; one that is not there any more is a failure too.

use crate::support::{installed, path};
use std::path::PathBuf;
use tokio::process::Command;

/// Long enough for the busiest machine: nothing here waits for it.
const SCENARIO_MS_MAX: &str = "600000";

/// The suite needs a newer Node than others do, which is installed beside it where there is one for the machine.
fn node() -> String {
    let machine = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    };
    let node = installed(&format!("node_modules/node-linux-{machine}/bin/node"));
    if PathBuf::from(&node).exists() { node } else { "node".to_owned() }
}

/// The example. Cargo builds it with all tests, though not with this one alone.
fn client() -> String {
    let test = std::env::current_exe().expect("it has a path");
    let folder = test.ancestors().nth(2).expect("it is in the folder `deps` of the target folder");
    let client = folder.join("examples/conformance_client");
    assert!(client.exists(), "the example is not there: build it with `cargo build --examples` of the same profile");
    client.to_str().expect("its path is UTF-8").to_owned()
}

async fn conforms(version: &str) {
    let suite = installed("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    assert!(PathBuf::from(&suite).exists(), "the suite is not there: run `bash scripts/test.sh`");
    let expected = path(&format!("tests/conformance/{version}.yml"));
    let output = Command::new(node())
        .args([&suite, "client", "--command", &client(), "--requirements", version, "--timeout", SCENARIO_MS_MAX])
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
    conforms("2025-11-25").await;
}

#[tokio::test]
async fn our_client_conforms_to_the_newer_version() {
    conforms("2026-07-28").await;
}
