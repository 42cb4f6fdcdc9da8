//! Tools with canned answers from a file, so that anyone can try a script without a live service.
//!
//! A fixture answers from its file only: it opens nothing, and what a script passes to it goes nowhere.

mod file;
mod responses;

use crate::exit::{Complaint, Exit};
use crate::script;
use agentloop_sandbox::{Call, Tool, Toolbox};
use file::ToolRecord;
use responses::Responses;
use std::path::Path;
use std::sync::Arc;

const FILE_BYTES_MAX: usize = 64 << 20;
const HELP: &str = "see \"Fixtures\" in docs/CLI.md for the format";

/// Reads a file of fixtures.
pub(crate) fn load(path: &Path) -> Result<Vec<Tool>, Complaint> {
    let name = path.display().to_string();
    let bytes = script::read_file(path, FILE_BYTES_MAX).map_err(|error| {
        Complaint::new(
            Exit::NotReadable,
            script::cannot_read("fixtures file", &name, &error),
            "check the path given with --fixtures",
        )
    })?;
    let malformed = |reason: &str| Complaint::new(Exit::Usage, format!("fixtures file `{name}`{reason}"), HELP);
    if bytes.len() > FILE_BYTES_MAX {
        return Err(malformed(&format!(": it is larger than {FILE_BYTES_MAX} bytes")));
    }
    let records = file::parse(&bytes).map_err(|reason| malformed(&reason))?;
    let tools = records
        .into_iter()
        .enumerate()
        .map(|(index, record)| tool(record).map_err(|error| malformed(&format!(", tool {}: {error}", index + 1))));
    let tools = tools.collect::<Result<Vec<Tool>, _>>()?;
    Toolbox::new(tools.iter().cloned()).map_err(|error| malformed(&format!(": {error}")))?;
    Ok(tools)
}

fn tool(record: ToolRecord) -> Result<Tool, agentloop_sandbox::Error> {
    let responses = Arc::new(Responses::new(record.responses));
    let name = record.name.clone();
    let handler = move |call: Call| {
        // Chosen when the call starts: the order of calls, not of their delays, decides who gets which response.
        let response = responses.choose(&call.arguments);
        let refusal = if response.is_none() { responses.no_match(&name, &call.arguments) } else { String::new() };
        async move {
            let response = response.ok_or(refusal)?;
            if let Some(delay) = response.delay {
                tokio::time::sleep(delay).await;
            }
            Ok(response.answer.clone()?)
        }
    };
    let tool = Tool::untyped(&record.name, &record.description, record.input_schema, handler)?;
    Ok(match record.output_schema {
        Some(schema) => tool.output_schema(schema),
        None => tool,
    })
}
