//! Tools under a policy, and the gate of a run.

use super::ask::{Answer, Ask, Question};
use super::judge::{Judgement, Plan};
use super::limit::{PerRun, Place};
use super::standing::Standing;
use super::{Decision, Policy};
use agentloop_sandbox::{Attempt, Effect, Tool, ToolLimits, Verdict};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is part of the application, or of a toolkit that the application has opened: what it does was chosen.
    Own,
    /// Somebody else's program answers: an MCP server, say. What it says of itself may be wrong.
    Foreign,
}

/// Tools under a policy. Cheap to clone.
///
/// It takes both: a toolbox of [`Governed::tools`], and a [`Governed::gate`] for each run. Without the gate nothing is decided about
/// calls.
///
/// ```
/// # async fn example() -> Result<(), agentloop_tools::Error> {
/// use agentloop_sandbox::{Engine, Limits, Tool, Toolbox};
/// use agentloop_tools::policy::{Governed, Must, Nobody, Policy, Rule};
/// use std::sync::Arc;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Letter { to: String }
///
/// let send = Tool::new("mail.send", "Sends a letter.", |letter: Letter| async move { Ok::<_, String>(letter.to) })?;
/// let policy = Policy::new([Rule::allow("mail.send").when("/to", Must::Match(".*@example\\.com".to_owned()))])?;
/// let governed = Governed::new(&policy).own([send]);
/// let sandbox = Engine::new()?.sandbox(Toolbox::new(governed.tools())?, Limits::default())?;
///
/// let script = "await tools.mail.send({ to: 'me@example.com' }); await tools.mail.send({ to: 'you@example.org' })";
/// let outcome = sandbox.prepare(script).gate(governed.gate(Arc::new(Nobody))).finish().await?;
/// assert_eq!(outcome.calls.len(), 2);
/// assert!(outcome.value::<String>().is_none());
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Governed {
    policy: Policy,
    table: Arc<BTreeMap<String, Entry>>,
}

#[derive(Clone, Debug)]
struct Entry {
    tool: Tool,
    origin: Origin,
    plan: Arc<Plan>,
}

impl Governed {
    /// No tools yet.
    pub fn new(policy: &Policy) -> Self {
        Self { policy: policy.clone(), table: Arc::default() }
    }

    /// Adds tools of the application's own. Of two with the same name the later counts, whoever adds it.
    #[must_use]
    pub fn own(self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.with(Origin::Own, tools)
    }

    /// Adds tools of a foreign source.
    #[must_use]
    pub fn foreign(self, tools: impl IntoIterator<Item = Tool>) -> Self {
        self.with(Origin::Foreign, tools)
    }

    fn with(mut self, origin: Origin, tools: impl IntoIterator<Item = Tool>) -> Self {
        let table = Arc::make_mut(&mut self.table);
        for mut tool in tools {
            let name = tool.name().to_string();
            let rules = || self.policy.rules.iter().filter(|ready| ready.pattern.is_match(&name));
            if let Some(units) = rules().find_map(|ready| ready.rule.fuel_price) {
                tool = tool.fuel_price(units);
            }
            if let Some(time_max) = rules().find_map(|ready| ready.rule.time_max) {
                tool = tool.time_max(time_max);
            }
            if let Some(bytes_max) = rules().find_map(|ready| ready.rule.bytes_per_run) {
                let limits =
                    ToolLimits { bytes_max: Some(bytes_max), ..tool.own_limits().cloned().unwrap_or_default() };
                tool = tool.limits(limits);
            }
            let plan = Arc::new(Plan::new(&self.policy, &name, origin, tool.effect()));
            table.insert(name, Entry { tool, origin, plan });
        }
        self
    }

    /// The tools for a toolbox, sorted by name, with the prices and the times of the policy. Those that are denied whatever their
    /// arguments are left out.
    pub fn tools(&self) -> Vec<Tool> {
        let left = self.table.values().filter(|entry| !entry.plan.denies_all(&self.policy));
        left.map(|entry| entry.tool.clone()).collect()
    }

    /// How each tool stands, those that are left out included, sorted by name.
    pub fn standings(&self) -> impl Iterator<Item = Standing> {
        self.table
            .iter()
            .map(|(name, entry)| Standing::new(&self.policy, name, entry.origin, entry.tool.effect(), &entry.plan))
    }

