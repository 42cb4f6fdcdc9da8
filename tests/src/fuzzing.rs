//! The bodies of the fuzz targets, where an ordinary test can run them too.

use crate::{engine, still_answers, toolbox};
use agentloop_sandbox::{Call, Ending, Limits, Tool, ToolFailure, Toolbox};
use serde_json::json;
use std::time::Duration;

/// A budget that ends every script within milliseconds.
pub fn small_limits() -> Limits {
    Limits {
        fuel_max: 20_000_000,
        memory_bytes_max: 24 << 20,
        guest_time_max: Duration::from_secs(60),
        calls_max: 16,
        arguments_bytes_max: 4 << 10,
        result_bytes_max: 64 << 10,
        value_bytes_max: 4 << 10,
        console_bytes_max: 4 << 10,
        ..Limits::default()
    }
}

/// Any bytes as a script: it ends, within its limits, and never because the host broke.
pub fn start(bytes: &[u8]) {
    let script = String::from_utf8_lossy(bytes);
    finish(toolbox().clone(), &script);
}

/// A script that takes apart whatever a tool answers.
const DIGEST: &str = "
const seen = [];
for (const tool of [tools.hostile, tools.hostile_failure]) {
    try {
        const value = await tool({});
        console.log(value);
        seen.push(typeof value, JSON.stringify(value), Object.keys(value ?? {}), String({ ...value }.x));
        await tools.echo({ value });
        seen.push(value);
    } catch (error) {
        console.log(error);
        seen.push(error.name, error.kind, error.message);
    }
}
return seen";

/// Any bytes as the result of a tool, and as its failure: the same.
pub fn settle(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let tools = ["hostile", "hostile_failure"].map(|name| {
        let text = text.clone();
        Tool::untyped(name, "Answers with anything.", json!({}), move |_: Call| {
            let answer = if name == "hostile" { Ok(text.clone()) } else { Err(ToolFailure(text.clone())) };
            std::future::ready(answer)
        })
    });
    let echo = Tool::untyped("echo", "Answers with its arguments.", json!({}), |call: Call| {
        std::future::ready(Ok::<_, ToolFailure>(call.arguments.to_string()))
    });
    let tools: Result<Vec<Tool>, _> = tools.into_iter().chain([echo]).collect();
    let toolbox = tools.and_then(Toolbox::new).expect("the tools fit together");
    finish(toolbox, DIGEST);
}

fn finish(toolbox: Toolbox, script: &str) {
    let limits = small_limits();
    let sandbox = engine().sandbox(toolbox, limits.clone()).expect("the limits can be enforced");
    let outcome = crate::block_on(sandbox.prepare(script).clock_ms(0).seed(0).finish());
    let outcome = outcome.unwrap_or_else(|error| panic!("the host broke: {error}"));
    assert!(outcome.usage.fuel <= limits.fuel_max, "{:?}", outcome.usage);
    assert!(outcome.usage.memory_peak_bytes <= limits.memory_bytes_max, "{:?}", outcome.usage);
    assert!(outcome.usage.tool_calls <= limits.calls_max, "{:?}", outcome.usage);
    assert_eq!(outcome.usage.fuel_per_step().iter().sum::<u64>(), outcome.usage.fuel);
    let console: usize = outcome.console.iter().map(|line| line.text.len()).sum();
    assert!(console <= limits.console_bytes_max, "{console} bytes of console");
    if let Ending::Finished(value) = &outcome.ending {
        assert!(value.get().len() <= limits.value_bytes_max, "{} bytes of value", value.get().len());
    }
    still_answers();
}
