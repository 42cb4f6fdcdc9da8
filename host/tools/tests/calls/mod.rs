//! Calls of one tool, as a script in a sandbox makes them.

use agentloop_sandbox::{Ending, Engine, Limits, Tool, Toolbox};
use serde_json::Value;
use std::time::Duration;

pub(crate) trait Calls {
    /// What the tool answers, or what the script is told.
    async fn call(&self, arguments: Value) -> Result<Value, String>;
}

impl Calls for Tool {
    async fn call(&self, arguments: Value) -> Result<Value, String> {
        let hour = Duration::from_secs(60 * 60);
        let limits = Limits {
            memory_bytes_max: 512 << 20,
            value_bytes_max: 64 << 20,
            result_bytes_max: 32 << 20,
            arguments_bytes_max: 32 << 20,
            literals_bytes_max: 32 << 20,
            call_time_max: hour,
            wall_time_max: hour,
            guest_time_max: hour,
            ..Limits::default()
        };
        let toolbox = Toolbox::new([self.clone()]).expect("one tool fits itself");
        let sandbox = Engine::new().expect("it starts").sandbox(toolbox, limits).expect("the limits can be enforced");
        let path: String = self.name().as_str().split('.').map(|segment| format!("['{segment}']")).collect();
        let script = format!("tools{path}(JSON.parse(LiteralLoader('arguments')))");
        let run = sandbox.prepare(script).literal("arguments", arguments.to_string());
        match run.finish().await.expect("the host is well").ending {
            Ending::Finished(value) => Ok(serde_json::from_str(value.get()).expect("it is JSON")),
            Ending::Threw(error) => Err(error.message),
            other => Err(format!("{other:?}")),
        }
    }
}
