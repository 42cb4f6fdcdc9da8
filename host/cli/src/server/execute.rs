//! One call of `execute`: one run, with its progress told and its cancellation obeyed.

use super::{Server, answer};
use agentloop_sandbox::{CallChange, CallEvent, CallStatus};
use agentloop_tools::policy::Nobody;
use rmcp::model::{CallToolResult, ErrorData, ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Words of progress that may wait to be sent. A client that reads slowly misses some.
const WORDS_MAX: usize = 64;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Execute {
    /// The script: JavaScript or TypeScript, the body of an async function.
    pub(super) code: String,
    /// Long texts that the script takes by LiteralLoader("id"), so that they need no escaping.
    #[serde(default)]
    pub(super) literals: BTreeMap<String, String>,
}

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

pub(super) async fn execute(
    server: &Server,
    execute: Execute,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let broken = |error: String| ErrorData::internal_error(format!("agentloop itself broke: {error}"), None);
    let _place = tokio::select! {
        place = server.places.acquire() => place.map_err(|error| broken(error.to_string()))?,
        () = context.ct.cancelled() => return Err(broken("the call was cancelled before it began".to_owned())),
    };
    let mut run = server.sandbox.prepare(execute.code).cancel_on(context.ct.clone());
    for (id, text) in execute.literals {
        run = run.literal(id, text);
    }
    run = run.gate(server.offer.gate(Arc::new(Nobody)));
    let mut telling = None;
    if let Some(token) = context.meta.get_progress_token() {
        let (told, task) = told(context.peer.clone(), token);
        telling = Some(task);
        run = run.on_call(move |event| {
            if let Some(word) = word(event) {
                // A full queue is a client that does not read.
                let _ = told.try_send(word);
            }
        });
    }
    let outcome = run.finish().await.map_err(|error| broken(error.to_string()))?;
    if let Some(task) = telling {
        // The protocol knows no progress of what is over.
        let _ = task.await;
    }
    answer::of(&outcome, server.sandbox.toolbox()).map_err(broken)
}

fn word(event: &CallEvent<'_>) -> Option<String> {
    let tool = event.tool;
    match &event.change {
        CallChange::Started { .. } => Some(format!("calls {tool}")),
        CallChange::Progress { message, .. } => Some(format!("{tool}: {message}")),
        CallChange::Ended { status: CallStatus::Failed(_), .. } => Some(format!("{tool} failed")),
        _ => None,
    }
}

/// Sends what is put into it as notifications, one after the other. The task ends with the run.
fn told(peer: Peer<RoleServer>, token: ProgressToken) -> (mpsc::Sender<String>, JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel::<String>(WORDS_MAX);
    let task = tokio::spawn(async move {
        let mut count = 0.0;
        while let Some(word) = receiver.recv().await {
            count += 1.0;
            let progress = ProgressNotificationParam::new(token.clone(), count).with_message(word);
            if peer.notify_progress(progress).await.is_err() {
                return;
            }
        }
    });
    (sender, task)
}
