//! The account of a run as a table.

use crate::units::{bytes, grouped};
use agentloop_sandbox::{Limits, Usage};
use std::fmt::Write as _;
use std::time::Duration;

/// Tools, and steps, that are listed one by one: those that used most.
const ROWS_MAX: usize = 10;
/// Characters of how a run ended.
const ENDING_CHARACTERS_MAX: usize = 200;

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}

/// Rows with columns of one width. The first column is words, the others are numbers.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
    text
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The table, without a line break at its end.
pub(crate) fn table(usage: &Usage, limits: &Limits, ending: Option<&str>) -> String {
    let ending: String = ending.unwrap_or("not over").chars().take(ENDING_CHARACTERS_MAX).collect();
    let calls = usage.tool_calls.to_string();
    let of = |used: String, allowed: String| vec![used, "of".to_owned(), allowed];
    let named = |name: &str, rest: Vec<String>| [vec![name.to_owned()], rest].concat();
    let totals = [
        named("fuel", of(grouped(usage.fuel), grouped(limits.fuel_max))),
        named("memory", of(bytes(usage.memory_peak_bytes as u64), bytes(limits.memory_bytes_max as u64))),
        named("calls", of(calls, limits.calls_max.to_string())),
        named("bytes in", of(bytes(usage.bytes_in), bytes(limits.bytes_in_max))),
        named("bytes out", of(bytes(usage.bytes_out), bytes(limits.bytes_out_max))),
        named("guest time", of(milliseconds(usage.guest_time), milliseconds(limits.guest_time_max))),
        named("wall time", of(milliseconds(usage.wall_time), milliseconds(limits.wall_time_max))),
        named(
            "waited",
            of(milliseconds(usage.waited), milliseconds(limits.waited_max.unwrap_or(limits.wall_time_max))),
        ),
    ];
    let mut text = format!("ending  {}\n\n{}", crate::terminal::harmless(&ending), aligned(&totals));
    if !usage.tools.is_empty() {
        let _ = write!(text, "\n{}", tools(usage));
    }
    let _ = write!(text, "\n{}", steps(usage));
    text.truncate(text.trim_end().len());
    text
}

fn tools(usage: &Usage) -> String {
    let mut rows = vec![row(&["tool", "calls", "failed", "fuel", "out", "in", "time"])];
    let mut tools: Vec<_> = usage.tools.iter().collect();
    tools.sort_by_key(|(_, tool)| std::cmp::Reverse(tool.time));
    rows.extend(tools.iter().take(ROWS_MAX).map(|(name, tool)| {
        vec![
            crate::terminal::harmless(name),
            tool.calls.to_string(),
            tool.failed.to_string(),
            grouped(tool.fuel),
            bytes(tool.bytes_out),
            bytes(tool.bytes_in),
            milliseconds(tool.time),
        ]
    }));
    aligned(&rows) + &left_out(tools.len(), "tools")
}

fn steps(usage: &Usage) -> String {
    let mut rows = vec![row(&["step", "fuel", "calls", "out", "in", "waited before"])];
    let mut steps: Vec<_> = usage.steps.iter().enumerate().collect();
    steps.sort_by_key(|(_, step)| std::cmp::Reverse(step.fuel));
    steps.truncate(ROWS_MAX);
    steps.sort_by_key(|(index, _)| *index);
    rows.extend(steps.into_iter().map(|(index, step)| {
        vec![
            index.to_string(),
            grouped(step.fuel),
            step.calls.to_string(),
            bytes(step.bytes_out),
            bytes(step.bytes_in),
            milliseconds(step.waited),
        ]
    }));
    aligned(&rows) + &left_out(usage.steps.len(), "steps, which used less")
}

fn left_out(count: usize, what: &str) -> String {
    match count.saturating_sub(ROWS_MAX) {
        0 => String::new(),
        more => format!("and {more} more {what}\n"),
    }
}
