//! Everything a conversation consists of, as data: stored anywhere, taken up again in another process.

use crate::provider::{NativeCall, ProviderErrorKind, Reply, TokenUsage};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the form. A transcript of another version is refused, not guessed at.
pub const VERSION: u32 = 1;

/// A conversation, the oldest interaction first.
///
/// ```
/// use agentloop::{Interaction, Transcript};
///
/// let mut transcript = Transcript::default();
/// transcript.push(Interaction::User { text: "What is 6 times 7?".to_owned() });
/// let stored = serde_json::to_string(&transcript)?;
/// assert_eq!(serde_json::from_str::<Transcript>(&stored)?, transcript);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Transcript {
    version: u32,
    interactions: Vec<Interaction>,
}

/// A transcript whose version nobody has looked at yet.
#[derive(Deserialize)]
struct Stored {
    version: u32,
    interactions: Vec<Interaction>,
}

impl TryFrom<Stored> for Transcript {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        match stored.version {
            VERSION => Ok(Self { version: VERSION, interactions: stored.interactions }),
            other => Err(format!("a transcript of version {other} cannot be read, only of version {VERSION}")),
        }
    }
}

impl Default for Transcript {
    fn default() -> Self {
        Self { version: VERSION, interactions: Vec::new() }
    }
}

impl Transcript {
    /// The interactions, the oldest first.
    pub fn interactions(&self) -> &[Interaction] {
        &self.interactions
    }

    /// Adds what happened next.
    pub fn push(&mut self, interaction: Interaction) {
        self.interactions.push(interaction);
    }

    /// Where the current turn begins: the last prompt of the user.
    pub fn turn_start(&self) -> usize {
        let is_prompt = |interaction: &Interaction| matches!(interaction, Interaction::User { .. });
        self.interactions.iter().rposition(is_prompt).unwrap_or(0)
    }

    /// The interactions of the current turn.
    pub fn turn(&self) -> &[Interaction] {
        &self.interactions[self.turn_start()..]
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interaction {
    /// The user said something. A turn begins.
    User {
        /// The prompt.
        text: String,
    },
    /// The model said something.
    Model {
        /// Its text.
        text: String,
        /// Its calls of native tools.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        calls: Vec<NativeCall>,
        /// What the reply cost.
        #[serde(default)]
        usage: TokenUsage,
    },
    /// A script of the model's ran, or was refused.
    Script(ScriptReport),
    /// The loop told the model something that is no result: a reply that could not be used, a warning.
    Note {
        /// What it was told.
        text: String,
        /// The native call that it answers, if it answers one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        call_id: Option<String>,
    },
    /// The turn ended with an answer.
    Answer(Answer),
    /// The turn ended without one.
    Error {
        /// The name of the kind: see [`AgentError::kind`](crate::AgentError::kind).
        kind: String,
        /// For a person.
        message: String,
    },
}

impl Interaction {
    /// What a reply leaves in the transcript.
    pub(crate) fn of_reply(reply: &Reply) -> Self {
        Self::Model { text: reply.text.clone(), calls: reply.calls.clone(), usage: reply.usage }
    }
}

/// How a turn was answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// In words.
    Text(String),
    /// By `finish(value)`.
    Value(serde_json::Value),
}

/// A script that ran, and what the model was told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptReport {
    /// The native call that it came by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// The script.
    pub script: String,
    /// Texts given beside it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub literals: BTreeMap<String, String>,
    /// How it ended: `finished`, `threw`, `syntax`, `limit`, `stuck`, `cancelled` or `refused`.
    pub ending: String,
    /// Tools that it called, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallNote>,
    /// What the model is told.
    pub feedback: String,
    /// What the feedback leaves out, by the id under which the next script can read it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
    /// Units of fuel.
    pub fuel: u64,
}

impl ScriptReport {
    /// Whether the script did what it was written for.
    pub fn is_success(&self) -> bool {
        self.ending == "finished"
    }
}

/// One call of a script's, for those who read a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNote {
    /// The tool.
    pub tool: String,
    /// JSON text of the arguments, shortened. Two equal calls have equal ones.
    pub arguments: String,
    /// JSON text of the result, shortened, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// The error, if the call failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<CallError>,
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// The name of the [`ToolErrorKind`](crate::ToolErrorKind), or `cancelled`.
    pub kind: String,
    /// What the script was told.
    pub message: String,
}

/// Bytes of arguments, and of a result, that stand in transcripts and events.
const JSON_BYTES_MAX: usize = 512;

pub(crate) fn shortened(json: &str) -> &str {
    &json[..json.floor_char_boundary(JSON_BYTES_MAX)]
}

/// The name under which a provider error stands in transcripts.
pub(crate) fn provider_error_kind(kind: ProviderErrorKind) -> String {
    format!("provider_{}", kind.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transcript_of_another_version_is_refused() {
        let error = serde_json::from_str::<Transcript>(r#"{"version":2,"interactions":[]}"#).unwrap_err();
        assert_eq!(error.to_string(), "a transcript of version 2 cannot be read, only of version 1");
    }

    #[test]
    fn the_current_turn_begins_at_the_last_prompt() {
        let mut transcript = Transcript::default();
        for text in ["one", "two"] {
            transcript.push(Interaction::User { text: text.to_owned() });
            transcript.push(Interaction::Answer(Answer::Text(text.to_uppercase())));
        }
        assert_eq!(transcript.turn(), &transcript.interactions()[2..]);
    }
}
