//! The policy and the secrets of a command, from the flags and the configuration.

use crate::arguments::ToolArguments;
use crate::config::{self, At, Config, Decision, Mistake};
use crate::exit::{Complaint, Exit};
use agentloop_sandbox::{Tool, Verdict};
use agentloop_tools::policy::{self as tools, Must, Policy, Rule, Standing};
use agentloop_tools::secrets::{Resolved, Secrets, Source};
use futures_util::future::BoxFuture;

pub(crate) type Verdicts = BoxFuture<'static, Verdict>;

/// The rules of the flags, then those of the configuration: the first that decides counts.
pub(crate) fn of(arguments: &ToolArguments, config: &Config) -> Result<Policy, Complaint> {
    let flags = [("--deny", &arguments.deny), ("--ask", &arguments.ask), ("--allow", &arguments.allow)];
    let mut rules = Vec::new();
    for (flag, patterns) in flags {
        for pattern in patterns {
            let rule = match flag {
                "--deny" => Rule::deny(pattern),
                "--ask" => Rule::ask(pattern),
                _ => Rule::allow(pattern),
            };
            Policy::new([rule.clone()]).map_err(|error| {
                Complaint::new(Exit::Usage, format!("{flag}: {error}"), "name tools as in 'github.get_*'")
            })?;
            rules.push(rule);
        }
    }
    rules.extend(config.policy.iter().map(|at| rule(&at.value)));
    Policy::new(rules).map_err(|error| Complaint::new(Exit::Usage, error.to_string(), "see docs/CONFIG.md"))
}

/// Looks at each rule of a configuration by itself, so that the mistake has a line.
pub(crate) fn of_config(config: &Config) -> Result<(), Mistake> {
    for At { line, value } in &config.policy {
        Policy::new([rule(value)]).map_err(|error| Mistake { line: *line, message: error.to_string() })?;
    }
    Ok(())
}

fn rule(entry: &config::Rule) -> Rule {
    let mut rule = match entry.decision {
        Decision::Allow => Rule::allow(&entry.tools),
        Decision::Ask => Rule::ask(&entry.tools),
        Decision::Deny => Rule::deny(&entry.tools),
    };
    for when in &entry.when {
        rule = rule.when(&when.argument, must(&when.must));
    }
    rule.calls_per_run = entry.calls_per_run;
    rule.calls_per_minute = entry.calls_per_minute;
    rule.fuel_price = entry.price;
    rule.time_max = entry.timeout;
    rule.bytes_per_run = entry.bytes_per_run.map(|bytes| bytes as u64);
    rule
}

fn must(entry: &config::Must) -> Must {
    match entry {
        config::Must::Equal(value) => Must::Equal(value.clone()),
        config::Must::OneOf(values) => Must::OneOf(values.clone()),
        config::Must::StartWith(text) => Must::StartWith(text.clone()),
        config::Must::BeBelow(folder) => Must::BeBelow(folder.clone()),
        config::Must::BeBetween(between) => Must::BeBetween { min: between.min, max: between.max },
        config::Must::Match(pattern) => Must::Match(pattern.clone()),
        config::Must::BeOnHost(host) => Must::BeOnHost(host.clone()),
    }
}

/// Whether a call of this tool may have to be asked about.
pub(crate) fn may_ask(standing: &Standing) -> bool {
    let asks = |decision| decision == tools::Decision::Ask;
    !standing.is_left_out && (asks(standing.otherwise) || standing.cases.iter().any(|case| asks(case.decision)))
}

/// What a standing says, in a few words.
pub(crate) fn in_words(standing: &Standing) -> String {
    let named = |decision| match decision {
        tools::Decision::Allow => "allow",
        tools::Decision::Ask => "ask",
        tools::Decision::Deny => "deny",
    };
    let cases = standing.cases.iter().map(|case| format!("{} if {}; ", named(case.decision), case.when.join(" and ")));
    format!("{}{}", cases.collect::<String>(), named(standing.otherwise))
}

/// The secrets that the configuration names, if it names any.
pub(crate) fn secrets(config: &Config) -> Result<Option<Resolved>, Mistake> {
    let Some(first) = config.secrets.first() else { return Ok(None) };
    let mut secrets = Secrets::new();
    for At { value: (name, secret), .. } in &config.secrets {
        let source = match secret {
            config::Secret::Env(variable) => Source::Env(variable.clone()),
            config::Secret::File(path) => Source::File(config.resolve(path)),
            config::Secret::Keyring { service, account } => {
                Source::Keyring { service: service.clone(), account: account.clone() }
            }
        };
        secrets = secrets.add(name, source);
    }
    let line_of = |message: &str| {
        let named = |at: &&At<(String, config::Secret)>| message.contains(&format!("`{}`", at.value.0));
        config.secrets.iter().find(named).unwrap_or(first).line
    };
    secrets.resolve().map(Some).map_err(|error| {
        let message = error.to_string();
        Mistake { line: line_of(&message), message }
    })
}

/// A tool whose answers have no secret in them.
pub(crate) fn scrubbed(tool: Tool, secrets: Option<&Resolved>) -> Tool {
    match secrets {
        None => tool,
        Some(secrets) => tool.filtered(secrets.scrub()),
    }
}
