//! Whom to ask whether a call may be made.

use agentloop_sandbox::Effect;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use serde_json::Value;

/// Asks somebody whether a call may be made. The call waits for the answer; the script and its other calls go on, and may ask as
/// well meanwhile. If the run ends first, the future is dropped: take the question back then.
///
/// There is no "always": whoever asks and wants to remember answers, remembers them with the arguments they were given for.
///
/// ```
/// use agentloop_tools::policy::{Answer, Ask, Question};
/// use futures_util::future::{BoxFuture, FutureExt as _};
///
/// struct Terminal;
///
/// impl Ask for Terminal {
///     fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
///         async move { Answer::Refuse(format!("nobody looks at `{}` today", question.tool)) }.boxed()
///     }
/// }
/// ```
pub trait Ask: Send + Sync + 'static {
    /// Asks. One that panics has refused.
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer>;
}

/// What there is to decide.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Question {
    /// The call. Counts from 0 within its run.
    pub id: u32,
    /// The tool.
    pub tool: String,
    /// What calling it may do, as far as its source says.
    pub effect: Effect,
    /// The arguments, which match the tool's schema. They come from the script: neither their size nor what is in a text can be
    /// relied on to be fit for a terminal.
    pub arguments: Value,
    /// Why it is asked, as in "rule 2 of the policy (`github.*`) says to ask".
    pub why: String,
}

/// What becomes of the call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// It is made.
    Allow,
    /// It is not made. The script gets the reason, as an error that it may catch.
    Refuse(String),
    /// It is made with other arguments. They must match the tool's schema, and what the policy denies stays denied.
    Amend(Value),
    /// Nobody can say now: the run is put aside until somebody can, if it [may be](agentloop_sandbox::Run::suspend_on).
    Later,
}

/// For where somebody can be asked later: puts the run aside. Who [resumes](agentloop_sandbox::Sandbox::resume) it brings the answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Later;

impl Ask for Later {
    fn ask(&self, _question: Question) -> BoxFuture<'static, Answer> {
        ready(Answer::Later).boxed()
    }
}

/// For where nobody can be asked: refuses, and says what would have to be in the policy.
///
/// ```
/// # async fn example() -> Result<(), agentloop_tools::Error> {
/// use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
/// use agentloop_tools::policy::{Governed, Nobody, Policy};
/// use std::sync::Arc;
///
/// let send = Tool::instant("mail.send", "Sends a letter.", |_: serde_json::Value| Ok::<_, String>("sent"))?;
/// let governed = Governed::new(&Policy::default()).foreign([send]);
/// let sandbox = Engine::new()?.sandbox(Toolbox::new(governed.tools())?, Limits::default())?;
/// let run = sandbox.prepare("await tools.mail.send({}).catch((error) => error.message)");
/// let outcome = run.gate(governed.gate(Arc::new(Nobody))).finish().await?;
/// assert_eq!(
///     outcome.value::<String>().unwrap().unwrap(),
///     "`mail.send` was not called: its source is foreign and does not say what calling it may do, and nobody is there to be \
///      asked; whoever starts this can allow it by a rule of the policy for `mail.send`"
/// );
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn ask(&self, question: Question) -> BoxFuture<'static, Answer> {
        let Question { why, tool, .. } = question;
        ready(Answer::Refuse(format!(
            "{why}, and nobody is there to be asked; whoever starts this can allow it by a rule of the policy for `{tool}`"
        )))
        .boxed()
    }
}
