//! What a policy says of one call. No waiting, no counting: the same call gets the same answer.

use super::governed::Origin;
use super::{Decision, Policy, Ready};
use agentloop_sandbox::Effect;
use serde_json::Value;

/// Rules named in one message.
const RULES_SHOWN_MAX: usize = 3;

/// What the rules say of one tool, found out once.
#[derive(Debug)]
pub(super) struct Plan {
    /// The rules with constraints that may decide, in their order.
    pub(super) cases: Vec<usize>,
    /// What is said if none of them does.
    pub(super) otherwise: Decision,
    /// The rule that says so, if one does.
    pub(super) rule: Option<usize>,
    /// Why, if none does.
    pub(super) why: &'static str,
}

/// What is said of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) decision: Decision,
    /// The rule that decided, if one did.
    pub(super) rule: Option<usize>,
    /// The constraint of the rule that was unclear, if one was.
    unclear: Option<usize>,
}

impl Plan {
    pub(super) fn new(policy: &Policy, tool: &str, origin: Origin, effect: Effect) -> Self {
        let mut cases = Vec::new();
        let mut is_confined = false;
        for (index, ready) in policy.rules.iter().enumerate() {
            if !ready.pattern.is_match(tool) {
                continue;
            }
            let decision = ready.rule.decision;
            if !ready.tests.is_empty() {
                is_confined |= decision == Decision::Allow;
                cases.push(index);
            } else if decision != Decision::Allow || !is_confined {
                return Self { cases, otherwise: decision, rule: Some(index), why: "" };
            }
        }
        let (otherwise, why) = match default(origin, effect) {
            (Decision::Allow, _) if is_confined => {
                (Decision::Deny, "no rule of the policy allows it with these arguments")
            }
            default => default,
        };
        Self { cases, otherwise, rule: None, why }
    }

    /// Whether there is no call that could be made.
    pub(super) fn denies_all(&self, policy: &Policy) -> bool {
        let denies = |index: &usize| policy.rule(*index).rule.decision == Decision::Deny;
        self.otherwise == Decision::Deny && self.cases.iter().all(denies)
    }

    pub(super) fn judge(&self, policy: &Policy, arguments: &Value) -> Judgement {
        for index in &self.cases {
            let ready = policy.rule(*index);
            let decision = ready.rule.decision;
            match ready.held(arguments) {
                Ok(()) => return Judgement { decision, rule: Some(*index), unclear: None },
                // What is unclear counts against the call.
                Err(Some(unclear)) if decision != Decision::Allow => {
                    return Judgement { decision, rule: Some(*index), unclear: Some(unclear) };
                }
                Err(_) => {}
            }
        }
        Judgement { decision: self.otherwise, rule: self.rule, unclear: None }
    }

    /// Why a call is asked about.
    pub(super) fn why_asked(&self, policy: &Policy, judgement: Judgement) -> String {
        match judgement.rule {
            Some(index) => format!("{} says to ask", policy.rule(index)),
            None => self.why.to_owned(),
        }
    }

    /// Why a call is denied, for the author of the script, and what to do instead.
    pub(super) fn why_denied(&self, policy: &Policy, judgement: Judgement) -> String {
        let why = match (judgement.rule.map(|index| policy.rule(index)), judgement.unclear) {
            (None, _) => self.why.to_owned(),
            (Some(ready), None) => format!("{ready} denies it"),
            (Some(ready), Some(unclear)) => {
                let term = &ready.rule.when[unclear].argument;
                return format!(
                    "{ready} denies it, as `{term}` is not plain enough to see that the rule does not apply"
                );
            }
        };
        let allowing: Vec<&Ready> = self.cases.iter().map(|index| policy.rule(*index)).filter(allows).collect();
        if allowing.is_empty() {
            return format!("{why}: do without it");
        }
        let terms: Vec<String> = allowing.iter().take(RULES_SHOWN_MAX).map(|ready| terms(ready)).collect();
        let more = if allowing.len() > RULES_SHOWN_MAX { ", and there are more" } else { "" };
        format!("{why}; {}{more}", terms.join("; "))
    }
}

fn allows(ready: &&Ready) -> bool {
    ready.rule.decision != Decision::Deny
}

/// Under which terms a rule lets a call through.
fn terms(ready: &Ready) -> String {
    let verb = if ready.rule.decision == Decision::Ask { "asks about it" } else { "allows it" };
    let terms: Vec<String> = ready.terms().collect();
    format!("{ready} {verb} on these terms: {}", terms.join(", and "))
}

/// What is said of a tool that no rule speaks of.
fn default(origin: Origin, effect: Effect) -> (Decision, &'static str) {
    match (origin, effect) {
        (Origin::Own, _) => (Decision::Allow, "it is the application's own"),
        (Origin::Foreign, Effect::ReadOnly) => (Decision::Allow, "its source says that it changes nothing"),
        (Origin::Foreign, Effect::Additive) => (Decision::Ask, "its source is foreign and says that it adds something"),
        (Origin::Foreign, Effect::Destructive) => {
            (Decision::Ask, "its source is foreign and says that it may change or remove something")
        }
        (Origin::Foreign, _) => (Decision::Ask, "its source is foreign and does not say what calling it may do"),
    }
}
