//! Text for a row of a terminal: harmless, on one line, no wider than there is room.

use crate::terminal::harmless;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

const TAB: &str = "    ";
/// More is not looked at to fill one row.
const LOOKED_AT_BYTES_MAX: usize = 4 << 10;

/// The text on one line, with nothing that a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    let head = &text[..text.floor_char_boundary(LOOKED_AT_BYTES_MAX)];
    let words = head.split(['\n', '\r', '\t']).map(str::trim).filter(|word| !word.is_empty());
    let mut line = harmless(&words.collect::<Vec<_>>().join(" "));
    if head.len() < text.len() {
        line.push('…');
    }
    line
}

/// Columns that a harmless line takes.
pub(super) fn width(line: &str) -> usize {
    line.width()
}

/// The beginning of a line, in at most `columns`.
pub(super) fn cut(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |character: &char| match left.checked_sub(character.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut head: String = line.chars().take_while(fits).collect();
    head.push('…');
    head
}

/// The end of a line, in at most `rows_max` rows of `columns`; tabs as blanks.
pub(super) fn last_rows(line: &str, columns: usize, rows_max: usize) -> Vec<String> {
    let columns = columns.max(2);
    let start = line.ceil_char_boundary(line.len().saturating_sub(LOOKED_AT_BYTES_MAX.max(4 * columns * rows_max)));
    let mut rows = vec![String::new()];
    let mut taken = 0;
    for character in harmless(&line[start..]).replace('\t', TAB).chars() {
        let wide = character.width().unwrap_or(0);
        if taken + wide > columns {
            rows.push(String::new());
            taken = 0;
        }
        taken += wide;
        if let Some(row) = rows.last_mut() {
            row.push(character);
        }
    }
    rows.split_off(rows.len().saturating_sub(rows_max))
}

#[cfg(test)]
mod tests {
    use super::{cut, last_rows, one_line};

    #[test]
    fn a_line_has_no_breaks_and_no_commands() {
        assert_eq!(one_line("  a\r\n\tb \u{1b}[2J\u{202e}\n"), "a b \\u001b[2J\\u202e");
        assert_eq!(one_line(&"é".repeat(1 << 20)), "é".repeat(2 << 10) + "…");
    }

    #[test]
    fn a_line_is_cut_by_columns_not_by_characters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 0), "…");
    }

    #[test]
    fn the_end_of_a_long_line_is_shown_in_rows() {
        assert_eq!(last_rows("", 4, 2), [""]);
        assert_eq!(last_rows("abcdefghij", 4, 2), ["efgh", "ij"]);
        assert_eq!(last_rows("日本語", 3, 3), ["日", "本", "語"]);
        assert_eq!(last_rows(&"x".repeat(1 << 20), 80, 3).len(), 3);
    }
}
