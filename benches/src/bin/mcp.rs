//! What it costs to call a tool of an MCP server from a script, compared with calling it through `rmcp` alone:
//! `cargo run --release -p agentloop-benches --bin mcp`, after `bash scripts/test.sh` has installed the servers.
//!
//! Both call `echo` of the official server that has everything, each in a process of its own, in turns.

use agentloop_sandbox::{Engine, Limits, Sandbox, Toolbox};
use agentloop_tools::mcp::Servers;
use anyhow::{Context as _, Result, ensure};
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::TokioChildProcess;
use serde_json::{Value, json};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;

const ROUNDS: usize = 41;

fn main() -> Result<()> {
    ensure!(!cfg!(debug_assertions), "a debug build measures nothing: run it with `--release`");
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let program = program()?;
    let text = json!({ "mcpServers": { "s": { "command": "node", "args": [program] } } }).to_string();
    let servers = Servers::read(&text, &|name| std::env::var(name).ok())?;
    let server = servers.get("s").context("there is no server")?;
    let limits = Limits { calls_max: 10_000, ..Limits::default() };
    let sandbox = Engine::new()?.sandbox(Toolbox::new(server.tools().await?.tools)?, limits)?;
    let mut command = Command::new("node");
    command.arg(&program).stderr(Stdio::null());
    let direct = ().serve(TokioChildProcess::new(command)?).await?;

    writeln!(
        io::stdout(),
        "| text there and back | from a script | through rmcp alone | more |\n| --- | --- | --- | --- |"
    )?;
    for (name, bytes, calls) in [("10 bytes", 10, 50), ("1 KB", 1_000, 50), ("100 KB", 100_000, 5)] {
        let (mut scripted, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            scripted.push(of_script(&sandbox, bytes, calls).await?);
            plain.push(of_rmcp(&direct, bytes, calls).await?);
        }
        let (scripted, plain) = (median(scripted), median(plain));
        let more = 100.0 * (scripted.as_secs_f64() / plain.as_secs_f64() - 1.0);
        writeln!(io::stdout(), "| {name} | {scripted:.1?} | {plain:.1?} | {more:+.1} % |")?;
    }
    direct.cancel().await?;
    server.stop().await;
    Ok(())
}

fn program() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join(".tools/mcp/node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    ensure!(program.exists(), "`{}` is missing: run `bash scripts/test.sh` first", program.display());
    Ok(program)
}

/// Time of one call, with its part of the run around it.
async fn of_script(sandbox: &Sandbox, bytes: usize, calls: u32) -> Result<Duration> {
    let script = format!("for (let i = 0; i < {calls}; i++) await tools.s.echo({{ message: 'x'.repeat({bytes}) }})");
    let begin = Instant::now();
    let outcome = sandbox.prepare(script).finish().await?;
    let time = begin.elapsed() / calls;
    ensure!(outcome.value::<Value>().is_some(), "the script did not end well: {:?}", outcome.ending);
    Ok(time)
}

async fn of_rmcp(direct: &RunningService<RoleClient, ()>, bytes: usize, calls: u32) -> Result<Duration> {
    let begin = Instant::now();
    for _ in 0..calls {
        let arguments = serde_json::Map::from_iter([("message".to_owned(), Value::from("x".repeat(bytes)))]);
        direct.call_tool(CallToolRequestParams::new("echo").with_arguments(arguments)).await?;
    }
    Ok(begin.elapsed() / calls)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
