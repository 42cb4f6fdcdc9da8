//! What a server wrote last on its standard error. It is kept for error messages and shown nowhere else.

use super::shared::lock;
use super::text::{last_of, without_paths};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt};

/// So much of it is kept.
const KEPT_BYTES_MAX: usize = 8 * 1024;

/// So much of that is shown.
const SHOWN_CHARS_MAX: usize = 600;

/// The end of a stream of text.
#[derive(Clone, Default)]
pub(super) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// Reads until the stream ends.
    pub(super) async fn follow(self, mut stream: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.push(&buffer[..count]);
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = lock(&self.0);
        kept.extend(bytes);
        let more = kept.len().saturating_sub(KEPT_BYTES_MAX);
        kept.drain(..more);
    }

    /// The end of it, on one line and without paths. Empty when nothing was written.
    pub(super) fn shown(&self) -> String {
        let bytes: Vec<u8> = lock(&self.0).iter().copied().collect();
        last_of(&without_paths(&String::from_utf8_lossy(&bytes)), SHOWN_CHARS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;

    #[tokio::test]
    async fn only_the_end_is_kept_and_shown() {
        let tail = Tail::default();
        let text = "x".repeat(100_000) + "the end";
        tail.clone().follow(text.as_bytes()).await;
        assert_eq!(super::lock(&tail.0).len(), 8 * 1024);
        assert_eq!(tail.shown(), format!("…{}the end", "x".repeat(593)));
    }
}
