//! `agentloop audit`: what a script could reach, on one page.

use crate::arguments::AuditArguments;
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::policy::in_words;
use crate::run::{broken, engine, not_written, runtime};
use crate::sources::Source;
use crate::terminal::{self, Screen};
use agentloop_tools::policy::Standing;
use serde::Serialize;
use std::fmt::Write as _;

/// Grows when a field changes its meaning or goes away.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Audit<'a> {
    version: u32,
    /// What the component imports: the only ways out of the sandbox.
    imports: Vec<String>,
    sources: &'a [Source],
    tools: Vec<Standing>,
}

pub(crate) fn audit(arguments: &AuditArguments, screen: Screen) -> Result<Exit, Complaint> {
    let config = Config::of(&arguments.tools)?;
    let runtime = runtime()?;
    let imports = engine()?.imports();
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let audit =
        Audit { version: VERSION, imports, sources: &offer.sources, tools: offer.governed.standings().collect() };
    let text = if arguments.json {
        serde_json::to_string_pretty(&audit).map_err(|error| broken(error.to_string()))
    } else {
        Ok(page(&audit))
    };
    runtime.block_on(offer.stop());
    terminal::print_result(text?.trim_end()).map_err(|error| not_written(&error))?;
    Ok(Exit::Finished)
}

fn page(audit: &Audit<'_>) -> String {
    let mut page = String::from("A script runs in a WebAssembly component that imports these, and nothing else:\n");
    for import in &audit.imports {
        let _ = writeln!(page, "  {import}");
    }
    if audit.sources.is_empty() {
        page.push_str("\nIt has no tools, so it can compute and print, and reach nothing.\n");
    }
    for source in audit.sources {
        let Source { kind, name, reach, tools, notes } = source;
        let _ = writeln!(page, "\n{kind} `{}`: {}", terminal::harmless(name), terminal::harmless(reach));
        let width = tools.iter().map(String::len).max().unwrap_or_default();
        for standing in audit.tools.iter().filter(|standing| tools.contains(&standing.tool)) {
            let decision = if standing.is_left_out { "left out".to_owned() } else { in_words(standing) };
            let Standing { tool, effect, why, .. } = standing;
            let _ = writeln!(page, "  {tool:width$}  {effect:11}  {decision} ({why})");
        }
        for note in notes {
            let _ = writeln!(page, "  note: {}", terminal::harmless(note));
        }
    }
    page
}
