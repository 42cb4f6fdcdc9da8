//! How somebody behind a client is asked whether a call may be made.

use crate::terminal::harmless;
use agentloop_tools::policy::{Answer, Question};
use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema, EnumSchema, InputRequest,
    InputRequests, ProtocolVersion, ServerRequest,
};
use rmcp::service::{Peer, PeerRequestOptions, RequestContext, RequestHandle, RoleServer, ServiceError};
use serde::Deserialize;
use serde_json::Value;

/// Bytes of the arguments in a question.
const ARGUMENTS_BYTES_MAX: usize = 8 << 10;

const GONE: &str = "whoever was asked has gone";

/// What a client can do for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// It is sent a request for each question, as up to version 2025-11-25.
    Elicitation,
    /// It is given the questions instead of a result, and comes back with the answers, as from version 2026-07-28 on.
    InputRequired,
    /// Neither: the model is given the questions as a result, and answers with tools that its user can refuse.
    Tools,
}

impl Manner {
    pub(super) fn of(context: &RequestContext<RoleServer>) -> Self {
        let capability = context.client_capabilities().and_then(|capabilities| capabilities.elicitation);
        // One that names neither kind means forms, which were there first.
        let has_forms = capability.is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none());
        let is_new = context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        match (has_forms, is_new) {
            (true, false) => Self::Elicitation,
            (true, true) => Self::InputRequired,
            (false, _) => Self::Tools,
        }
    }
}

/// The call of a question, as a person should see it. The arguments come from the script.
pub(super) fn in_words(question: &Question) -> String {
    let arguments = harmless(&question.arguments.to_string());
    let shown = &arguments[..arguments.floor_char_boundary(ARGUMENTS_BYTES_MAX)];
    let cut = match arguments.len() - shown.len() {
        0 => String::new(),
        left => format!("… ({left} bytes are not shown)"),
    };
    format!("tools.{}({shown}{cut})", question.tool)
}

fn form(question: &Question) -> Option<ElicitRequestParams> {
    // Without titles, which clients of older versions do not know.
    let choices = EnumSchema::builder(vec!["approve".to_owned(), "reject".to_owned()]);
    let requested_schema = ElicitationSchema::builder()
        .required_enum_schema("decision", choices.build())
        .optional_string("reason")
        .build()
        .ok()?;
    let message = format!("A script wants to call\n\n{}\n\n{}. May it?", in_words(question), question.why);
    Some(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema })
}

/// A question that a client was sent.
pub(super) struct Asking {
    pub(super) call: u32,
    handle: RequestHandle<RoleServer>,
}

impl Asking {
    pub(super) async fn begin(peer: &Peer<RoleServer>, question: &Question) -> Result<Self, String> {
        let form = form(question).ok_or("there is no form for this question")?;
        let request = ServerRequest::ElicitRequest(ElicitRequest::new(form));
        let sent = peer.send_request_with_option(request, PeerRequestOptions::no_options()).await;
        let handle = sent.map_err(|error| format!("the client cannot be asked: {error}"))?;
        Ok(Self { call: question.id, handle })
    }

    /// Waits for the answer.
    pub(super) async fn answer(&mut self) -> Answer {
        match (&mut self.handle.rx).await {
            Ok(Ok(result)) => serde_json::to_value(result).map_or_else(|_| unclear(), read),
            Ok(Err(ServiceError::McpError(error))) => {
                Answer::Refuse(format!("the client could not ask: {}", error.message))
            }
            Ok(Err(_)) | Err(_) => Answer::Refuse(GONE.to_owned()),
        }
    }

    /// Takes the question back.
    pub(super) async fn withdraw(self) {
        // A client that has gone shows it to nobody.
        let _ = self.handle.cancel(Some("the script has ended".to_owned())).await;
    }
}

/// The questions as what a result needs before it can be given.
pub(super) fn required(questions: &[Question]) -> InputRequests {
    let request = |question| Some(InputRequest::Elicitation(ElicitRequest::new(form(question)?)));
    questions.iter().filter_map(|question| Some((key(question.id), request(question)?))).collect()
}

fn key(call: u32) -> String {
    format!("call-{call}")
}

/// The call that such a key stands for.
pub(super) fn call_of(key: &str) -> Option<u32> {
    key.strip_prefix("call-")?.parse().ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Approve,
    Reject,
}

#[derive(Deserialize)]
struct Filled {
    decision: Decision,
    #[serde(default)]
    reason: Option<String>,
}

/// What a filled form says. What is unclear is no leave.
pub(super) fn read(result: Value) -> Answer {
    let Ok(ElicitResult { action, content, .. }) = serde_json::from_value(result) else { return unclear() };
    match action {
        ElicitationAction::Accept => match content.map(serde_json::from_value::<Filled>) {
            Some(Ok(Filled { decision: Decision::Approve, .. })) => Answer::Allow,
            Some(Ok(Filled { decision: Decision::Reject, reason })) => refused(reason),
            Some(Err(_)) | None => unclear(),
        },
        ElicitationAction::Decline => refused(None),
        _ => Answer::Refuse("whoever was asked did not answer".to_owned()),
    }
}

/// A refusal, with a reason if there is one.
pub(super) fn refused(reason: Option<String>) -> Answer {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    Answer::Refuse(reason.unwrap_or_else(|| "whoever was asked said no".to_owned()))
}

fn unclear() -> Answer {
    Answer::Refuse("the answer of the client cannot be understood".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Answer, read, refused};
    use serde_json::json;

    #[test]
    fn only_a_clear_yes_is_leave() {
        assert_eq!(read(json!({ "action": "accept", "content": { "decision": "approve" } })), Answer::Allow);
        let no = refused(None);
        assert_eq!(read(json!({ "action": "decline" })), no);
        assert_eq!(read(json!({ "action": "accept", "content": { "decision": "reject", "reason": "  " } })), no);
        let reason = json!({ "action": "accept", "content": { "decision": "reject", "reason": "not today" } });
        assert_eq!(read(reason), Answer::Refuse("not today".to_owned()));
        let unclear = [
            json!({ "action": "accept" }),
            json!({ "action": "accept", "content": {} }),
            json!({ "action": "accept", "content": { "decision": true } }),
            json!({ "action": "accept", "content": { "decision": "Approve" } }),
            json!({ "action": "cancel", "content": { "decision": "approve" } }),
            json!({ "action": "decline", "content": { "decision": "approve" } }),
            json!({ "decision": "approve" }),
            json!(null),
            json!("approve"),
        ];
        for result in unclear {
            assert!(matches!(read(result.clone()), Answer::Refuse(_)), "{result}");
        }
    }
}
