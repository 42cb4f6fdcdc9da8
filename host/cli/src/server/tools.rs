//! What the server offers: few tools, behind which all others are.

use super::execute::{Approve, Execute, Reject};
use super::{answer, instructions};
use rmcp::model::{Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// What the tool should do, in a few words.
    pub(super) query: String,
    /// How many tools to find. Default 8, at most 50.
    pub(super) limit: Option<u32>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Describe {
    /// The name of the tool, as in `github.create_issue`.
    pub(super) name: String,
}

/// What every client is offered.
pub(super) fn always() -> Vec<Tool> {
    // What a script does is decided by the tools in it, which are under the policy here.
    let executing = ToolAnnotations::new().read_only(false).destructive(true).open_world(true);
    let looking = || ToolAnnotations::new().read_only(true).open_world(false);
    vec![
        Tool::new("execute", instructions::EXECUTE, Arc::default())
            .with_input_schema::<Execute>()
            .with_raw_output_schema(Arc::new(answer::schema()))
            .with_title("Run a script")
            .with_annotations(executing),
        Tool::new(
            "search_tools",
            "Finds tools that scripts can call, by words. Gives their TypeScript declarations.",
            Arc::default(),
        )
        .with_input_schema::<Search>()
        .with_title("Find tools")
        .with_annotations(looking()),
        Tool::new(
            "describe_tool",
            "Gives the TypeScript declaration of one tool that scripts can call.",
            Arc::default(),
        )
        .with_input_schema::<Describe>()
        .with_title("Describe a tool")
        .with_annotations(looking()),
    ]
}

/// For clients that cannot ask their users themselves: they ask before they let a model use a tool.
pub(super) fn of_asking() -> Vec<Tool> {
    let deciding =
        |is_destructive| ToolAnnotations::new().read_only(false).destructive(is_destructive).open_world(true);
    vec![
        Tool::new(
            "approve",
            "Lets a call be made that a script waits for. Only after the user has seen the call and agreed to it. Gives the result \
             of the script, or what it waits for next.",
            Arc::default(),
        )
        .with_input_schema::<Approve>()
        .with_raw_output_schema(Arc::new(answer::schema()))
        .with_title("Approve a call")
        .with_annotations(deciding(true)),
        Tool::new(
            "reject",
            "Refuses a call that a script waits for, with a reason. Gives the result of the script, or what it waits for next.",
            Arc::default(),
        )
        .with_input_schema::<Reject>()
        .with_raw_output_schema(Arc::new(answer::schema()))
        .with_title("Reject a call")
        .with_annotations(deciding(false)),
    ]
}
