//! A conversation whose scripts share a realm.

use crate::Failure;
use crate::agent::{Agent, Turn};
use crate::run::Output;
use crate::transcript::Transcript;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

/// A conversation with an agent whose scripts share one realm: what the model declares at the top level of one script is there in
/// the next, in the next turn as well. It keeps the transcript, too.
///
/// The [`Limits`](crate::Limits) of the agent hold for all scripts of the session together. A script that is stopped at one of
/// them takes the realm with it; the model is told. What is in the realm lives in memory only: a transcript can be continued in
/// another process, by a session as well, but what its scripts declared is gone there.
///
/// ```
/// use agentloop::{Agent, Answer, Scripted, Turn};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let model = Scripted::new().script("const prices = [3, 4]").text("Noted.").script("finish(prices[0] + prices[1])");
/// let mut session = Agent::builder(model).build()?.session();
/// session.run(Turn::new("The prices are 3 and 4.")).await?;
/// let output = session.run(Turn::new("What is the sum?")).await?;
/// assert_eq!(output.answer, Answer::Value(7.into()));
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct Session {
    agent: Agent,
    realm: agentloop_sandbox::Session,
    transcript: Transcript,
}

impl Session {
    pub(crate) fn new(agent: Agent) -> Self {
        let realm = agent.sandbox.session();
        Self { agent, realm, transcript: Transcript::default() }
    }

    /// Continues a conversation that was stored. Its scripts' variables are not part of it.
    #[must_use]
    pub fn history(mut self, transcript: Transcript) -> Self {
        self.transcript = transcript;
        self
    }

    /// The conversation up to here.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Runs one turn to its answer. Its history is that of the session, whatever the turn has.
    ///
    /// # Errors
    ///
    /// As [`Agent::run`]. The session can go on.
    pub async fn run(&mut self, turn: Turn) -> Result<Output, Box<Failure>> {
        let turn = turn.history(self.transcript.clone());
        let ended = self.agent.run_checked(turn, Some(&self.realm), &|_| Ok(())).await;
        let ((), output) = self.kept(ended)?;
        Ok(output)
    }

    /// Runs one turn to an answer of type `T`; see [`Agent::run_typed`].
    ///
    /// # Errors
    ///
    /// As [`Session::run`], and [`AgentError::InvalidAnswer`](crate::AgentError::InvalidAnswer).
    pub async fn run_typed<T: DeserializeOwned + JsonSchema>(
        &mut self,
        turn: Turn,
    ) -> Result<(T, Output), Box<Failure>> {
        let turn = turn.history(self.transcript.clone());
        let ended = self.agent.run_to_type(turn, Some(&self.realm)).await;
        self.kept(ended)
    }

    /// Keeps the transcript, however the turn ended.
    fn kept<T>(&mut self, ended: Result<(T, Output), Box<Failure>>) -> Result<(T, Output), Box<Failure>> {
        let transcript = match &ended {
            Ok((_, output)) => &output.transcript,
            Err(failure) => &failure.transcript,
        };
        self.transcript.clone_from(transcript);
        ended
    }
}
