//! The script as it was written, and the program in it: models wrap code in Markdown.

use crate::Refusal;
use crate::script_error::STACK_BYTES_MAX;
use std::borrow::Cow;
use std::sync::Arc;

/// A script that is about to run.
pub(crate) struct Source {
    /// As the author wrote it, Markdown included. Positions in errors are positions in this text.
    written: String,
    /// The program, with as many line breaks before it as it had lines before it: so lines need no translation.
    program: Arc<str>,
    /// Counts from 1 within the instance.
    number: u32,
}

impl Source {
    /// Refuses what is too large before anything else looks at it, then finds the program.
    pub(crate) fn new(written: String, bytes_max: usize) -> Result<Self, Refusal> {
        let bytes = written.len();
        if bytes > bytes_max {
            return Err(Refusal::TooLarge { bytes, bytes_max });
        }
        let program: Arc<str> = match fenced(&written) {
            Some(block) => ("\n".repeat(block.lines_before) + block.code).into(),
            None => written.as_str().into(),
        };
        if program.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        Ok(Self { written, program, number: 1 })
    }

    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// Makes it a later script of an instance.
    pub(crate) fn numbered(mut self, number: u32) -> Self {
        self.number = number;
        self
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }

    /// A stack in which this script alone is `script.js`. The guest calls the second script of an instance `script-2.js`.
    pub(crate) fn own_stack<'a>(&self, stack: &'a str) -> Cow<'a, str> {
        if self.number == 1 {
            return stack.into();
        }
        let stack = &stack[..stack.floor_char_boundary(STACK_BYTES_MAX)];
        let own = format!("script-{}.js:", self.number);
        stack.replace("script.js:", "script-1.js:").replace(&own, "script.js:").into()
    }

    pub(crate) fn program(&self) -> Arc<str> {
        Arc::clone(&self.program)
    }
}

struct Block<'a> {
    lines_before: usize,
    code: &'a str,
}

const LANGUAGES: &[&str] = &["", "js", "javascript", "jsx", "mjs", "cjs", "ts", "typescript", "tsx"];

/// The one fenced block of a Markdown text. `None` if there is no fence at the beginning of a line, or more than one
/// block: then the text is taken as it stands.
fn fenced(text: &str) -> Option<Block<'_>> {
    let mut open: Option<(usize, usize)> = None;
    let mut block = None;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = start + line.len();
        if let Some(language) = line.trim_end().strip_prefix("```") {
            match open {
                None if block.is_some() => return None,
                None if LANGUAGES.contains(&language.trim().to_ascii_lowercase().as_str()) => {
                    open = Some((number + 1, end));
                }
                None => return None,
                Some((lines_before, from)) if language.is_empty() => {
                    block = Some(Block { lines_before, code: &text[from..start] });
                    open = None;
                }
                Some(_) => return None,
            }
        }
        start = end;
    }
    // A reply that was cut off has no closing fence.
    block.or_else(|| open.map(|(lines_before, from)| Block { lines_before, code: &text[from..] }))
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::Refusal;

    #[track_caller]
    fn check(written: &str, program: &str) {
        let source = Source::new(written.to_owned(), 1_000).map(|source| source.program().to_string());
        assert_eq!(source.as_deref(), Ok(program));
    }

    #[test]
    fn plain_code_is_taken_as_it_stands() {
        check("return 1", "return 1");
        check("const s = `\\`\\`\\``; s", "const s = `\\`\\`\\``; s");
    }

    #[test]
    fn one_fence_with_prose_around_it_is_unwrapped_and_lines_stay_in_place() {
        check("```js\nreturn 1\n```", "\nreturn 1\n");
        check("Sure! Here:\n\n```javascript\nreturn 1\n```\nHope it helps.", "\n\n\nreturn 1\n");
        check("```\nreturn 1\n```\n", "\nreturn 1\n");
        check("```ts\nreturn 1", "\nreturn 1");
    }

    #[test]
    fn several_blocks_or_another_language_are_not_guessed_at() {
        for text in ["```js\n1\n```\n```js\n2\n```", "```python\nprint(1)\n```"] {
            check(text, text);
        }
    }

    #[test]
    fn nothing_to_run_is_refused() {
        for text in ["", "  \n\t", "```js\n\n```"] {
            assert_eq!(Source::new(text.to_owned(), 1_000).err(), Some(Refusal::Empty));
        }
    }

    #[test]
    fn the_size_limit_counts_bytes_as_written() {
        assert!(Source::new("é".repeat(500), 1_000).is_ok());
        let refusal = Source::new("é".repeat(501), 1_000).err();
        assert_eq!(refusal, Some(Refusal::TooLarge { bytes: 1_002, bytes_max: 1_000 }));
    }
}
