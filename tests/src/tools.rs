//! The tools of the suites: honest ones, hostile ones, and ones that break.

use agentloop_sandbox::{Call, Tool, ToolFailure, Toolbox};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Duration;

#[derive(Deserialize, JsonSchema)]
struct Numbers {
    x: f64,
    y: f64,
}

#[derive(Deserialize, JsonSchema)]
struct Failing {
    message: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Sleeping {
    ms: u64,
}

/// `echo` answers with its arguments; `raw({json})` with that text as it stands; `big({bytes})` and `deep({levels})` with
/// JSON of that size or nesting; `add` and the instant `math.add` with a sum; `fail` fails, `panics` panics, `never` does
/// not answer, `slow({ms})` takes its time.
pub fn toolbox() -> &'static Toolbox {
    static TOOLBOX: OnceLock<Toolbox> = OnceLock::new();
    TOOLBOX.get_or_init(|| make().expect("the tools fit together"))
}

fn make() -> Result<Toolbox, agentloop_sandbox::Error> {
    Toolbox::new([
        text_tool("echo", |arguments| arguments.to_string())?,
        text_tool("raw", |arguments| arguments["json"].as_str().unwrap_or_default().to_owned())?,
        text_tool("big", |arguments| format!("\"{}\"", "x".repeat(size(&arguments["bytes"]).saturating_sub(2))))?,
        text_tool("deep", |arguments| nested(size(&arguments["levels"])))?,
        Tool::new("add", "Adds.", |numbers: Numbers| async move { Ok::<_, String>(numbers.x + numbers.y) })?,
        Tool::instant("math.add", "Adds at once.", |numbers: Numbers| Ok::<_, String>(numbers.x + numbers.y))?,
        Tool::new("fail", "Fails.", |failing: Failing| async move {
            Err::<Value, _>(failing.message.unwrap_or_else(|| "it broke".to_owned()))
        })?,
        Tool::untyped("panics", "Panics.", json!({}), |_: Call| async { panic!("the tool's own business") })?,
        Tool::instant("math.panics", "Panics at once.", |_: Value| -> Result<Value, String> {
            panic!("the tool's own business")
        })?,
        Tool::untyped("never", "Never answers.", json!({}), |_: Call| std::future::pending())?,
        Tool::new("slow", "Answers late.", |sleeping: Sleeping| async move {
            tokio::time::sleep(Duration::from_millis(sleeping.ms)).await;
            Ok::<_, String>(sleeping.ms)
        })?,
    ])
}

fn text_tool(name: &str, answer: fn(&Value) -> String) -> Result<Tool, agentloop_sandbox::Error> {
    Tool::untyped(name, "Answers with text.", json!({}), move |call: Call| {
        std::future::ready(Ok::<_, ToolFailure>(answer(&call.arguments)))
    })
}

fn size(value: &Value) -> usize {
    value.as_u64().and_then(|size| usize::try_from(size).ok()).expect("a size")
}

fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}
