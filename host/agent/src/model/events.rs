//! A stream cut into events, whatever pieces it arrives in.
//!
//! Each byte is looked at once and kept once, and there is a limit to them all: an event without an end is given up
//! at the same byte as a reply without one.

use std::fmt;

/// What may stand at the beginning of a stream, and means nothing.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How a stream is made of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events, as the WHATWG has them. Their names are passed over: who gives any repeats them in the data.
    Sent,
    /// Each line is an event.
    Lines,
}

/// Why a stream is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It has more than so many bytes.
    TooMuch(usize),
    /// An event is not UTF-8.
    NoText,
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMuch(bytes_max) => write!(formatter, "sent more than {bytes_max} bytes for one reply"),
            Self::NoText => formatter.write_str("sent bytes that are no text"),
        }
    }
}

/// The events of one stream.
#[derive(Debug)]
pub(super) struct Events {
    framing: Framing,
    bytes_max: usize,
    bytes_left: usize,
    /// The line so far.
    line: Vec<u8>,
    /// The data of the event so far, with a line feed after each line.
    data: Vec<u8>,
    /// Whether a line feed would still belong to the end of the last line.
    after_return: bool,
    in_first_line: bool,
}

impl Events {
    /// A stream of at most so many bytes.
    pub(super) fn new(framing: Framing, bytes_max: usize) -> Self {
        Self {
            framing,
            bytes_max,
            bytes_left: bytes_max,
            line: Vec::new(),
            data: Vec::new(),
            after_return: false,
            in_first_line: true,
        }
    }

    /// The next event that ends within these bytes, and takes away what has been read. `None` if all of it has.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Result<String, Flaw>> {
        while !bytes.is_empty() {
            let (allowed, _) = bytes.split_at(bytes.len().min(self.bytes_left));
            let Some(first) = allowed.first() else {
                return Some(Err(Flaw::TooMuch(self.bytes_max)));
            };
            let is_second_half = self.after_return && *first == b'\n';
            let end = allowed.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let taken = end.map_or(allowed.len(), |end| end + 1);
            self.line.extend_from_slice(&allowed[..end.unwrap_or(taken)]);
            self.after_return = allowed[taken - 1] == b'\r';
            self.bytes_left -= taken;
            *bytes = &bytes[taken..];
            if end.is_some()
                && !is_second_half
                && let Some(event) = self.end_line()
            {
                return Some(event);
            }
        }
        None
    }

    /// What is there of an event that has not ended, when the stream has.
    pub(super) fn rest(mut self) -> Option<Result<String, Flaw>> {
        // The first end is that of the last line, and the second that of the event.
        self.end_line().or_else(|| self.end_line())
    }

    fn end_line(&mut self) -> Option<Result<String, Flaw>> {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.in_first_line) && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        let event = match self.framing {
            Framing::Lines => line,
            Framing::Sent if line.is_empty() => std::mem::take(&mut self.data),
            Framing::Sent => {
                self.add_field(&line);
                return None;
            }
        };
        if event.is_empty() {
            return None;
        }
        let text = String::from_utf8(event).map_err(|_| Flaw::NoText);
        Some(text.map(|mut text| {
            if self.framing == Framing::Sent {
                text.pop();
            }
            text
        }))
    }

    /// Adds a line of data. Comments, and fields of another name, are passed over.
    fn add_field(&mut self, line: &[u8]) {
        let value = match line.strip_prefix(b"data") {
            Some([b':', b' ', value @ ..] | [b':', value @ ..]) => value,
            Some([]) => &[],
            _ => return,
        };
        self.data.extend_from_slice(value);
        self.data.push(b'\n');
    }
}

#[cfg(test)]
mod tests;
