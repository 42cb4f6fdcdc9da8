//! `agentloop check`: looks at a script without running it, and says what it found.

use crate::arguments::CheckArguments;
use crate::config::Config;
use crate::exit::{Complaint, Exit};
use crate::human;
use crate::offer::Offer;
use crate::run::{broken, complain, engine, not_written, runtime, sandbox};
use crate::script::{self, Script};
use crate::terminal::{self, Screen, Tone};
use crate::types;
use agentloop_sandbox::{Finding, Limits, Position, Rule, Sandbox};
use serde::Serialize;

const VERSION: u32 = 1;

/// The object that `--json` prints: version 1 of `docs/check.schema.json`.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    frame: Option<&'a str>,
}

impl<'a> From<&'a Finding> for Found<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.name(),
            message: &finding.message,
            hint: finding.hint.as_deref(),
            line: finding.position.map(|position| position.line),
            column: finding.position.map(|position| position.column),
            frame: finding.frame.as_deref(),
        }
    }
}

/// Checks a script. What was found is the answer; a complaint means that it could not be looked at.
pub(crate) fn check(arguments: &CheckArguments, screen: Screen) -> Result<Exit, Complaint> {
    let config = Config::of(&arguments.tools)?;
    let runtime = runtime()?;
    let offer = runtime.block_on(Offer::open(&arguments.tools, &config, screen))?;
    let sandbox = sandbox(&engine()?, &offer, Limits::default())?;
    runtime.block_on(offer.stop());
    let script = script::read(&arguments.script, sandbox.limits().script_bytes_max)?;
    let mut findings = runtime.block_on(sandbox.check(&script.text)).map_err(|error| complain(&error))?;
    if arguments.types {
        add_types(&mut findings, &sandbox, &script.text)?;
    }
    report(&findings, &script, arguments.json, screen)
}

/// Adds what the TypeScript compiler finds. It is not asked about a text that is no program; and where there is a finding
/// already, that one has the better words.
fn add_types(findings: &mut Vec<Finding>, sandbox: &Sandbox, script: &str) -> Result<(), Complaint> {
    let is_program = findings.iter().all(|finding| !matches!(finding.rule, Rule::Syntax | Rule::NotChecked));
    let (true, Ok(program)) = (is_program, sandbox.program(script)) else { return Ok(()) };
    for found in types::check(&program, &with_search(&sandbox.toolbox().declarations()))? {
        let position = Position { line: found.line, column: found.column };
        if findings.iter().all(|finding| finding.position != Some(position)) {
            findings.push(Finding::of_types(format!("{} ({})", found.message, found.code), position, script));
        }
    }
    findings.sort_by_key(|finding| finding.position.map(|position| (position.line, position.column)));
    Ok(())
}

/// The tools, and what is always there to find them, which `realm.d.ts` declares. No line of a comment begins like this.
fn with_search(declarations: &str) -> String {
    const TOOLS: &str = "declare const tools: ";
    let at = if declarations.starts_with(TOOLS) {
        Some(0)
    } else {
        declarations.find(&format!("\n{TOOLS}")).map(|at| at + 1)
    };
    let (types, tools) = declarations.split_at(at.unwrap_or_default());
    format!("{types}{}", tools.replacen(TOOLS, "declare const tools: ToolSearch & ", 1))
}

/// Says what was found, and how the process ends for it.
pub(crate) fn report(findings: &[Finding], script: &Script, json: bool, screen: Screen) -> Result<Exit, Complaint> {
    if json {
        let report = Report { version: VERSION, findings: findings.iter().map(Found::from).collect() };
        let text = serde_json::to_string(&report).map_err(|error| broken(error.to_string()))?;
        terminal::print_result(&text).map_err(|error| not_written(&error))?;
    } else {
        for finding in findings {
            screen.say(Tone::Error, finding.rule.name(), &finding.message);
            if let Some(frame) = &finding.frame {
                human::show_frame(screen, frame, script.path.as_deref());
            }
            if let Some(hint) = &finding.hint {
                screen.say(Tone::Help, "help", hint);
            }
        }
        let summary = match findings.len() {
            0 => "nothing found: the script is a program, and the calls that can be seen fit the tools on file"
                .to_owned(),
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        screen.say(Tone::Faint, "check", &summary);
    }
    Ok(if findings.is_empty() { Exit::Finished } else { Exit::Findings })
}
