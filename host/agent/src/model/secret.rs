//! A key: sent to the provider, and shown to nobody else.

use std::fmt;

/// Shorter keys are stand-ins such as `none`. To blank them out would garble messages, and protects nothing.
const SCRUBBED_BYTES_MIN: usize = 6;

/// What stands in a message where the key stood.
const STAND_IN: &str = "[key]";

/// A key of a provider. It shows itself only to [`Secret::expose`].
#[derive(Clone)]
pub(super) struct Secret(Option<String>);

impl Secret {
    /// A key, or none where the provider needs none.
    pub(super) fn new(key: Option<String>) -> Self {
        Self(key)
    }

    /// The key itself, for the header that carries it.
    pub(super) fn expose(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text without the key: providers are known to repeat it in what they answer.
    pub(super) fn scrub(&self, text: &str) -> String {
        match self.0.as_deref() {
            Some(key) if key.len() >= SCRUBBED_BYTES_MIN => text.replace(key, STAND_IN),
            _ => text.to_owned(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Secret(set)" } else { "Secret(none)" })
    }
}
