//! What a turn shows while it goes on, where and to whom.

mod event_log;
mod lines;
mod live;
mod plain;
mod prose;
mod text;

use crate::terminal::{Screen, columns};
use agentloop::{CancellationToken, Event};
use event_log::EventLog;
pub(crate) use event_log::write_line;
pub(crate) use lines::{Detail, Line};
use live::{Frame, Live};
use plain::Plain;
use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const REDRAW_PERIOD: Duration = Duration::from_millis(80);

/// One way of showing a turn.
enum Kind {
    Silent,
    Plain(Plain),
    Live(Live),
    Events(EventLog),
}

/// A view of a turn. Clones are of the same one.
#[derive(Clone)]
pub(crate) struct View {
    kind: Arc<Mutex<Kind>>,
    screen: Screen,
    start: Instant,
}

impl View {
    fn new(kind: Kind, screen: Screen) -> Self {
        Self { kind: Arc::new(Mutex::new(kind)), screen, start: Instant::now() }
    }

    /// Shows nothing.
    pub(crate) fn silent(screen: Screen) -> Self {
        Self::new(Kind::Silent, screen)
    }

    /// Shows what happens on standard error: drawn if it is a terminal, else line by line.
    pub(crate) fn of_progress(screen: Screen, detail: Detail) -> Self {
        let kind = if screen.is_live() { Kind::Live(Live::new(detail)) } else { Kind::Plain(Plain::new(detail)) };
        Self::new(kind, screen)
    }

    /// Lines, one after the other, on a terminal too.
    pub(crate) fn of_lines(screen: Screen, detail: Detail) -> Self {
        Self::new(Kind::Plain(Plain::new(detail)), screen)
    }

    /// Writes events to standard output. When nobody reads them any more, the turn is cancelled.
    pub(crate) fn of_events(screen: Screen, cancellation: CancellationToken) -> Self {
        Self::new(Kind::Events(EventLog::new(cancellation)), screen)
    }

    /// Takes an event.
    pub(crate) fn event(&self, event: &Event) {
        self.with(|kind| match kind {
            Kind::Silent => {}
            Kind::Plain(plain) => {
                for line in plain.event(event) {
                    self.screen.print(line.tone, &line.text);
                }
            }
            Kind::Live(live) => {
                let now = self.start.elapsed();
                live.event(event, now);
                // Pieces of a reply come faster than anybody reads. They are drawn with the next frame.
                if !matches!(event, Event::Delta(_)) {
                    self.draw(&live.frame(now, columns()));
                }
            }
            Kind::Events(log) => log.event(event),
        });
    }

    /// Draws again and again, until the task is aborted.
    pub(crate) fn keep_drawing(&self) -> JoinHandle<()> {
        let view = self.clone();
        tokio::spawn(async move {
            while view.draw_again() {
                tokio::time::sleep(REDRAW_PERIOD).await;
            }
        })
    }

    /// Whether this view is one that is drawn.
    fn draw_again(&self) -> bool {
        self.with(|kind| match kind {
            Kind::Live(live) => {
                self.draw(&live.frame(self.start.elapsed(), columns()));
                true
            }
            _ => false,
        })
    }

    /// Whether somebody has read `text` already, as the last thing that the model said.
    pub(crate) fn has_shown(&self, text: &str) -> bool {
        self.with(|kind| match kind {
            Kind::Live(live) => live.has_shown(text),
            _ => false,
        })
    }

    /// Why events could not be written, if so.
    pub(crate) fn write_error(&self) -> Option<io::Error> {
        self.with(|kind| match kind {
            Kind::Events(log) => log.take_error(),
            _ => None,
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kind) -> T) -> T {
        act(&mut self.kind.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn draw(&self, frame: &Frame) {
        let text = painted(frame, |line| self.screen.styled(line.tone, &line.text));
        if !text.is_empty() {
            self.screen.write(&text);
        }
    }
}

/// What a terminal is told to draw a frame. The cursor stands at the end of the last row, before and after.
fn painted(frame: &Frame, styled: impl Fn(&Line) -> String) -> String {
    let mut text = String::new();
    if frame.erase > 0 {
        text.push('\r');
        if frame.erase > 1 {
            let _ = write!(text, "\u{1b}[{}A", frame.erase - 1);
        }
        text.push_str("\u{1b}[J");
    }
    for line in &frame.settled {
        text.push_str(&styled(line));
        text.push('\n');
    }
    let rows: Vec<String> = frame.rows.iter().map(styled).collect();
    text.push_str(&rows.join("\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::{Frame, Line, painted};
    use crate::terminal::Tone;

    fn lines(texts: &[&str]) -> Vec<Line> {
        texts.iter().map(|text| Line::new(Tone::Plain, *text)).collect()
    }

    #[track_caller]
    fn check(erase: usize, settled: &[&str], rows: &[&str], text: &str) {
        let frame = Frame { erase, settled: lines(settled), rows: lines(rows) };
        assert_eq!(painted(&frame, |line| line.text.clone()), text);
    }

    #[test]
    fn the_cursor_goes_back_over_the_rows_of_the_last_frame() {
        check(0, &[], &[], "");
        check(0, &["a"], &["x", "y"], "a\nx\ny");
        check(1, &[], &["x"], "\r\u{1b}[Jx");
        check(3, &["a", "b"], &[], "\r\u{1b}[2A\u{1b}[Ja\nb\n");
    }
}
