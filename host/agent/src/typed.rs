//! Answers of a type of the application's.

use crate::agent::{Agent, Turn};
use crate::run::Output;
use crate::transcript::Answer;
use crate::{AgentError, Failure};
use agentloop_sandbox::Schema;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

impl Agent {
    /// Runs one turn to an answer of type `T`. The model is told its JSON Schema; a value that does not fit goes back to it
    /// with what is wrong.
    ///
    /// ```
    /// use agentloop::{Agent, Scripted, Turn};
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize, schemars::JsonSchema)]
    /// struct Sum { total: u32 }
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let model = Scripted::new().script("finish({ total: '42' })").script("finish({ total: 42 })");
    /// let agent = Agent::builder(model).build()?;
    /// let (sum, _) = agent.run_typed::<Sum>(Turn::new("What is 6 times 7?")).await?;
    /// assert_eq!(sum, Sum { total: 42 });
    /// # Ok(()) }
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Agent::run`], and [`AgentError::InvalidAnswer`] when no answer fits after the repairs that are allowed.
    pub async fn run_typed<T: DeserializeOwned + JsonSchema>(&self, turn: Turn) -> Result<(T, Output), Box<Failure>> {
        self.run_to_type(turn, None).await
    }

    pub(crate) async fn run_to_type<T: DeserializeOwned + JsonSchema>(
        &self,
        turn: Turn,
        realm: Option<&agentloop_sandbox::Session>,
    ) -> Result<(T, Output), Box<Failure>> {
        let wrong =
            |why| Failure::before(&turn, AgentError::Configuration(format!("the schema of the answer is none: {why}")));
        let schema = Schema::new(schemars::schema_for!(T).to_value()).map_err(wrong)?;
        let told = format!(
            "End the task with `finish(value)`, where `value` has this JSON Schema:\n\n```json\n{}\n```",
            schema.value()
        );
        let turn = turn.context("The answer", told);
        self.run_checked(turn, realm, &|answer| typed(&schema, answer)).await
    }
}

fn typed<T: DeserializeOwned>(schema: &Schema, answer: &Answer) -> Result<T, String> {
    match answer {
        Answer::Value(value) => match schema.mismatch("the value", value) {
            // A type may refuse what its schema allows.
            None => T::deserialize(value).map_err(|error| error.to_string()),
            Some(mismatch) => Err(mismatch),
        },
        Answer::Text(_) => Err("it is a text; end the task with `finish(value)`".to_owned()),
    }
}
