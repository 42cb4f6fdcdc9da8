//! The nearest product of the same architecture, modebox: QuickJS in a WebAssembly component under Wasmtime, driven from Python. It is
//! installed from its registry when somebody asks for it, and never part of a build.

use crate::calls;
use crate::ffi::Scope;
use crate::meter::{Cost, cost};
use crate::stopping;
use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// What its column is called.
pub const NAME: &str = "modebox 0.2";

/// Its process, which answers one question at a time.
#[derive(Debug)]
pub struct Peer {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    library: PathBuf,
}

#[derive(Serialize)]
struct Question<'a> {
    script: &'a str,
    count: u32,
    has_tools: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_ms: Option<u128>,
}

#[derive(Deserialize)]
struct Answer {
    cpu_ns: u64,
    wall_ns: u64,
    value: String,
}

impl Peer {
    /// Installs it beside the other tools of this folder, unless it is there, and starts it.
    ///
    /// # Errors
    ///
    /// When Python or its packages are out of reach.
    pub fn start() -> Result<Self> {
        let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
        let library = benches.join("../.tools/peers");
        if !library.join("modebox").is_dir() {
            let mut pip = Command::new("python3");
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
            pip.args(["--root-user-action=ignore", "--target"]);
            pip.arg(&library).arg("-r").arg(benches.join("peers/requirements.txt"));
            ensure!(pip.status().context("python3 did not start")?.success(), "pip could not install modebox");
        }
        let mut process = Command::new("python3")
            .arg(benches.join("peers/measure.py"))
            .env("PYTHONPATH", &library)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("python3 did not start")?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("python3 has no pipes");
        };
        let mut peer = Self { process, questions, answers: BufReader::new(answers), library };
        // What a process pays only once.
        peer.fresh(10)?;
        Ok(peer)
    }

    fn ask(&mut self, question: &Question<'_>, expected: &str) -> Result<Cost> {
        writeln!(self.questions, "{}", serde_json::to_string(question)?)?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line).with_context(|| format!("{NAME} answered `{line}`"))?;
        ensure!(answer.value == expected, "{NAME} answered {}, not {expected}", answer.value);
        let (cpu, wall) = (Duration::from_nanos(answer.cpu_ns), Duration::from_nanos(answer.wall_ns));
        Ok(Cost { cpu, wall, minor_faults: 0, count: question.count })
    }

    /// As [`crate::fresh::ours`].
    ///
    /// # Errors
    ///
    /// When it does not answer 2.
    pub fn fresh(&mut self, count: u32) -> Result<Cost> {
        self.ask(&Question { script: "1+1", count, has_tools: false, stop_ms: None }, "2")
    }

    /// As [`calls::sequential`], with an async handler.
    ///
    /// # Errors
    ///
    /// When the texts do not come back.
    pub fn sequential(&mut self, bytes: u32, count: u32) -> Result<Cost> {
        let (script, expected) = calls::script("echo", bytes, count);
        let run = self.ask(&Question { script: &script, count: 1, has_tools: true, stop_ms: None }, &expected)?;
        Ok(Cost { count, ..run })
    }

    /// As [`calls::parallel`].
    ///
    /// # Errors
    ///
    /// When not all of them are answered.
    pub fn parallel(&mut self) -> Result<Cost> {
        let (script, expected) = calls::parallel_script();
        self.ask(&Question { script: &script, count: 1, has_tools: true, stop_ms: None }, &expected)
    }

    /// As [`stopping::stopped_ms`].
    ///
    /// # Errors
    ///
    /// When the script ends in any other way.
    pub fn stopped_ms(&mut self, script: &str) -> Result<f64> {
        let stop_ms = Some(stopping::TIME.as_millis());
        let cost = self.ask(&Question { script, count: 1, has_tools: false, stop_ms }, "RUN_CPU_TIMEOUT")?;
        Ok(cost.wall_us() / 1e3)
    }

    /// One run of a script that computes.
    ///
    /// # Errors
    ///
    /// When its value is not `expected`.
    pub fn compute(&mut self, script: &str, expected: &str) -> Result<Cost> {
        self.ask(&Question { script, count: 1, has_tools: false, stop_ms: None }, expected)
    }

    /// As [`crate::start::cold`]: its Python included.
    ///
    /// # Errors
    ///
    /// When one does not answer 2.
    pub fn cold(&self, count: u32) -> Result<Cost> {
        cost(Scope::Children, count, || {
            let mut command = Command::new("python3");
            command.args(["-c", "import modebox; print(modebox.run_sync('1+1').value)"]);
            let output = command.env("PYTHONPATH", &self.library).stdin(Stdio::null()).output()?;
            // How its process ends is not what is measured.
            ensure!(output.stdout == b"2\n", "{NAME} failed: {output:?}");
            Ok(())
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
