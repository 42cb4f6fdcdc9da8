//! How tools stand under a policy, before any call of them.

use super::governed::Origin;
use super::judge::Plan;
use super::{Decision, Policy};
use agentloop_sandbox::Effect;
use serde::Serialize;

/// How a tool stands under a policy: what becomes of calls of it. As JSON it has the fields as they are named here.
///
/// ```
/// use agentloop_sandbox::Tool;
/// use agentloop_tools::policy::{Governed, Must, Policy, Rule};
///
/// let read = Tool::instant("files.read", "Reads a file.", |_: serde_json::Value| Ok::<_, String>(""))?;
/// let policy = Policy::new([Rule::allow("files.*").when("/path", Must::BeBelow("notes".to_owned()))])?;
/// let governed = Governed::new(&policy).own([read]);
/// assert_eq!(
///     serde_json::to_value(governed.standings().next()).unwrap(),
///     serde_json::json!({
///         "tool": "files.read",
///         "origin": "own",
///         "effect": "unmarked",
///         "cases": [{ "rule": 1, "decision": "allow", "when": ["`/path` must be a path below `notes`"] }],
///         "otherwise": "deny",
///         "rule": null,
///         "why": "no rule of the policy allows it with these arguments",
///         "is_left_out": false
///     })
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Standing {
    /// The tool.
    pub tool: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What calling it may do, as far as its source says: the [name](Effect::name) of its effect.
    pub effect: &'static str,
    /// The rules with constraints that speak of it, in the order in which they are tried.
    pub cases: Vec<Case>,
    /// What becomes of calls for which none of these decides.
    pub otherwise: Decision,
    /// The number, from 1, of the rule that says so. Nothing if it is the default.
    pub rule: Option<usize>,
    /// Why, as in "rule 2 of the policy (`github.*`) says so".
    pub why: String,
    /// Whether it is denied whatever its arguments: then scripts do not see it.
    pub is_left_out: bool,
}

/// What a rule with constraints says of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Case {
    /// Its number, from 1.
    pub rule: usize,
    /// What it says.
    pub decision: Decision,
    /// When: each of its constraints in words.
    pub when: Vec<String>,
}

impl Standing {
    pub(super) fn new(policy: &Policy, tool: &str, origin: Origin, effect: Effect, plan: &Plan) -> Self {
        let case = |index: &usize| {
            let rule = policy.rule(*index);
            Case { rule: rule.number, decision: rule.rule.decision, when: rule.terms().collect() }
        };
        Self {
            tool: tool.to_owned(),
            origin,
            effect: effect.name(),
            cases: plan.cases.iter().map(case).collect(),
            otherwise: plan.otherwise,
            rule: plan.rule.map(|index| policy.rule(index).number),
            why: plan.rule.map_or_else(|| plan.why.to_owned(), |index| format!("{} says so", policy.rule(index))),
            is_left_out: plan.denies_all(policy),
        }
    }
}
