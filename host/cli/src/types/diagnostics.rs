//! What the compiler prints, read, and what of it is worth telling.

use super::TypeFinding;
use super::program::{Language, Program};

/// Bytes of one message: types that it prints may be large.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// Lines such as `script.ts(12,5): error TS2322: Type …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    line: u32,
    column: u32,
    code: u32,
    message: String,
}

/// Of the function that stands around the program: imports and exports belong to the top level of a module, and so do
/// namespaces and `declare`.
const OF_WRAPPER: &[u32] = &[1184, 1231, 1232, 1233, 1234, 1235, 1258, 1473, 1474];

/// What JavaScript does and means, whatever the compiler says: dates are subtracted, `new Promise((resolve) =>
/// resolve())` has no type to be told of.
const HABITS: &[u32] = &[2362, 2363, 2810];

/// Syntax that only TypeScript has.
const OF_TYPESCRIPT: &[u32] = &[8002, 8003, 8004, 8005, 8006, 8008, 8009, 8010, 8011, 8012, 8013, 8016, 8017, 8037];

/// What begins advice to change the configuration, or to install packages.
const ADVICE: &[&str] = &[". Do you need to ", ". Consider using '--"];

impl Diagnostic {
    /// Whether the text cannot be JavaScript.
    pub(crate) fn says_not_javascript(&self) -> bool {
        // From 1500 on they are about regular expressions; those from 17000 on about what looks like JSX.
        let is_syntax = matches!(self.code, 1000..1500 | 17000..18000) && !OF_WRAPPER.contains(&self.code);
        is_syntax || OF_TYPESCRIPT.contains(&self.code)
    }

    /// Whether it is about the script, and not about how it was shown to the compiler or how people write.
    pub(crate) fn is_of_interest(&self, language: Language) -> bool {
        let is_habit = match language {
            // An object that is filled later on.
            Language::JavaScript => {
                HABITS.contains(&self.code) || (self.code == 2339 && self.message.ends_with("on type '{}'."))
            }
            Language::TypeScript => false,
        };
        // From 7000 on they are about types that are not written, and about code that is never reached.
        let is_implicit = matches!(self.code, 7000..8000);
        !is_habit && !is_implicit && !self.is_about_zod() && !OF_WRAPPER.contains(&self.code)
    }

    /// What Zod offers is not declared.
    fn is_about_zod(&self) -> bool {
        const NAMES: &[&str] = &["\"zod\"", "\"zod/v4\"", "Namespace 'z' has no exported member"];
        matches!(self.code, 2305 | 2339 | 2551 | 2694 | 2724) && NAMES.iter().any(|name| self.message.contains(name))
    }

    pub(crate) fn into_finding(self, program: &Program) -> TypeFinding {
        let (line, column) = program.position(self.line, self.column);
        let advice = ADVICE.iter().find_map(|advice| self.message.split_once(advice));
        let message = match advice {
            Some((cause, _)) if self.message.starts_with("Cannot find ") => format!("{cause}."),
            _ => self.message,
        };
        TypeFinding { code: format!("TS{}", self.code), message: cut(message), line, column }
    }
}

fn cut(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    message
}

/// Reads what the compiler printed about `file`. What it says of anything else is a fault of ours, or of the compiler.
pub(crate) fn read(output: &str, file: &str) -> Result<Vec<Diagnostic>, String> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for line in output.lines() {
        if let Some(diagnostic) = line.strip_prefix(file).and_then(first_line) {
            found.push(diagnostic);
        } else if line.starts_with(' ')
            && let Some(last) = found.last_mut()
        {
            if last.message.len() <= MESSAGE_BYTES_MAX {
                last.message.push('\n');
                last.message.push_str(line);
            }
        } else if !line.trim().is_empty() {
            return Err(cut(line.to_owned()));
        }
    }
    Ok(found)
}

/// `(12,5): error TS2322: Type …`.
fn first_line(line: &str) -> Option<Diagnostic> {
    let (place, rest) = line.strip_prefix('(')?.split_once("): error TS")?;
    let (line, column) = place.split_once(',')?;
    let (code, message) = rest.split_once(": ")?;
    let message = message.to_owned();
    Some(Diagnostic { line: line.parse().ok()?, column: column.parse().ok()?, code: code.parse().ok()?, message })
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, MESSAGE_BYTES_MAX, read};
    use crate::types::TypeFinding;
    use crate::types::program::{Language, Program};

    fn diagnostic(code: u32, message: &str) -> Diagnostic {
        Diagnostic { line: 2, column: 1, code, message: message.to_owned() }
    }

    #[test]
    fn a_message_goes_on_in_indented_lines() {
        let output = "script.ts(2,1): error TS1: a\n  b\n    c\nscript.ts(3,5): error TS2: d: e\n";
        let last = Diagnostic { line: 3, column: 5, ..diagnostic(2, "d: e") };
        assert_eq!(read(output, "script.ts"), Ok(vec![diagnostic(1, "a\n  b\n    c"), last]));
        assert_eq!(read("", "script.ts"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_about_the_script_is_a_fault() {
        for line in
            ["error TS5023: Unknown compiler option 'x'.", "tools.d.ts(1,1): error TS1005: ';' expected.", "panic"]
        {
            assert_eq!(read(line, "script.ts"), Err(line.to_owned()));
        }
        assert_eq!(read("  indented", "script.ts"), Err("  indented".to_owned()));
    }

    #[track_caller]
    fn check_interest(code: u32, message: &str, in_javascript: bool, in_typescript: bool) {
        let diagnostic = diagnostic(code, message);
        let found = [Language::JavaScript, Language::TypeScript].map(|language| diagnostic.is_of_interest(language));
        assert_eq!(found, [in_javascript, in_typescript]);
    }

    #[test]
    fn only_what_is_about_the_script_is_told() {
        check_interest(2322, "Type 'string' is not assignable to type 'number'.", true, true);
        check_interest(
            1232,
            "An import declaration can only be used at the top level of a namespace or module.",
            false,
            false,
        );
        check_interest(7006, "Parameter 'a' implicitly has an 'any' type.", false, false);
        check_interest(2362, "The left-hand side of an arithmetic operation must be …", false, true);
        check_interest(2339, "Property 'a' does not exist on type '{}'.", false, true);
        check_interest(2339, "Property 'a' does not exist on type 'typeof import(\"zod\")'.", false, false);
    }

    #[test]
    fn advice_on_the_configuration_is_left_out() {
        let program = Program::new("fetch", Language::JavaScript);
        let message = "Cannot find name 'fetch'. Do you need to change your target library?";
        let finding = diagnostic(2584, message).into_finding(&program);
        let message = "Cannot find name 'fetch'.".to_owned();
        assert_eq!(finding, TypeFinding { code: "TS2584".to_owned(), message, line: 1, column: 1 });
    }

    #[test]
    fn a_huge_message_is_cut() {
        let program = Program::new("a", Language::JavaScript);
        let finding = diagnostic(1, &"é".repeat(MESSAGE_BYTES_MAX)).into_finding(&program);
        assert_eq!(finding.message, format!("{}…", "é".repeat(MESSAGE_BYTES_MAX / 2)));
    }
}
