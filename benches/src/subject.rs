//! What is measured: a sandbox, and a thread's own runtime to drive it.

use agentloop_sandbox::{Ending, Engine, Limits, Toolbox};
use anyhow::{Context as _, Result, bail, ensure};

/// A sandbox on a single-threaded runtime: the cost of its runs is the cost of the thread.
#[derive(Debug)]
pub struct Subject {
    sandbox: agentloop_sandbox::Sandbox,
    runtime: tokio::runtime::Runtime,
}

impl Subject {
    /// A sandbox with tools and limits.
    ///
    /// # Errors
    ///
    /// When a limit cannot be enforced or the runtime does not start.
    pub fn new(engine: &Engine, toolbox: Toolbox, limits: Limits) -> Result<Self> {
        let sandbox = engine.sandbox(toolbox, limits)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(Self { sandbox, runtime })
    }

    /// A sandbox without tools, under the default limits.
    ///
    /// # Errors
    ///
    /// As [`Subject::new`].
    pub fn plain(engine: &Engine) -> Result<Self> {
        Self::new(engine, Toolbox::default(), Limits::default())
    }

    /// Runs a script in a fresh sandbox and tells how it ended.
    ///
    /// # Errors
    ///
    /// When the host broke.
    pub fn ending(&self, script: &str) -> Result<Ending> {
        Ok(self.runtime.block_on(self.sandbox.run(script))?.ending)
    }

    /// Runs a script in a fresh sandbox and gives the JSON text of its value.
    ///
    /// # Errors
    ///
    /// When it ends in any way but `finished`.
    pub fn run(&self, script: &str) -> Result<String> {
        match self.ending(script)? {
            Ending::Finished(value) => Ok(value.get().to_owned()),
            other => bail!("a measured script did not finish: {other:?}"),
        }
    }

    /// Runs a script and compares its value: a measurement of something else is none.
    ///
    /// # Errors
    ///
    /// As [`Subject::run`], and when the value differs.
    pub fn expect(&self, script: &str, expected: &str) -> Result<()> {
        let value = self.run(script)?;
        ensure!(value == expected, "a measured script answered {value}, not {expected}");
        Ok(())
    }
}

/// The engine, once per process.
///
/// # Errors
///
/// When the machine cannot run it.
pub fn engine() -> Result<Engine> {
    Engine::new().context("the engine did not start")
}
