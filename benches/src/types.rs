//! A script of two kilobytes in TypeScript, and the same without its types: what the types cost.

use crate::ffi::Scope;
use crate::meter::{Cost, cost};
use crate::subject::Subject;
use anyhow::Result;

const TYPESCRIPT: &str = include_str!("../scripts/orders.ts");
const JAVASCRIPT: &str = include_str!("../scripts/orders.js");
const VALUE: &str = r#"[2,["bob:23","ada:20"]]"#;

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
