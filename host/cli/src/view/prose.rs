//! What a model says, as it arrives: line by line, without the scripts and literals in it, which are shown folded elsewhere.

/// Beyond this, text is not shown while it arrives. The answer is, whole, when the turn is over.
const SHOWN_BYTES_MAX: usize = 64 << 10;
const SCRIPT_LANGUAGES: [&str; 6] = ["js", "javascript", "ts", "typescript", "jsx", "mjs"];
const LITERALS: [&str; 2] = ["<literals>", "</literals>"];

/// What stands between two marks and is not shown.
enum Hidden {
    /// A block that so many backticks close.
    Script(usize),
    Literals,
}

/// The text of one reply.
#[derive(Default)]
pub(super) struct Prose {
    /// The last line, which is not complete.
    rest: String,
    hidden: Option<Hidden>,
    shown: String,
}

impl Prose {
    /// Takes a piece, and gives the lines that are complete now.
    pub(super) fn push(&mut self, piece: &str) -> Vec<String> {
        let mut lines = Vec::new();
        for part in piece.split_inclusive('\n') {
            if self.shown.len() + self.rest.len() > SHOWN_BYTES_MAX {
                return lines;
            }
            self.rest.push_str(part);
            if part.ends_with('\n') {
                lines.extend(self.line());
            }
        }
        lines
    }

    /// The reply is over: the last line is complete.
    pub(super) fn end(&mut self) -> Option<String> {
        let line = self.line().filter(|line| !line.is_empty());
        self.hidden = None;
        line
    }

    /// The line that is not complete, if it is to be shown.
    pub(super) fn unfinished(&self) -> &str {
        if self.hidden.is_some() { "" } else { self.rest.trim_end_matches('\r') }
    }

    /// Whether just this has been shown, and nothing of it was left out.
    pub(super) fn has_shown(&self, answer: &str) -> bool {
        !answer.trim().is_empty() && self.shown.trim() == answer.trim()
    }

    /// The line that has just become complete, if it is to be shown.
    fn line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.rest);
        let line = line.strip_suffix('\n').unwrap_or(&line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match self.hidden {
            Some(Hidden::Literals) if line.contains(LITERALS[1]) => self.hidden = None,
            Some(Hidden::Script(ticks)) if closes(line, ticks) => self.hidden = None,
            Some(_) => {}
            None => {
                self.hidden = opens(line);
                if self.hidden.is_none() {
                    self.shown.push_str(line);
                    self.shown.push('\n');
                    // A reply that begins with blank lines begins with what comes after them.
                    return (!self.shown.trim().is_empty()).then(|| line.to_owned());
                }
            }
        }
        None
    }
}

fn ticks(line: &str) -> usize {
    line.trim_start().bytes().take_while(|byte| *byte == b'`').count()
}

fn opens(line: &str) -> Option<Hidden> {
    if line.contains(LITERALS[0]) && !line.contains(LITERALS[1]) {
        return Some(Hidden::Literals);
    }
    let ticks = ticks(line);
    let language = line.trim_start()[ticks..].split_whitespace().next().unwrap_or_default().to_lowercase();
    (ticks >= 3 && SCRIPT_LANGUAGES.contains(&language.as_str())).then_some(Hidden::Script(ticks))
}

fn closes(line: &str, opening: usize) -> bool {
    ticks(line) >= opening && line.trim().bytes().all(|byte| byte == b'`')
}

#[cfg(test)]
mod tests {
    use super::Prose;

    /// The lines of a reply, whatever the pieces in which it arrives.
    #[track_caller]
    fn check(text: &str, lines: &[&str]) -> Prose {
        for size in [1, 3, 1_000] {
            let mut prose = Prose::default();
            let characters: Vec<char> = text.chars().collect();
            let pieces = characters.chunks(size).map(|piece| piece.iter().collect::<String>());
            let mut found: Vec<String> = pieces.flat_map(|piece| prose.push(&piece)).collect();
            found.extend(prose.end());
            assert_eq!(found, lines, "in pieces of {size}");
        }
        let mut prose = Prose::default();
        prose.push(text);
        prose.end();
        prose
    }

    #[test]
    fn lines_come_as_they_are_complete() {
        check("\n\none\r\n\n  two ", &["one", "", "  two "]);
        let mut prose = Prose::default();
        assert_eq!(prose.push("one\ntw"), ["one"]);
        assert_eq!(prose.unfinished(), "tw");
    }

    #[test]
    fn scripts_and_literals_are_left_out_and_other_blocks_are_not() {
        check("look:\n```js\nreturn 1\n```\ndone", &["look:", "done"]);
        check("````ts\n```\n````\n```sh\nls\n```", &["```sh", "ls", "```"]);
        check("a\n<literals><literal id=\"x\">\nlong\n</literal></literals>\nb", &["a", "b"]);
        check("```js\nnever closed", &[]);
    }

    #[test]
    fn an_answer_has_been_shown_only_if_all_of_it_was() {
        assert!(check("a\nb\n", &["a", "b"]).has_shown("a\nb"));
        assert!(!check("a\n```js\n1\n```", &["a"]).has_shown("a\n```js\n1\n```"));
        assert!(!check("", &[]).has_shown(""));
        let long = "x".repeat(200_000);
        let mut prose = Prose::default();
        for _ in 0..4 {
            prose.push(&long);
        }
        assert!(prose.unfinished().len() <= 200_000);
        assert!(!prose.has_shown(&long.repeat(4)));
    }
}
