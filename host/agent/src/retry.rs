//! When a request is made again, and after how long.

use crate::provider::ProviderError;
use std::time::Duration;

/// How requests are made again. Only errors that may pass are
/// ([`ProviderErrorKind::is_transient`](crate::ProviderErrorKind::is_transient)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Attempts after the first, for each request. Default 4.
    pub retries_max: u32,
    /// The first wait; each further one is twice as long. Default 1 s.
    pub wait_first: Duration,
    /// The longest wait, and the longest that a provider may ask for: if it asks for more, the turn ends. Default 60 s.
    pub wait_max: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { retries_max: 4, wait_first: Duration::from_secs(1), wait_max: Duration::from_secs(60) }
    }
}

impl Retries {
    /// How long to wait before the attempt after `attempts` that failed. `None`: do not try again. Pure.
    pub(crate) fn wait(&self, error: &ProviderError, attempts: u32) -> Option<Duration> {
        if !error.kind.is_transient() || attempts > self.retries_max {
            return None;
        }
        match error.retry_after {
            Some(asked) => (asked <= self.wait_max).then_some(asked),
            None => {
                let doublings = attempts.saturating_sub(1).min(16);
                Some(self.wait_first.saturating_mul(1 << doublings).min(self.wait_max))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderErrorKind;

    #[test]
    fn waits_double_up_to_the_longest() {
        let error = ProviderError::new(ProviderErrorKind::Overload, "busy");
        let retries = Retries { retries_max: 9, ..Retries::default() };
        let waits: Vec<_> = (1..=8).map(|attempts| retries.wait(&error, attempts).map(|wait| wait.as_secs())).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60].map(Some));
        assert_eq!(retries.wait(&error, 10), None);
    }

    #[test]
    fn what_the_provider_asks_for_is_kept_to_or_the_turn_ends() {
        let asks = |seconds| {
            let error = ProviderError::new(ProviderErrorKind::RateLimit, "slow down");
            Retries::default().wait(&error.retry_after(Some(Duration::from_secs(seconds))), 1)
        };
        assert_eq!(asks(7), Some(Duration::from_secs(7)));
        assert_eq!(asks(600), None);
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        for kind in [ProviderErrorKind::Auth, ProviderErrorKind::ContextTooLong, ProviderErrorKind::Refused] {
            assert_eq!(Retries::default().wait(&ProviderError::new(kind, ""), 1), None);
        }
    }
}
