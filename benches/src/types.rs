//! A script of two kilobytes where three tools are declared: in JavaScript, in TypeScript, and natively, where there are no tools.

use crate::ffi::{Scope, run_native};
use crate::meter::{Cost, cost};
use crate::subject::Subject;
use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
use anyhow::{Result, ensure};
use schemars::JsonSchema;
use serde::Deserialize;
use std::ffi::CString;

const TYPESCRIPT: &str = include_str!("../scripts/orders.ts");
const JAVASCRIPT: &str = include_str!("../scripts/orders.js");
const VALUE: &str = r#"[2,["bob:23","ada:20"]]"#;
const NATIVE_VALUE: &str = "2,bob:23,ada:20";

#[derive(Deserialize, JsonSchema)]
struct Order {
    id: u32,
    note: Option<String>,
}

/// A sandbox with three tools, under the default limits.
///
/// # Errors
///
/// When the sandbox cannot be made.
pub fn subject(engine: &Engine) -> Result<Subject> {
    let tool =
        |name, description| Tool::instant(name, description, |order: Order| Ok::<_, String>((order.id, order.note)));
    let tools = [
        tool("orders.get", "Reads an order.")?,
        tool("orders.cancel", "Cancels an order.")?,
        tool("orders.annotate", "Adds a note to an order.")?,
    ];
    Subject::new(engine, Toolbox::new(tools)?, Limits::default())
}

/// `count` runs of the script with its types.
///
/// # Errors
///
/// When a run answers otherwise.
pub fn typescript(subject: &Subject, count: u32) -> Result<Cost> {
    cost(Scope::Thread, count, || subject.expect(TYPESCRIPT, VALUE))
}

/// `count` runs of the script without them.
///
/// # Errors
///
/// When a run answers otherwise.
pub fn javascript(subject: &Subject, count: u32) -> Result<Cost> {
    cost(Scope::Thread, count, || subject.expect(JAVASCRIPT, VALUE))
}

/// `count` runs of it, each in a new native runtime and context.
///
/// # Errors
///
/// When a run answers otherwise.
pub fn native(count: u32) -> Result<Cost> {
    let script = CString::new(JAVASCRIPT)?;
    cost(Scope::Thread, count, || {
        let value = run_native(&script)?;
        ensure!(value == NATIVE_VALUE, "the native script answered {value}");
        Ok(())
    })
}
