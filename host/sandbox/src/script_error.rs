//! An exception that left the script: what a model needs to repair it.
//!
//! Name, message and stack are text that the script chose. They are cut, looked at for positions, shown, and never
//! believed.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use std::fmt;

const NAME_BYTES_MAX: usize = 256;
const MESSAGE_BYTES_MAX: usize = 16 << 10;
pub(crate) const STACK_BYTES_MAX: usize = 16 << 10;
const RELATED_MESSAGE_BYTES_MAX: usize = 2 << 10;
/// Errors behind one that are told of.
pub(crate) const RELATED_MAX: usize = 8;
/// The file that frames of the script are in.
const SCRIPT_FILE: &str = "script.js";
/// Characters of a source line in a code frame: a minified script is one line of a quarter megabyte.
const FRAME_LINE_CHARACTERS_MAX: usize = 160;

/// An exception, or a syntax error, with its place in the script as written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptError {
    /// `TypeError`, `ToolError`, …; `Uncaught` for a thrown value that is no error.
    pub name: String,
    /// The message.
    pub message: String,
    /// Where, in the script as written. `None` if no frame of the script is known.
    pub position: Option<Position>,
    /// The lines around the position, with a mark. Plain text, several lines.
    pub frame: Option<String>,
    /// Frames of the script only, innermost first: `at function (script.js:line:column)`.
    pub stack: Vec<String>,
    /// The errors behind it, nearest first: its `cause`, the `errors` of an `AggregateError`, and theirs. At most eight.
    pub related: Vec<RelatedError>,
}

/// An error behind another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelatedError {
    /// Where it hangs: `cause`, `errors[0]`, `errors[0].cause`.
    pub path: String,
    /// As in [`ScriptError::name`]. Empty for a value that is no error.
    pub name: String,
    /// The message, or the value as `console.log` shows it.
    pub message: String,
    /// Where it was made, in the script as written.
    pub position: Option<Position>,
}

impl RelatedError {
    pub(crate) fn new(path: &str, name: &str, message: &str, stack: &str, written: &str) -> Self {
        Self {
            path: cut(path, NAME_BYTES_MAX),
            name: cut(name, NAME_BYTES_MAX),
            message: cut(message, RELATED_MESSAGE_BYTES_MAX),
            position: script_frames(stack, written).first().and_then(|line| position_in(line)),
        }
    }
}

impl fmt::Display for RelatedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_error(formatter, &self.name, &self.message)
    }
}

fn write_error(formatter: &mut fmt::Formatter<'_>, name: &str, message: &str) -> fmt::Result {
    let separator = if name.is_empty() || message.is_empty() { "" } else { ": " };
    write!(formatter, "{name}{separator}{message}")
}

/// A place in a script. Both count from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Position {
    /// A place as the engine gives it, with the column in bytes of UTF-8.
    pub(crate) fn in_bytes(line: u32, column: u32, written: &str) -> Option<Self> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let text = written.lines().nth(index).unwrap_or_default();
        let bytes = text.floor_char_boundary(usize::try_from(column).ok()?.saturating_sub(1));
        Some(Self { line, column: u32::try_from(text[..bytes].chars().count() + 1).ok()? })
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_error(formatter, &self.name, &self.message)
    }
}

impl ScriptError {
    /// Reads the guest's account of an exception. `written` is the script as its author wrote it.
    pub(crate) fn new(name: &str, message: &str, stack: &str, related: Vec<RelatedError>, written: &str) -> Self {
        let name = cut(name, NAME_BYTES_MAX);
        let message = cut(message, MESSAGE_BYTES_MAX);
        let stack = script_frames(stack, written);
        let position = stack.first().and_then(|line| position_in(line));
        let mut error = Self { name, message, position, frame: None, stack, related };
        error.frame = position.and_then(|position| code_frame(&error.to_string(), position, written));
        error
    }
}

fn script_frames(stack: &str, written: &str) -> Vec<String> {
    cut(stack, STACK_BYTES_MAX).lines().filter_map(|line| script_frame(line.trim(), written)).collect()
}

/// A frame of the script, with the column counted in characters (the engine counts bytes) and the top level, which the
/// engine calls `<eval>`, called `script`. `None` for frames of the prelude and of native functions.
fn script_frame(line: &str, written: &str) -> Option<String> {
    let Position { line: number, column } = position_in(line)?;
    let function = match line.strip_prefix("at ").and_then(|frame| frame.split_once(" (")) {
        Some(("<eval>", _)) => "script",
        Some((function, _)) => function,
        None => "script",
    };
    let column = Position::in_bytes(number, column, written)?.column;
    Some(format!("at {function} ({SCRIPT_FILE}:{number}:{column})"))
}

/// `at f (script.js:3:5)` or `at script.js:3:5`.
fn position_in(line: &str) -> Option<Position> {
    let place = line.strip_prefix("at ")?.trim_end_matches(')');
    let (before, numbers) = place.rsplit_once(&format!("{SCRIPT_FILE}:"))?;
    if !(before.is_empty() || before.ends_with('(')) {
        return None;
    }
    let (line, column) = numbers.split_once(':')?;
    Some(Position { line: line.parse().ok()?, column: column.parse().ok()? })
}

fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    format!("{}… ({} bytes in all)", &text[..text.floor_char_boundary(bytes_max)], text.len())
}

/// The line, one before and one after. `None` if the script has no such line: the stack is the script's own word.
pub(crate) fn code_frame(title: &str, position: Position, written: &str) -> Option<String> {
    let index = usize::try_from(position.line).ok()?.checked_sub(1)?;
    let first = index.saturating_sub(1);
    let lines: Vec<&str> = written.lines().skip(first).take(index - first + 2).collect();
    let line = lines.get(index - first)?;
    let column = usize::try_from(position.column).ok()?.saturating_sub(1).min(line.chars().count());
    // Of a long line only the part around the column is shown, so every line is cut at the same place.
    let is_long = lines.iter().any(|line| line.chars().count() > FRAME_LINE_CHARACTERS_MAX);
    let from = if is_long { column.saturating_sub(FRAME_LINE_CHARACTERS_MAX / 2) } else { 0 };
    let shown: Vec<String> = lines
        .iter()
        .map(|line| line.chars().skip(from).take(FRAME_LINE_CHARACTERS_MAX).map(printable).collect())
        .collect();
    let before: usize = shown[..index - first].iter().map(|line| line.len() + 1).sum();
    let marked = &shown[index - first];
    let offset: usize = marked.chars().take(column - from).map(char::len_utf8).sum();
    let width = marked.chars().nth(column - from).map_or(0, char::len_utf8);
    let text = shown.join("\n");
    let (start, end) = (before + offset, before + offset + width);
    let snippet = Snippet::source(text.as_str())
        .line_start(first + 1)
        .fold(false)
        .annotation(AnnotationKind::Primary.span(start..end));
    let title: String = title.lines().next().unwrap_or_default().chars().take(200).map(printable).collect();
    let rendered = Renderer::plain().render(&[Level::ERROR.primary_title(title.as_str()).element(snippet)]);
    // The renderer would count columns from where the line was cut.
    let gutter = (first + lines.len()).to_string().len();
    let arrow = format!("\n{:gutter$}--> {SCRIPT_FILE}:{}:{}\n", "", position.line, position.column);
    let mut frame = rendered.replacen('\n', &arrow, 1);
    if let Some((body, last)) = frame.rsplit_once('\n') {
        // An empty gutter line at the end says nothing.
        if last.trim() == "|" {
            frame.truncate(body.len());
        }
    }
    Some(frame)
}

/// A script may hold terminal escapes; a code frame may not.
fn printable(character: char) -> char {
    if character.is_control() && character != '\t' { '\u{FFFD}' } else { character }
}

#[cfg(test)]
mod tests {
    use super::{Position, ScriptError};

    #[test]
    fn the_first_frame_of_the_script_gives_the_position() {
        let stack = "    at submit (native)\n    at f (script.js:2:3)\n    at <eval> (script.js:4:1)\n    at x (bridge.js:1:1)\n";
        let error = ScriptError::new("TypeError", "no", stack, Vec::new(), "function f() {\n  oops();\n}\nf();\n");
        assert_eq!(error.position, Some(Position { line: 2, column: 3 }));
        assert_eq!(error.stack, ["at f (script.js:2:3)", "at script (script.js:4:1)"]);
        let frame = "\
error: TypeError: no
 --> script.js:2:3
  |
1 | function f() {
2 |   oops();
  |   ^
3 | }";
        assert_eq!(error.frame.as_deref(), Some(frame));
    }

    #[test]
    fn a_forged_stack_gives_no_frame_and_no_panic() {
        for stack in [
            "at f (script.js:99999999999:1)",
            "at f (script.js:0:0)",
            "at f (script.js:500:1)",
            "at f (/etc/script.js:1:1)",
            "at script.js:1",
            "at script.js:é:é",
        ] {
            let error = ScriptError::new("E", "m", stack, Vec::new(), "1");
            assert_eq!(error.frame, None, "{stack}");
        }
        // Beyond the end of a real line: the mark stands at its end.
        assert!(ScriptError::new("E", "m", "at script.js:1:4000000000", Vec::new(), "é").frame.is_some());
    }

    #[test]
    fn a_long_line_is_shown_around_the_column() {
        let written = "é".repeat(100_000);
        let error = ScriptError::new("E", "m", "at script.js:1:50000", Vec::new(), &written);
        let frame = error.frame.expect("the line exists");
        assert!(frame.len() < 1_000, "{} bytes", frame.len());
    }

    #[test]
    fn terminal_escapes_do_not_reach_a_frame() {
        let error = ScriptError::new("E", "\u{1b}[2J", "at script.js:1:1", Vec::new(), "\u{1b}[31m");
        assert!(!error.frame.expect("the line exists").contains('\u{1b}'));
    }

    #[test]
    fn huge_parts_are_cut() {
        let error = ScriptError::new(&"n".repeat(1_000), &"m".repeat(100_000), "", Vec::new(), "1");
        assert!(error.name.len() < 300 && error.message.len() < 17_000);
        assert!(error.message.ends_with("… (100000 bytes in all)"));
    }
}
