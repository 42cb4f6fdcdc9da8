//! One call of `execute`: one run, with its progress told, its questions asked and its cancellation obeyed.

use super::asking::{Asking, Manner};
use super::going::{Event, Going, Rest};
use super::{Server, answer, asking};
use agentloop_sandbox::Outcome;
use agentloop_tools::policy::Answer;
use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, ErrorData, InputRequiredResult, ProgressNotificationParam,
};
use rmcp::model::{InputResponses, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Questions that come so soon after one another are put together.
const TOGETHER: Duration = Duration::from_millis(10);

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
pub(super) struct Approve {
    /// The script that waits, as its result names it.
    run: String,
    /// The call that may be made.
    call: u32,
    /// Other arguments for it, if those of the script are to be changed.
    arguments: Option<Value>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reject {
    /// The script that waits, as its result names it.
    run: String,
    /// The call that may not be made.
    call: u32,
    /// Why not. The script can catch it.
    reason: Option<String>,
}

/// What a client brings back for a script that it was given questions of.
pub(super) struct Answers {
    pub(super) run: String,
    pub(super) answers: InputResponses,
}

type Answered = Result<CallToolResponse, ErrorData>;

fn broken(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(format!("agentloop itself broke: {error}"), None)
}

/// Begins a script, and waits for its end or its questions.
pub(super) async fn execute(server: &Server, execute: Execute, context: &RequestContext<RoleServer>) -> Answered {
    let place = tokio::select! {
        place = Arc::clone(&server.places).acquire_owned() => place.map_err(broken)?,
        () = context.ct.cancelled() => return Err(cancelled()),
    };
    let going = Going::begin(server, execute, place).map_err(broken)?;
    follow(server, Arc::new(going), context).await
}

/// Goes on with a script that was given up for questions, whose answers have come.
pub(super) async fn resume(
    server: &Server,
    execute: &Execute,
    answers: Answers,
    context: &RequestContext<RoleServer>,
) -> Answered {
    let wrong = |text: &str| ErrorData::invalid_params(text.to_owned(), None);
    let going = server.parked.find(&answers.run).ok_or_else(|| wrong("`requestState` names no script that waits"))?;
    if going.code != execute.code {
        return Err(wrong("`requestState` belongs to another script"));
    }
    for (key, response) in answers.answers {
        if let Some(call) = asking::call_of(&key) {
            // An answer that comes twice, or for nothing, changes nothing.
            going.settle(call, asking::read(response));
        }
    }
    follow(server, going, context).await
}

pub(super) async fn approve(server: &Server, approve: Approve, context: &RequestContext<RoleServer>) -> Answered {
    let answer = approve.arguments.map_or(Answer::Allow, Answer::Amend);
    settle(server, (&approve.run, approve.call), answer, context).await
}

pub(super) async fn reject(server: &Server, reject: Reject, context: &RequestContext<RoleServer>) -> Answered {
    settle(server, (&reject.run, reject.call), asking::refused(reject.reason), context).await
}

async fn settle(
    server: &Server,
    (run, call): (&str, u32),
    answer: Answer,
    context: &RequestContext<RoleServer>,
) -> Answered {
    let failed = |text: String| Ok(CallToolResult::error(vec![ContentBlock::text(text)]).into());
    let Some(going) = server.parked.find(run) else {
        return failed("No such script waits: it has ended, or has waited too long, or was another one.".to_owned());
    };
    // If nothing is asked any more, what there is to tell is the end.
    if !going.settle(call, answer) && !going.open().is_empty() {
        return failed(format!("Call {call} of this script does not wait for an answer."));
    }
    follow(server, going, context).await
}

/// Waits until a script has ended, or has questions that this client must be given first.
async fn follow(server: &Server, going: Arc<Going>, context: &RequestContext<RoleServer>) -> Answered {
    let manner = Manner::of(context);
    let mut rest = tokio::select! {
        rest = going.rest.lock() => rest,
        () = context.ct.cancelled() => return Err(cancelled()),
    };
    if let Some(told) = &rest.told {
        return Ok(told.clone().into());
    }
    let outcome = tokio::select! {
        biased;
        () = context.ct.cancelled() => {
            going.stop();
            server.parked.forget(&going.id);
            return Err(cancelled());
        }
        outcome = until_end(&going, &mut rest, manner, context) => outcome?,
    };
    let Some(outcome) = outcome else {
        server.parked.put(&going.id, Arc::clone(&going));
        let open = going.open();
        return Ok(match manner {
            Manner::InputRequired => {
                InputRequiredResult::new(Some(asking::required(&open)), Some(going.id.clone())).into()
            }
            Manner::Elicitation | Manner::Tools => answer::waiting(&going.id, &open).into(),
        });
    };
    let told = answer::of(&outcome, server.kit().sandbox.toolbox()).map_err(broken)?;
    rest.told = Some(told.clone());
    server.parked.forget(&going.id);
    Ok(told.into())
}

/// The outcome; or `None` when there are questions that the client cannot be asked meanwhile.
async fn until_end(
    going: &Going,
    rest: &mut Rest,
    manner: Manner,
    context: &RequestContext<RoleServer>,
) -> Result<Option<Outcome>, ErrorData> {
    let mut progress = Progress::new(context);
    let mut asking: Option<Asking> = None;
    loop {
        if asking.is_none()
            && let Some(question) = going.open().first()
        {
            if manner != Manner::Elicitation {
                tokio::time::sleep(TOGETHER).await;
                if !going.open().is_empty() {
                    return Ok(None);
                }
                continue;
            }
            match Asking::begin(&context.peer, question).await {
                Ok(begun) => asking = Some(begun),
                Err(reason) => drop(going.settle(question.id, Answer::Refuse(reason))),
            }
        }
        let event = match &mut asking {
            None => rest.next().await,
            Some(question) => tokio::select! {
                event = rest.next() => event,
                answer = question.answer() => {
                    going.settle(question.call, answer);
                    asking = None;
                    continue;
                }
            },
        };
        match event {
            Event::Word(word) => progress.tell(word).await,
            Event::Asked => {}
            Event::Ended(ended) => {
                if let Some(question) = asking {
                    question.withdraw().await;
                }
                return ended.map_err(broken)?.map(Some).map_err(broken);
            }
        }
    }
}

fn cancelled() -> ErrorData {
    ErrorData::internal_error("the call was cancelled".to_owned(), None)
}

/// Tells a client how it goes, if it wants to know.
struct Progress<'a> {
    peer: &'a Peer<RoleServer>,
    token: Option<ProgressToken>,
    count: f64,
}

impl<'a> Progress<'a> {
    fn new(context: &'a RequestContext<RoleServer>) -> Self {
        Self { peer: &context.peer, token: context.meta.get_progress_token(), count: 0.0 }
    }

    async fn tell(&mut self, word: String) {
        let Some(token) = &self.token else { return };
        self.count += 1.0;
        let progress = ProgressNotificationParam::new(token.clone(), self.count).with_message(word);
        if self.peer.notify_progress(progress).await.is_err() {
            self.token = None;
        }
    }
}
