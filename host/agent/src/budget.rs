//! What a whole turn may spend, and what it has spent.

use crate::provider::TokenUsage;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Hard budgets of one turn, over all its iterations. `None` is no budget of that kind; the number of iterations has one
/// always.
#[derive(Clone, Debug, PartialEq)]
pub struct Budgets {
    /// Replies of the model. Default 10.
    pub iterations_max: u32,
    /// Tokens of requests and replies together.
    pub tokens_max: Option<u64>,
    /// Money, in the currency of the price table. Needs [`Prices`].
    pub cost_max: Option<f64>,
    /// Units of fuel of all scripts together.
    pub fuel_max: Option<u64>,
    /// Tool calls of all scripts together.
    pub tool_calls_max: Option<u32>,
    /// Time of the turn on the clock. While somebody is asked by the gate whether a call may be made, it stands still.
    /// Default 30 min.
    pub wall_time_max: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            iterations_max: 10,
            tokens_max: None,
            cost_max: None,
            fuel_max: None,
            tool_calls_max: None,
            wall_time_max: Duration::from_secs(30 * 60),
        }
    }
}

/// What a million tokens cost, in any currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Of input that was not cached.
    pub input: f64,
    /// Of input read from the cache.
    pub cached: f64,
    /// Of output.
    pub output: f64,
}

impl Prices {
    fn cost(self, tokens: TokenUsage) -> f64 {
        let fresh = tokens.input.saturating_sub(tokens.cached);
        (fresh as f64 * self.input + tokens.cached as f64 * self.cached + tokens.output as f64 * self.output) / 1e6
    }
}

/// What a turn has spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Replies of the model.
    pub iterations: u32,
    /// Tokens.
    pub tokens: TokenUsage,
    /// Money, if there is a price table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// Units of fuel.
    pub fuel: u64,
    /// Tool calls.
    pub tool_calls: u32,
    /// Requests that were made again after an error.
    pub retries: u32,
}

impl Spent {
    pub(crate) fn reply(&mut self, tokens: TokenUsage, prices: Option<Prices>) {
        self.iterations += 1;
        self.tokens += tokens;
        self.cost = prices.map(|prices| prices.cost(self.tokens));
    }

    pub(crate) fn script(&mut self, fuel: u64, tool_calls: u32) {
        self.fuel = self.fuel.saturating_add(fuel);
        self.tool_calls = self.tool_calls.saturating_add(tool_calls);
    }
}

/// The budget that is used up, as `name` and a sentence about it. Pure.
pub(crate) fn exhausted(budgets: &Budgets, spent: &Spent) -> Option<(&'static str, String)> {
    let over = |name, used: u64, allowed: Option<u64>| match allowed {
        Some(allowed) if used >= allowed => Some((name, format!("{used} of {allowed} {name} are used"))),
        _ => None,
    };
    let cost = match (spent.cost, budgets.cost_max) {
        (Some(used), Some(allowed)) if used >= allowed => {
            Some(("cost", format!("{used:.4} of {allowed:.4} are spent")))
        }
        _ => None,
    };
    over("tokens", spent.tokens.total(), budgets.tokens_max)
        .or(cost)
        .or_else(|| over("fuel", spent.fuel, budgets.fuel_max))
        .or_else(|| over("tool calls", u64::from(spent.tool_calls), budgets.tool_calls_max.map(u64::from)))
}

/// What is left, in words for the model. Empty if nothing is limited but the iterations and there are enough.
pub(crate) fn left(budgets: &Budgets, spent: &Spent) -> String {
    let iterations = budgets.iterations_max.saturating_sub(spent.iterations);
    let mut parts = vec![match iterations {
        0 => "no further reply".to_owned(),
        1 => "1 more reply".to_owned(),
        more => format!("{more} more replies"),
    }];
    if let Some(allowed) = budgets.tokens_max {
        parts.push(format!("{} tokens", allowed.saturating_sub(spent.tokens.total())));
    }
    if let Some(allowed) = budgets.tool_calls_max {
        parts.push(format!("{} tool calls", allowed.saturating_sub(spent.tool_calls)));
    }
    if let Some(allowed) = budgets.fuel_max {
        parts.push(format!("{} fuel", allowed.saturating_sub(spent.fuel)));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_counts_cached_input_at_its_own_price() {
        let prices = Prices { input: 3.0, cached: 0.3, output: 15.0 };
        let mut spent = Spent::default();
        spent.reply(TokenUsage { input: 1_000_000, cached: 500_000, output: 100_000 }, Some(prices));
        let cost = spent.cost.expect("there are prices");
        assert!((cost - (1.5 + 0.15 + 1.5)).abs() < 1e-9, "{cost}");
    }

    #[test]
    fn a_budget_is_exhausted_at_its_last_unit() {
        let budgets = Budgets { tokens_max: Some(10), ..Budgets::default() };
        let spent = |input| Spent { tokens: TokenUsage { input, ..TokenUsage::default() }, ..Spent::default() };
        assert_eq!(exhausted(&budgets, &spent(9)), None);
        assert_eq!(exhausted(&budgets, &spent(10)), Some(("tokens", "10 of 10 tokens are used".to_owned())));
    }

    #[test]
    fn what_is_left_names_only_what_is_limited() {
        let spent = Spent { iterations: 9, tool_calls: 2, ..Spent::default() };
        assert_eq!(left(&Budgets::default(), &spent), "1 more reply");
        let budgets = Budgets { tool_calls_max: Some(5), ..Budgets::default() };
        assert_eq!(left(&budgets, &spent), "1 more reply, 3 tool calls");
    }
}
