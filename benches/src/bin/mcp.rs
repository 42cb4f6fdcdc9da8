//! What it costs to call a tool of an MCP server from a script, compared with calling it through `rmcp` alone:
//! `cargo run --release -p agentloop-benches --bin mcp`, after `bash scripts/test.sh` has installed the servers.
//!
//! Both call `echo` of the official server that has everything, each in a process of its own, in turns, on one thread. So
//! does a script a tool of this process, which is what the sandbox costs by itself.

use agentloop_benches::ffi::Scope;
use agentloop_benches::meter::{Cost, cost};
use agentloop_benches::series::Series;
use agentloop_sandbox::{Engine, Limits, Sandbox, Tool, Toolbox};
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
use tokio::process::Command;
use tokio::runtime::Runtime;

const ROUNDS: usize = 41;

fn main() -> Result<()> {
    ensure!(!cfg!(debug_assertions), "a debug build measures nothing: run it with `--release`");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let program = program()?;
    let text = json!({ "mcpServers": { "s": { "command": "node", "args": [program] } } }).to_string();
    let servers = Servers::read(&text, &|name| std::env::var(name).ok())?;
    let server = servers.get("s").context("there is no server")?;
    let mut tools = runtime.block_on(server.tools())?.tools;
    tools.push(Tool::new("echo", "Answers with its arguments.", |value: Value| async move { Ok::<_, String>(value) })?);
    let limits = Limits { calls_max: 10_000, ..Limits::default() };
    let sandbox = Engine::new()?.sandbox(Toolbox::new(tools)?, limits)?;
    let mut command = Command::new("node");
    command.arg(&program).stderr(Stdio::null());
    let direct = runtime.block_on(async { anyhow::Ok(().serve(TokioChildProcess::new(command)?).await?) })?;

    let mut out = io::stdout();
    writeln!(
        out,
        "Time of one call on the clock, and processor time of this process, in µs; medians of {ROUNDS} rounds.\n"
    )?;
    writeln!(
        out,
        "| text there and back | from a script | a tool of this process | through rmcp alone | the client adds |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for (name, bytes, calls) in [("10 bytes", 10, 50), ("1 KB", 1_000, 50), ("100 KB", 100_000, 5)] {
        let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            rounds[0].push(of_script(&runtime, &sandbox, "tools.s.echo", bytes, calls)?);
            rounds[1].push(of_script(&runtime, &sandbox, "tools.echo", bytes, calls)?);
            rounds[2].push(of_rmcp(&runtime, &direct, bytes, calls)?);
        }
        let [script, own, rmcp] = rounds.map(|rounds| median(&rounds, calls));
        let adds = |script: f64, own: f64, rmcp: f64| 100.0 * ((script - own) / rmcp - 1.0);
        let shown = |(wall, cpu): (f64, f64)| format!("{wall:.0} ({cpu:.0})");
        let (wall, cpu) = (adds(script.0, own.0, rmcp.0), adds(script.1, own.1, rmcp.1));
        let columns = [name.to_owned(), shown(script), shown(own), shown(rmcp), format!("{wall:+.0} % ({cpu:+.0} %)")];
        writeln!(out, "| {} |", columns.join(" | "))?;
    }
    runtime.block_on(direct.cancel())?;
    runtime.block_on(server.stop());
    Ok(())
}

fn program() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join(".tools/mcp/node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    ensure!(program.exists(), "`{}` is missing: run `bash scripts/test.sh` first", program.display());
    Ok(program)
}

/// So many calls in one run, which is in it.
fn of_script(runtime: &Runtime, sandbox: &Sandbox, tool: &str, bytes: usize, calls: u32) -> Result<Cost> {
    let script = format!(
        "const message = 'x'.repeat({bytes}); for (let i = 0; i < {calls}; i++) await {tool}({{ message }}); return true"
    );
    cost(Scope::Thread, 1, || {
        let outcome = runtime.block_on(sandbox.prepare(script.as_str()).finish())?;
        ensure!(outcome.value::<bool>().is_some(), "the script did not end well: {:?}", outcome.ending);
        Ok(())
    })
}

fn of_rmcp(runtime: &Runtime, direct: &RunningService<RoleClient, ()>, bytes: usize, calls: u32) -> Result<Cost> {
    let message = "x".repeat(bytes);
    cost(Scope::Thread, 1, || {
        runtime.block_on(async {
            for _ in 0..calls {
                let arguments = serde_json::Map::from_iter([("message".to_owned(), Value::from(message.as_str()))]);
                direct.call_tool(CallToolRequestParams::new("echo").with_arguments(arguments)).await?;
            }
            Ok(())
        })
    })
}

/// Of one call: time on the clock, and processor time.
fn median(rounds: &[Cost], calls: u32) -> (f64, f64) {
    let middle = |of: fn(&Cost) -> f64| Series(rounds.iter().map(of).collect()).median() / f64::from(calls);
    (middle(Cost::wall_us), middle(Cost::cpu_us))
}
