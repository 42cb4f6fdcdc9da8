//! The program as the compiler sees it: the body of an asynchronous function in a module, each column as it was
//! written.

/// The line before the program: so `return` and `await` are as legal as when it runs, and comments at its beginning
/// that would direct the compiler (`/// <reference path="…" />`, `// @ts-nocheck`) are just comments.
const BEFORE: &str = "export default async function () {\n";
const AFTER: &str = "\n}\n";

/// Which of the two languages the compiler takes a program for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    TypeScript,
}

impl Language {
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::JavaScript => "script.js",
            Self::TypeScript => "script.ts",
        }
    }

    /// The compiler's configuration.
    pub(crate) fn configuration(self) -> String {
        let options = match self {
            // Nobody can write `!` or `: string[]` in it: what would ask for them is off.
            Self::JavaScript => {
                r#""allowJs": true, "checkJs": true, "strictNullChecks": false, "strictPropertyInitialization": false,
        "noImplicitAny": false, "noImplicitThis": false,"#
            }
            // `noImplicitAny` stays on, because without it `let x = null` cannot become anything else. Its findings are
            // not told.
            Self::TypeScript => "",
        };
        let file = self.file();
        format!(
            r#"{{
    "files": ["{file}", "realm.d.ts", "tools.d.ts"],
    "compilerOptions": {{
        {OPTIONS}
        {options}
        "noEmit": true
    }}
}}
"#
        )
    }
}

/// What holds for both languages. `noResolve` is what keeps the compiler from opening files that a script names.
const OPTIONS: &str = r#""strict": true, "useUnknownInCatchVariables": false, "skipLibCheck": true,
        "target": "esnext", "module": "esnext", "moduleResolution": "bundler", "moduleDetection": "force",
        "lib": ["esnext"], "types": [], "typeRoots": [], "noResolve": true, "resolveJsonModule": false,
        "allowUnusedLabels": true, "allowUnreachableCode": true,"#;

pub(crate) struct Program {
    language: Language,
    wrapped: String,
}

impl Program {
    pub(crate) fn new(text: &str, language: Language) -> Self {
        let lines = text.split_inclusive('\n').map(|line| match default_export(line) {
            None => line.to_owned(),
            Some((indent, replacement, rest)) => format!("{indent}{replacement}{rest}"),
        });
        let wrapped = format!("{BEFORE}{}{AFTER}", lines.collect::<String>());
        Self { language, wrapped }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn wrapped(&self) -> &str {
        &self.wrapped
    }

    /// A place as the compiler tells it, both from 1, with columns in units of UTF-16, as a place in the script.
    pub(crate) fn position(&self, line: u32, column: u32) -> (u32, u32) {
        let line_start = line_starts(&self.wrapped).nth(line.saturating_sub(1) as usize).unwrap_or(self.wrapped.len());
        let mut units_left = column.saturating_sub(1) as usize;
        let mut at = line_start;
        for character in self.wrapped[line_start..].chars() {
            if units_left < character.len_utf16() {
                break;
            }
            units_left -= character.len_utf16();
            at += character.len_utf8();
        }
        let program = &self.wrapped[BEFORE.len()..self.wrapped.len() - AFTER.len()];
        // What is missing at the end is told of where the program ends.
        let before = &program[..at.saturating_sub(BEFORE.len()).min(program.trim_end().len())];
        let lines = before.matches('\n').count();
        let columns = before.rsplit('\n').next().unwrap_or_default().chars().count();
        (count(lines + 1), count(columns + 1))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where lines begin, as the compiler counts them: a carriage return and the separators of Unicode end a line too.
fn line_starts(text: &str) -> impl Iterator<Item = usize> {
    let after_break = |(at, character): (usize, char)| {
        let is_break = match character {
            '\n' | '\u{2028}' | '\u{2029}' => true,
            '\r' => !text[at + 1..].starts_with('\n'),
            _ => false,
        };
        is_break.then_some(at + character.len_utf8())
    };
    std::iter::once(0).chain(text.char_indices().filter_map(after_break))
}

/// In a function nothing can be exported, and what a misplaced `export default` exports is not looked at. So a line
/// that begins with one gets something of the same width: a variable for a value, nothing for a declaration.
fn default_export(line: &str) -> Option<(&str, &'static str, &str)> {
    const EXPORT: &str = "export default";
    const VARIABLE: &str = "var $default =";
    const NOTHING: &str = "              ";
    let (indent, code) = line.split_at(line.len() - line.trim_start().len());
    let rest = code.strip_prefix(EXPORT).filter(|rest| !rest.starts_with(is_of_name))?;
    Some((indent, if is_declaration(rest) { NOTHING } else { VARIABLE }, rest))
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

/// Whether this declares a name: `async function f`, `class A`, `interface I`.
fn is_declaration(code: &str) -> bool {
    let mut words = code.split(|character: char| character.is_whitespace() || character == '*');
    let mut next = || words.find(|word| !word.is_empty()).unwrap_or_default();
    let is_name = |word: &str| word != "extends" && word.starts_with(is_of_name);
    match next() {
        "interface" | "abstract" | "enum" => true,
        "class" | "function" => is_name(next()),
        "async" => next() == "function" && is_name(next()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{AFTER, BEFORE, Language, Program};

    #[track_caller]
    fn check_position(program: &str, line: u32, column: u32, expected: (u32, u32)) {
        assert_eq!(Program::new(program, Language::JavaScript).position(line, column), expected);
    }

    #[test]
    fn the_line_before_the_program_does_not_count() {
        check_position("a\nb", 2, 1, (1, 1));
        check_position("a\nb", 3, 2, (2, 2));
        check_position("a\r\nb", 3, 1, (2, 1));
    }

    #[test]
    fn columns_count_characters() {
        check_position("'\u{1f600}\u{1f600}'; b", 2, 9, (1, 7));
        check_position("'é'; b", 2, 6, (1, 6));
    }

    #[test]
    fn a_line_ends_where_the_script_ends_one() {
        check_position("a\u{2028}b", 3, 1, (1, 3));
        check_position("a\rb\nc", 3, 1, (1, 3));
        check_position("a\rb\nc", 4, 1, (2, 1));
    }

    #[test]
    fn what_is_outside_of_the_program_is_told_of_at_its_ends() {
        check_position("a\nbc\n\n", 1, 3, (1, 1));
        check_position("a\nbc\n\n", 6, 1, (2, 3));
        check_position("a", 4_000_000_000, 4_000_000_000, (1, 2));
    }

    #[track_caller]
    fn check_text(program: &str, expected: &str) {
        let program = Program::new(program, Language::TypeScript);
        assert_eq!(program.wrapped(), format!("{BEFORE}{expected}{AFTER}"));
    }

    #[test]
    fn a_default_export_becomes_a_variable_of_the_same_width() {
        check_text("const a = 1;\n  export default a + 1;\n", "const a = 1;\n  var $default = a + 1;\n");
        check_text("export default async () => 1", "var $default = async () => 1");
        check_text("export default function () {}", "var $default = function () {}");
        check_text("export default class extends A {}", "var $default = class extends A {}");
    }

    #[test]
    fn a_declaration_that_is_exported_stays_one() {
        check_text("export default function f() {}", "               function f() {}");
        check_text("export default async function* f() {}", "               async function* f() {}");
        check_text("export default class A {}", "               class A {}");
        check_text("export default interface A {}", "               interface A {}");
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for text in ["export const a = 1;", "export defaults", "// export default a", "import a from 'b';"] {
            check_text(text, text);
        }
    }
}
