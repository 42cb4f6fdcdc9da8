//! What can stand in `agentloop.toml`. Amounts are written as for the flags: `"10s"`, `"64MiB"`, `"50G"`, or as numbers.

use crate::units;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// `[limits]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LimitEntries {
    #[serde(deserialize_with = "fuel")]
    pub(crate) fuel: Option<u64>,
    #[serde(deserialize_with = "fuel")]
    pub(crate) step_fuel: Option<u64>,
    #[serde(deserialize_with = "bytes")]
    pub(crate) memory: Option<usize>,
    #[serde(deserialize_with = "time")]
    pub(crate) timeout: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub(crate) wall_timeout: Option<Duration>,
    #[serde(deserialize_with = "time")]
    pub(crate) tool_timeout: Option<Duration>,
    pub(crate) max_tool_calls: Option<u32>,
    #[serde(deserialize_with = "bytes")]
    pub(crate) max_bytes_in: Option<usize>,
    #[serde(deserialize_with = "bytes")]
    pub(crate) max_bytes_out: Option<usize>,
    #[serde(deserialize_with = "time")]
    pub(crate) max_wait: Option<Duration>,
}

/// `[files.NAME]`: a folder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Folder {
    pub(crate) folder: PathBuf,
    #[serde(default)]
    pub(crate) write: bool,
}

/// `[http.NAME]`: hosts that may be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hosts {
    pub(crate) hosts: Vec<String>,
    #[serde(default)]
    pub(crate) methods: Vec<String>,
    #[serde(default)]
    pub(crate) private: Vec<String>,
    #[serde(default)]
    pub(crate) headers: Vec<SecretHeader>,
}

/// A header with a secret, for one of the hosts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretHeader {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    #[serde(default)]
    pub(crate) prefix: String,
}

/// `[secrets.NAME]`: where a secret is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Secret {
    Env(String),
    File(PathBuf),
    Keyring { service: String, account: String },
}

/// `[[policy]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) tools: String,
    pub(crate) decision: Decision,
    #[serde(default)]
    pub(crate) when: Vec<When>,
    pub(crate) calls_per_run: Option<u32>,
    pub(crate) calls_per_minute: Option<u32>,
    #[serde(default, deserialize_with = "fuel")]
    pub(crate) price: Option<u64>,
    #[serde(default, deserialize_with = "time")]
    pub(crate) timeout: Option<Duration>,
    #[serde(default, deserialize_with = "bytes")]
    pub(crate) bytes_per_run: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Allow,
    Ask,
    Deny,
}

/// `[[policy.when]]`: what an argument must be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    pub(crate) argument: String,
    #[serde(flatten)]
    pub(crate) must: Must,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Must {
    Equal(Value),
    OneOf(Vec<Value>),
    StartWith(String),
    BeBelow(String),
    BeBetween(Between),
    Match(String),
    BeOnHost(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Between {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, as for the flag, or a number")]
enum Amount {
    Text(String),
    Number(u64),
}

fn amount<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, D::Error> {
    let text = match Amount::deserialize(deserializer)? {
        Amount::Text(text) => text,
        Amount::Number(number) => number.to_string(),
    };
    parse(&text).map(Some).map_err(serde::de::Error::custom)
}

fn fuel<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    amount(deserializer, units::parse_fuel)
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    amount(deserializer, units::parse_bytes)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    amount(deserializer, units::parse_duration)
}
