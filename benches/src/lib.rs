//! Measures agentloop against native QuickJS-NG built from the same source.
//!
//! A library only so that the table (`src/bin/table.rs`) and the Criterion benches measure the same code. Times are
//! processor time wherever that means anything: it stays true on a busy machine.

pub mod apart;
pub mod calls;
pub mod compute;
pub mod ffi;
pub mod fresh;
pub mod machine;
pub mod meter;
pub mod peer;
pub mod record;
pub mod report;
pub mod series;
pub mod start;
pub mod stopping;
pub mod subject;
pub mod table;
pub mod turns;
pub mod types;
pub mod waiting;
