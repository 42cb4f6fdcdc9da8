//! Eight scripts that compute, each a file that both sides run as it stands, each with a checksum as its value.

use crate::ffi::{Scope, run_native};
use crate::meter::{Cost, cost};
use crate::peer::Peer;
use crate::subject::Subject;
use anyhow::{Context as _, Result, ensure};
use std::ffi::CString;

/// A script, and the value that native QuickJS-NG gave for it.
#[derive(Debug)]
pub struct Program {
    /// What it exercises.
    pub name: &'static str,
    source: &'static str,
    native_source: CString,
    value: String,
}

const SOURCES: [(&str, &str); 8] = [
    ("fib", include_str!("../scripts/fib.js")),
    ("integer loop", include_str!("../scripts/integer_loop.js")),
    ("sort", include_str!("../scripts/sort.js")),
    ("JSON", include_str!("../scripts/json.js")),
    ("strings and regex", include_str!("../scripts/strings_regex.js")),
    ("Map and Set", include_str!("../scripts/map_set.js")),
    ("property churn", include_str!("../scripts/property_churn.js")),
    ("classes", include_str!("../scripts/classes.js")),
];

impl Program {
    /// All eight, each run natively once.
    ///
    /// # Errors
    ///
    /// When one of them throws.
    pub fn all() -> Result<Vec<Self>> {
        SOURCES.into_iter().map(|(name, source)| Self::new(name, source)).collect()
    }

    fn new(name: &'static str, source: &'static str) -> Result<Self> {
        let native_source = CString::new(source)?;
        let value = run_native(&native_source).with_context(|| format!("the script `{name}` failed"))?;
        Ok(Self { name, source, native_source, value })
    }

    /// One run in a fresh sandbox, fuel and all limits on.
    ///
    /// # Errors
    ///
    /// When its value is not the native one.
    pub fn ours(&self, subject: &Subject) -> Result<Cost> {
        cost(Scope::Thread, 1, || {
            let value: serde_json::Value = serde_json::from_str(&subject.run(self.source)?)?;
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.same(&text)
        })
    }

    /// One run in a new native runtime and context.
    ///
    /// # Errors
    ///
    /// When its value is not that of the first run.
    pub fn native(&self) -> Result<Cost> {
        cost(Scope::Thread, 1, || self.same(&run_native(&self.native_source)?))
    }

    /// One run in a fresh sandbox of the peer.
    ///
    /// # Errors
    ///
    /// When its value is not the native one.
    pub fn peer(&self, peer: &mut Peer) -> Result<Cost> {
        peer.compute(self.source, &self.value)
    }

    fn same(&self, value: &str) -> Result<()> {
        ensure!(value == self.value, "the script `{}` answered {value}, not {}", self.name, self.value);
        Ok(())
    }
}
