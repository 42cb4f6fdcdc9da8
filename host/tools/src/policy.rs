//! A policy over tools: which calls are made, which somebody is asked about, and which are refused.
//!
//! This module decides about calls, by the name of their tool and by their arguments, and counts them. It looks at what a script
//! says and never at the world: it opens no path, resolves no name, follows no link.
//!
//! A [`Policy`] is a list of [`Rule`]s. [`Governed`] holds the tools it is applied to, and gives what a run needs: the tools that
//! are left, and a gate for [`Run::gate`](agentloop_sandbox::Run::gate).
//!
//! # How a call is decided
//!
//! The rules are tried in their order. The first one whose pattern matches the tool, and whose constraints hold, decides. A rule
//! whose constraints do not hold is passed over. If no rule decides, the default does:
//!
//! | | read-only | other, or unmarked |
//! | --- | --- | --- |
//! | the application's own tools | allow | allow |
//! | tools of a foreign source | allow | ask |
//!
//! **An `allow` rule with constraints confines its tools.** Once it was passed over, a later `allow` rule without constraints does
//! not decide any more, nor does a default that allows: what remains are rules that ask or deny, other `allow` rules whose
//! constraints hold, a default that asks, or else a refusal. So a constraint means what it says whatever comes after it:
//!
//! ```text
//! allow  files.read   when `/path` must be a path below `notes`     1
//! ask    files.read   when `/path` must be a path below `letters`   2
//! allow  *                                                          3
//! ```
//!
//! `files.read` of `notes/a` is allowed, of `letters/b` asked about, of `etc/c` refused, and without a path refused. All other
//! tools are allowed. (Were rule 3 to decide about `etc/c`, rule 1 would say nothing at all.) Rules that ask or deny by constraints
//! do not confine: they leave all other calls to what comes after them.
//!
//! **What is unclear counts against the call.** A missing argument satisfies no constraint. One that is there but of another type,
//! or which programs read in different ways (`https://good.example\@evil.test`, `a\..\b`, see [`Must`]), satisfies no constraint of
//! an `allow` rule, and every constraint of a rule that asks or denies.
//!
//! A constraint speaks of the argument it names and of no other. Rules that deny by constraints catch what is written in them, and
//! there is often another way to write it (a link, upper case on some file systems): where it matters, allow what is right instead
//! of denying what is wrong.
//!
//! # Limits
//!
//! [`Rule::calls_per_run`] and [`Rule::calls_per_minute`] count the calls that the rule let through, after asking if it asks. A
//! call over a limit is refused: no later rule is tried. The script is told which limit it was, and when there is a place again.

mod ask;
mod below;
mod constraint;
mod governed;
mod host;
mod judge;
mod limit;
mod pattern;
mod standing;

pub use ask::{Answer, Ask, Later, Nobody, Question};
pub use constraint::{Constraint, Must};
pub use governed::{Governed, Origin};
pub use standing::{Case, Standing};

use crate::Error;
use constraint::{Held, Test};
use limit::{CALLS_PER_MINUTE_MAX, PerMinute};
use pattern::Pattern;
use serde::Serialize;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A longer policy is refused.
const RULES_MAX: usize = 1_000;

/// A rule with more constraints is refused.
const CONSTRAINTS_MAX: usize = 32;

/// What a rule says about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is made.
    Allow,
    /// Somebody is asked.
    Ask,
    /// It is refused.
    Deny,
}

/// A line of a policy: for which tools, when, and what.
///
/// ```
/// use agentloop_tools::policy::{Must, Policy, Rule};
///
/// let policy = Policy::new([
///     Rule::deny("github.delete_*"),
///     Rule::allow("github.*").when("/owner", Must::Equal("octocat".into())).calls_per_minute(30),
///     Rule::ask("*.write").calls_per_run(5),
/// ])?;
/// # Ok::<(), agentloop_tools::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// The names of its tools: `*` stands for any run of characters, dots included, all else for itself. At most 256 bytes.
    pub tools: String,
    /// What it says.
    pub decision: Decision,
    /// What must hold for it to decide, all of it. At most 32 constraints. Default: nothing.
    pub when: Vec<Constraint>,
    /// Calls that it lets through in one run. Default: no limit.
    pub calls_per_run: Option<u32>,
    /// Calls that it lets through within any 60 s, in all runs of the policy together; at most 10,000. Default: no limit.
    pub calls_per_minute: Option<u32>,
    /// Units of fuel that each call of its tools costs, see [`Tool::fuel_price`](agentloop_sandbox::Tool::fuel_price), whether or
    /// not its constraints hold. Of the rules of a tool the first that has a price counts. Default: the tool's own.
    pub fuel_price: Option<u64>,
    /// Time that a call of its tools may take, see [`Tool::time_max`](agentloop_sandbox::Tool::time_max); otherwise as the price.
    pub time_max: Option<Duration>,
    /// Bytes of JSON text of the arguments and results of each of its tools in one run, see
    /// [`ToolLimits`](agentloop_sandbox::ToolLimits): beyond them the run ends. Otherwise as the price.
    pub bytes_per_run: Option<u64>,
}

impl Rule {
    fn new(tools: impl Into<String>, decision: Decision) -> Self {
        Self {
            tools: tools.into(),
            decision,
            when: Vec::new(),
            calls_per_run: None,
            calls_per_minute: None,
            fuel_price: None,
            time_max: None,
            bytes_per_run: None,
        }
    }

    /// Calls of these tools are made.
    pub fn allow(tools: impl Into<String>) -> Self {
        Self::new(tools, Decision::Allow)
    }