    /// What [`Run::gate`](agentloop_sandbox::Run::gate) takes. Make one for each run: [`Rule::calls_per_run`](super::Rule) counts
    /// the calls that go through one gate. A tool that is not among these is refused.
    pub fn gate(
        &self,
        asker: Arc<dyn Ask>,
    ) -> impl Fn(Attempt) -> BoxFuture<'static, Verdict> + Send + Sync + 'static + use<> {
        let per_run = self.policy.rules.iter().map(|ready| ready.rule.calls_per_run.map(PerRun::new)).collect();
        let gate = Arc::new(Gate { governed: self.clone(), per_run, asker });
        move |attempt| gate.decide(attempt)
    }
}

struct Gate {
    governed: Governed,
    /// One for each rule that has such a limit.
    per_run: Vec<Option<Arc<PerRun>>>,
    asker: Arc<dyn Ask>,
}

impl Gate {
    fn decide(self: &Arc<Self>, attempt: Attempt) -> BoxFuture<'static, Verdict> {
        match self.settle(&attempt) {
            Err(reason) => ready(Verdict::Refuse(reason)).boxed(),
            // What the policy would ask about was decided while the run was put aside.
            Ok((judgement, place, _)) if judgement.decision == Decision::Allow || attempt.is_approved => {
                place.keep();
                ready(Verdict::Allow).boxed()
            }
            Ok((judgement, place, entry)) => {
                let (gate, plan) = (Arc::clone(self), Arc::clone(&entry.plan));
                let effect = entry.tool.effect();
                async move { gate.ask(attempt, effect, &plan, judgement, place).await }.boxed()
            }
        }
    }

    /// What the policy says of a call, with a place under the limits if it may be made.
    fn settle(&self, attempt: &Attempt) -> Result<(Judgement, Place, &Entry), String> {
        let Some(entry) = self.governed.table.get(&attempt.tool) else {
            return Err("it is not under the policy of this run: do without it".to_owned());
        };
        let judgement = self.judge(&entry.plan, &attempt.arguments)?;
        Ok((judgement, self.place(judgement)?, entry))
    }

    /// Why not, if the policy denies it.
    fn judge(&self, plan: &Plan, arguments: &Value) -> Result<Judgement, String> {
        let policy = &self.governed.policy;
        let judgement = plan.judge(policy, arguments);
        match judgement.decision {
            Decision::Deny => Err(plan.why_denied(policy, judgement)),
            Decision::Allow | Decision::Ask => Ok(judgement),
        }
    }

    fn place(&self, judgement: Judgement) -> Result<Place, String> {
        let Some(index) = judgement.rule else { return Ok(Place::default()) };
        let rule = self.governed.policy.rule(index);
        let taken = Place::take(self.per_run[index].as_ref(), rule.per_minute.as_ref());
        taken.map_err(|limit| format!("{rule} {limit}"))
    }

    /// Waits for the answer. The place is held meanwhile, and free again if the call is not made.
    async fn ask(&self, attempt: Attempt, effect: Effect, plan: &Plan, judgement: Judgement, place: Place) -> Verdict {
        let why = plan.why_asked(&self.governed.policy, judgement);
        let Attempt { id, tool, arguments, .. } = attempt;
        let question = Question { id, tool, effect, arguments, why };
        let answer = AssertUnwindSafe(async { self.asker.ask(question).await }).catch_unwind().await;
        match answer {
            Ok(Answer::Allow) => {
                place.keep();
                Verdict::Allow
            }
            Ok(Answer::Later) => Verdict::Suspend,
            Ok(Answer::Refuse(reason)) if reason.is_empty() => Verdict::Refuse("it was refused".to_owned()),
            Ok(Answer::Refuse(reason)) => Verdict::Refuse(reason),
            Ok(Answer::Amend(amended)) => match self.amend(plan, &amended, judgement, place) {
                Ok(()) => Verdict::Amend(amended),
                Err(reason) => Verdict::Refuse(format!("with the amended arguments, {reason}")),
            },
            Err(_) => Verdict::Refuse("whoever was to be asked failed: do without it".to_owned()),
        }
    }

    /// Whether a call may be made as it was amended. What the policy would ask about was just decided.
    fn amend(&self, plan: &Plan, amended: &Value, before: Judgement, place: Place) -> Result<(), String> {
        let judgement = self.judge(plan, amended)?;
        let place = if judgement.rule == before.rule { place } else { self.place(judgement)? };
        place.keep();
        Ok(())
    }
}
