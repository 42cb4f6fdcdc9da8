//! Server-sent events, as far as MCP uses them, none of them larger than a limit.

use std::time::Duration;

/// What one event says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) data: Vec<u8>,
    pub(super) id: Option<String>,
    pub(super) retry: Option<Duration>,
}

/// An event is larger than the limit.
#[derive(Debug, PartialEq)]
pub(super) struct TooLong;

/// Takes a stream apart into its events.
pub(super) struct Events {
    bytes_max: usize,
    line: Vec<u8>,
    event: Event,
    after_return: bool,
}

impl Events {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, line: Vec::new(), event: Event::default(), after_return: false }
    }

    /// Goes on with these bytes, and gives the events that they complete.
    ///
    /// # Errors
    ///
    /// [`TooLong`], and then the stream is of no use any more.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, ending) = match piece.split_last() {
                Some((ending @ (b'\n' | b'\r'), text)) => (text, Some(*ending)),
                _ => (piece, None),
            };
            if self.line.len() + self.event.data.len() + text.len() > self.bytes_max {
                return Err(TooLong);
            }
            // A line break of two characters ends one line.
            let second_half = ending == Some(b'\n') && self.after_return && text.is_empty();
            self.after_return = ending == Some(b'\r');
            self.line.extend_from_slice(text);
            if ending.is_some() && !second_half {
                events.extend(self.end_line());
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            event.data.pop();
            return (event != Event::default()).then_some(event);
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            b"data" => {
                self.event.data.extend_from_slice(value);
                self.event.data.push(b'\n');
            }
            // An id travels in a header later, and nothing says how long it may be.
            b"id" if value.len() <= 1_024 => self.event.id = String::from_utf8(value.to_vec()).ok(),
            b"retry" => {
                let number = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
                self.event.retry = number.map(Duration::from_millis);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Events, TooLong};
    use std::time::Duration;

    fn check(text: &str, expected: &[(&str, Option<&str>, Option<u64>)]) {
        let expected: Vec<Event> = expected
            .iter()
            .map(|(data, id, retry)| Event {
                data: data.as_bytes().to_vec(),
                id: id.map(str::to_owned),
                retry: retry.map(Duration::from_millis),
            })
            .collect();
        for size in [1, 2, 3, 1000] {
            let mut events = Events::new(1000);
            let found: Vec<Event> =
                text.as_bytes().chunks(size).flat_map(|chunk| events.push(chunk).expect("it fits")).collect();
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn events_are_found_however_they_are_cut() {
        check("data: a\n\ndata:b\ndata: c\n\n", &[("a", None, None), ("b\nc", None, None)]);
        check("event: message\r\nid: 7\r\ndata: a\r\n\r\n", &[("a", Some("7"), None)]);
        check("data: a\r\rdata: b\r\r", &[("a", None, None), ("b", None, None)]);
        check(": ping\n\nretry: 20\nid: 1\ndata:\n\n", &[("", Some("1"), Some(20))]);
        check("data: half", &[]);
    }

    #[test]
    fn an_event_that_never_ends_is_refused() {
        assert_eq!(Events::new(10).push(b"data: 12345"), Err(TooLong));
        let mut events = Events::new(10);
        assert_eq!(events.push(b"data: 12\n"), Ok(vec![]));
        assert_eq!(events.push(b"data: 12\n"), Err(TooLong));
    }
}