    /// Somebody is asked about calls of these tools.
    pub fn ask(tools: impl Into<String>) -> Self {
        Self::new(tools, Decision::Ask)
    }

    /// Calls of these tools are refused. Without constraints, scripts do not see the tools at all.
    pub fn deny(tools: impl Into<String>) -> Self {
        Self::new(tools, Decision::Deny)
    }

    /// Adds a constraint: what the argument at a JSON Pointer must be for the rule to decide.
    #[must_use]
    pub fn when(mut self, argument: impl Into<String>, must: Must) -> Self {
        self.when.push(Constraint::new(argument, must));
        self
    }

    /// Limits the calls in one run.
    #[must_use]
    pub fn calls_per_run(mut self, calls_max: u32) -> Self {
        self.calls_per_run = Some(calls_max);
        self
    }

    /// Limits the calls within any 60 s, in all runs together.
    #[must_use]
    pub fn calls_per_minute(mut self, calls_max: u32) -> Self {
        self.calls_per_minute = Some(calls_max);
        self
    }

    /// Sets what a call costs, in units of fuel.
    #[must_use]
    pub fn fuel_price(mut self, units: u64) -> Self {
        self.fuel_price = Some(units);
        self
    }

    /// Sets how long a call may take.
    #[must_use]
    pub fn time_max(mut self, time_max: Duration) -> Self {
        self.time_max = Some(time_max);
        self
    }

    /// Limits the bytes that go to each tool and come from it in one run.
    #[must_use]
    pub fn bytes_per_run(mut self, bytes_max: u64) -> Self {
        self.bytes_per_run = Some(bytes_max);
        self
    }
}

/// Rules, made ready. Cheap to clone; all clones count their calls per minute together. Without rules there are the defaults.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    rules: Arc<[Ready]>,
}

impl Policy {
    /// Makes rules ready.
    ///
    /// # Errors
    ///
    /// [`Error::Rule`] for the first rule that cannot be enforced as it is written: a pattern, a pointer, a path, a host or a
    /// regular expression that is none, a limit of zero, a limit on a rule that denies, more than 1,000 rules.
    ///
    /// ```
    /// use agentloop_tools::policy::{Policy, Rule};
    ///
    /// let error = Policy::new([Rule::allow("a"), Rule::allow("b/*")]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "rule 2 of the policy (`b/*`) cannot be enforced: its pattern has characters that no name of a tool has, \
    ///      as in `github.*`"
    /// );
    /// ```
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Result<Self, Error> {
        let ready = rules.into_iter().zip(1..).map(|(rule, number)| Ready::new(rule, number));
        Ok(Self { rules: ready.collect::<Result<Vec<_>, _>>()?.into() })
    }

    fn rule(&self, index: usize) -> &Ready {
        &self.rules[index]
    }
}

/// A rule, made ready.
#[derive(Debug)]
struct Ready {
    /// Counts from 1.
    number: usize,
    rule: Rule,
    pattern: Pattern,
    tests: Vec<Test>,
    per_minute: Option<Arc<PerMinute>>,
}

impl Ready {
    fn new(rule: Rule, number: usize) -> Result<Self, Error> {
        match Self::parts(&rule, number) {
            Ok((pattern, tests)) => {
                let per_minute = rule.calls_per_minute.map(PerMinute::new);
                Ok(Self { number, rule, pattern, tests, per_minute })
            }
            Err(reason) => Err(Error::Rule { rule: number, tools: crate::message::shorten(&rule.tools), reason }),
        }
    }

    fn parts(rule: &Rule, number: usize) -> Result<(Pattern, Vec<Test>), String> {
        if number > RULES_MAX {
            return Err(format!("a policy has at most {RULES_MAX} rules"));
        }
        if rule.when.len() > CONSTRAINTS_MAX {
            return Err(format!("a rule has at most {CONSTRAINTS_MAX} constraints"));
        }
        if rule.calls_per_run == Some(0) || rule.calls_per_minute == Some(0) {
            return Err("it lets no call through: deny it instead".to_owned());
        }
        if rule.calls_per_minute.is_some_and(|calls| calls > CALLS_PER_MINUTE_MAX) {
            return Err(format!("at most {CALLS_PER_MINUTE_MAX} calls per minute can be counted"));
        }
        if rule.decision == Decision::Deny && (rule.calls_per_run.is_some() || rule.calls_per_minute.is_some()) {
            return Err("it denies, and has a limit of calls: leave one of them out".to_owned());
        }
        if rule.time_max.is_some_and(|time_max| time_max.is_zero()) {
            return Err("no call ends within no time: give it at least 1 ms".to_owned());
        }
        let pattern = Pattern::parse(&rule.tools)?;
        Ok((pattern, rule.when.iter().map(Test::new).collect::<Result<_, _>>()?))
    }

    /// Whether all constraints hold. The place of the one that is unclear, if nothing speaks against the others.
    fn held(&self, arguments: &Value) -> Result<(), Option<usize>> {
        let mut unclear = Ok(());
        for (index, test) in self.tests.iter().enumerate() {
            match test.held(arguments) {
                Held::Yes => {}
                Held::No => return Err(None),
                Held::Unclear => unclear = unclear.and(Err(Some(index))),
            }
        }
        unclear
    }

    /// Its constraints in words.
    fn terms(&self) -> impl Iterator<Item = String> {
        self.rule.when.iter().map(ToString::to_string)
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rule {} of the policy (`{}`)", self.number, self.rule.tools)
    }
}
