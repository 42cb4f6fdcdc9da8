//! What it costs to record a run, to run its journal again, and to put a run aside and resume it:
//! `cargo run --release -p agentloop-benches --bin runs`.

use agentloop_benches::ffi::Scope;
use agentloop_benches::meter::{Cost, cost};
use agentloop_sandbox::{
    CancellationToken, Ending, Engine, Journal, Key, Limits, Moment, Outcome, Run, Sandbox, Sink, Suspended, Terms,
    Tool, Toolbox, Verdict,
};
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

const ROUNDS: usize = 41;
const CALLS: &str = "for (let i = 0; i < 1_000; i++) await tools.echo({ i })";
const SMALL: &str = "await tools.echo({ n: 1 })";
/// Of the objects, about 1 MB of memory is in use.
const LARGE: &str = "const list = Array.from({ length: 7_800 }, (_, id) => ({ id, name: 'item ' + id }));
    await Promise.all(Array.from({ length: 32 }, (_, n) => tools.echo({ n }))); return list.length";

/// A file, without waiting for the disk.
struct Plain(File);

impl Sink for Plain {
    fn append(&mut self, lines: &[u8], _moment: Moment) -> io::Result<()> {
        self.0.write_all(lines)
    }
}

struct Bench {
    runtime: Runtime,
    sandbox: Sandbox,
    key: Key,
}

fn main() -> Result<()> {
    ensure!(!cfg!(debug_assertions), "a debug build measures nothing: run it with `--release`");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let echo =
        Tool::new("echo", "Answers with its arguments.", |value: Value| std::future::ready(Ok::<_, String>(value)))?;
    let limits = Limits { calls_max: 2_000, ..Limits::default() };
    let sandbox = Engine::new()?.sandbox(Toolbox::new([echo])?, limits)?;
    let bench = Bench { runtime, sandbox, key: Key::random()? };
    let mut out = io::stdout();
    writeln!(out, "Processor time, medians of {ROUNDS} rounds in turns.\n")?;
    bench.recording(&mut out)?;
    for (name, script) in [("a small script", SMALL), ("1 MB of objects, 32 waiting calls", LARGE)] {
        bench.putting_aside(&mut out, name, script)?;
    }
    Ok(())
}

impl Bench {
    fn finish(&self, run: Run) -> Result<Outcome> {
        Ok(self.runtime.block_on(run.finish())?)
    }

    fn once(&self, mut work: impl FnMut() -> Result<()>) -> Result<Cost> {
        cost(Scope::Thread, 1, &mut work)
    }

    fn recording(&self, out: &mut impl Write) -> Result<()> {
        let path = std::env::temp_dir().join(format!("agentloop-runs-{}.jsonl", std::process::id()));
        let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            rounds[0].push(self.once(|| self.finish(self.sandbox.prepare(CALLS)).map(drop))?);
            let mut file = Some(Plain(File::create(&path)?));
            rounds[1].push(self.once(|| {
                let Some(file) = file.take() else { bail!("it runs once") };
                self.finish(self.sandbox.prepare(CALLS).record(file)).map(drop)
            })?);
            let journal = std::fs::read(&path)?;
            rounds[2].push(self.once(|| {
                let replayed = self.runtime.block_on(Engine::new()?.replay(Journal::read(&journal)?))?;
                ensure!(replayed.divergence.is_none(), "the replay differs");
                Ok(())
            })?);
        }
        std::fs::remove_file(&path)?;
        let [plain, recorded, replayed] = rounds.map(median);
        writeln!(
            out,
            "1,000 calls of a tool that answers at once: {plain:.2} ms; recorded in a file: {recorded:.2} ms"
        )?;
        writeln!(out, "  recording adds {:.1} µs a call", recorded - plain)?;
        writeln!(out, "  its journal, read and run again: {replayed:.2} ms")?;
        Ok(())
    }

    fn putting_aside(&self, out: &mut impl Write, name: &str, script: &str) -> Result<()> {
        let terms = Terms { tenant: String::new(), expires: SystemTime::now() + Duration::from_secs(3_600) };
        let refuse = |run: Run| run.gate(|_| async { Verdict::Refuse("no".to_owned()) });
        let (mut straight, mut aside, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            straight.push(self.once(|| self.finish(refuse(self.sandbox.prepare(script))).map(drop))?);
            aside.push(self.once(|| {
                let run = self.sandbox.prepare(script).suspend_on(CancellationToken::new());
                let outcome = self.finish(run.gate(|_| async { Verdict::Suspend }))?;
                let Ending::Suspended(suspended) = outcome.ending else { bail!("it was not put aside") };
                let sealed = suspended.seal(&self.key, &terms)?;
                bytes = sealed.len();
                let opened = Suspended::open(&self.key, "", &sealed)?;
                self.finish(refuse(self.sandbox.resume(opened)?)).map(drop)
            })?);
        }
        let (straight, aside) = (median(straight), median(aside));
        writeln!(out, "{name}: {:.2} ms to put it aside, seal, open and resume; {bytes} bytes", aside - straight)?;
        Ok(())
    }
}

/// In milliseconds.
fn median(mut rounds: Vec<Cost>) -> f64 {
    rounds.sort_by_key(|cost| cost.cpu);
    rounds[rounds.len() / 2].cpu_us() / 1_000.0
}
