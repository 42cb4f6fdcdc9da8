//! `agentloop tools`: what scripts may call.

use crate::arguments::ToolsArguments;
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::offer::Offer;
use crate::run::{broken, not_written, runtime};
use crate::terminal::{self, Screen, Tone};
use agentloop_sandbox::{Tool, Toolbox};
use agentloop_tools::policy::Standing;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

const DESCRIPTION_CHARACTERS_MAX: usize = 80;

#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    description: &'a str,
    effect: &'static str,
    policy: String,
    input_schema: &'a Value,
    output_schema: Option<&'a Value>,
}

pub(crate) fn list(arguments: &ToolsArguments, screen: Screen) -> Result<Exit, Complaint> {
    let config = Config::of(&arguments.tools)?;
    let runtime = runtime()?;
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let text = text(arguments, &offer);
    let is_empty = offer.toolbox.iter().next().is_none();
    runtime.block_on(offer.stop());
    let text = text?;
    if is_empty {
        screen.say(
            Tone::Help,
            "help",
            "there are no tools: --files, --http-host, --mcp, --fixtures or --config give some",
        );
    } else if text.is_empty() {
        screen.say(Tone::Help, "help", "no tool has this in its name; leave the filter out to see all");
    }
    if !text.is_empty() {
        terminal::print_result(text.trim_end()).map_err(|error| not_written(&error))?;
    }
    Ok(Exit::Finished)
}

fn text(arguments: &ToolsArguments, offer: &Offer) -> Result<String, Complaint> {
    let wanted = arguments.filter.as_deref().unwrap_or_default().to_lowercase();
    let tools = offer.toolbox.iter().filter(|tool| tool.name().as_str().to_lowercase().contains(&wanted));
    if arguments.dts {
        // A part of a toolbox fits together as the whole does.
        let part = Toolbox::new(tools.cloned()).map_err(|error| broken(error.to_string()))?;
        return Ok(part.declarations());
    }
    let standings: BTreeMap<String, Standing> =
        offer.governed.standings().map(|standing| (standing.tool.clone(), standing)).collect();
    let entries: Vec<Entry<'_>> = tools.map(|tool| entry(tool, &standings)).collect();
    if arguments.json {
        return serde_json::to_string_pretty(&entries).map_err(|error| broken(error.to_string()));
    }
    let width = entries.iter().map(|entry| entry.name.len()).max().unwrap_or_default();
    let line = |entry: &Entry<'_>| {
        let what = shortened(entry.description.lines().next().unwrap_or_default());
        format!("{:width$}  {:11}  {:5}  {what}\n", entry.name, entry.effect, entry.policy)
    };
    Ok(entries.iter().map(line).collect())
}

/// What fits beside a name on a line.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(DESCRIPTION_CHARACTERS_MAX) {
        None => terminal::harmless(line),
        Some((end, _)) => format!("{}…", terminal::harmless(&line[..end])),
    }
}

fn entry<'a>(tool: &'a Tool, standings: &BTreeMap<String, Standing>) -> Entry<'a> {
    Entry {
        name: tool.name().as_str(),
        description: tool.description(),
        effect: tool.effect().name(),
        policy: standings.get(tool.name().as_str()).map(crate::policy::in_words).unwrap_or_default(),
        input_schema: tool.input_schema(),
        output_schema: tool.result_schema(),
    }
}
