//! `--output jsonl`: each event as it happens, one JSON object a line on standard output.

use crate::terminal::print_result;
use agentloop::{CancellationToken, Event};
use serde::Serialize;
use std::io;

/// Writes events. The last line of a turn, with the answer or the error, is not an event's: it has more to tell.
pub(super) struct EventLog {
    cancellation: CancellationToken,
    error: Option<io::Error>,
}

impl EventLog {
    pub(super) fn new(cancellation: CancellationToken) -> Self {
        Self { cancellation, error: None }
    }

    pub(super) fn event(&mut self, event: &Event) {
        if self.error.is_some() || matches!(event, Event::Answer(_) | Event::Error { .. }) {
            return;
        }
        if let Err(error) = write_line(event) {
            self.error = Some(error);
            // Nobody is told any more: there is no use in going on.
            self.cancellation.cancel();
        }
    }

    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

/// Writes one line.
pub(crate) fn write_line(value: &impl Serialize) -> io::Result<()> {
    print_result(&serde_json::to_string(value)?)
}
