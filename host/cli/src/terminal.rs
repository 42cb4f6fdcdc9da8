//! Where text goes: standard output and standard error, with colour and without harm.
//!
//! What a script writes is untrusted. On a terminal it must not move the cursor, retitle the window or reorder letters.

use anstyle::{AnsiColor, Style};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();
/// Of a terminal that does not say how wide it is.
const COLUMNS: usize = 80;

/// What a line on standard error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Error,
    Warning,
    Help,
    Faint,
    Plain,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Error => RED,
            Self::Warning => YELLOW,
            Self::Help => CYAN,
            Self::Faint => DIM,
            Self::Plain => Style::new(),
        }
    }
}

/// Standard error.
#[derive(Clone, Copy)]
pub(crate) struct Screen {
    colour: bool,
    terminal: bool,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let stderr = io::stderr();
        // Respects NO_COLOR and its relatives.
        let colour = anstream::AutoStream::choice(&stderr) != anstream::ColorChoice::Never;
        Self { colour, terminal: stderr.is_terminal() }
    }

    /// `label: text`, the label in colour.
    pub(crate) fn say(self, tone: Tone, label: &str, text: &str) {
        self.write(&format!("{}: {}\n", self.styled(tone, label), self.harmless(text)));
    }

    /// Lines, all in one tone.
    pub(crate) fn print(self, tone: Tone, text: &str) {
        let text = self.harmless(text);
        self.write(&format!("{}\n", self.styled(tone, &text)));
    }

    /// Whether lines can be drawn again: somebody watches, on a terminal that can move its cursor.
    pub(crate) fn is_live(self) -> bool {
        self.terminal && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
    }

    /// `text`, which is harmless already, in its colour.
    pub(crate) fn styled(self, tone: Tone, text: &str) -> String {
        if !self.colour || tone == Tone::Plain {
            return text.to_owned();
        }
        let style = tone.style();
        format!("{style}{text}{style:#}")
    }

    fn harmless(self, text: &str) -> String {
        if self.terminal || self.colour { harmless(text) } else { text.to_owned() }
    }

    /// Whether anybody reads standard error is not for a run to worry about.
    pub(crate) fn write(self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// Whether somebody watches standard output.
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Columns of the terminal that is standard error.
#[cfg(unix)]
pub(crate) fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok().map(|size| usize::from(size.ws_col));
    size.filter(|columns| *columns > 0).unwrap_or(COLUMNS)
}

/// Columns of the terminal that is standard error.
#[cfg(not(unix))]
pub(crate) fn columns() -> usize {
    COLUMNS
}

/// Writes a line to standard output.
pub(crate) fn print_result(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    if stdout.is_terminal() {
        stdout.write_all(harmless(text).as_bytes())?;
    } else {
        stdout.write_all(text.as_bytes())?;
    }
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// The text with everything that a terminal would obey written out, as JSON writes it: ESC becomes `\u001b`.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\t' => shown.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            _ if character.is_control() || reorders(character) => {
                let _ = write!(shown, "\\u{:04x}", u32::from(character));
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// Marks of bidirectional text: with them, a line can read as something it is not.
fn reorders(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(harmless("\u{1b}[2J\u{9b}31m\u{7}\r\u{7f}"), "\\u001b[2J\\u009b31m\\u0007\\u000d\\u007f");
        assert_eq!(harmless("a\u{202e}b\u{2066}c"), "a\\u202eb\\u2066c");
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        assert_eq!(harmless("naïve\t日本\r\n🙂"), "naïve\t日本\n🙂");
    }
}
