//! Finds long functions, in Rust and C formatted as the repository formats them: the closing brace of a function stands
//! where its first line began.

/// A function that is too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Long {
    /// Where it begins, from 1.
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

pub(crate) fn long_functions(source: &str, lines_max: usize) -> Vec<Long> {
    let lines: Vec<&str> = source.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !begins_function(line, lines.get(index + 1).copied()) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", &line[..indent]);
        let end = lines[index..].iter().position(|candidate| *candidate == closing);
        let length = end.map_or(0, |end| end + 1);
        if length > lines_max {
            found.push(Long { line: index + 1, lines: length });
        }
    }
    found
}

/// `fn name(…` with any qualifiers in Rust; in C a line at the margin with a parameter list and the brace below it.
fn begins_function(line: &str, next: Option<&str>) -> bool {
    let code = line.trim_start();
    let is_rust = ["fn ", "pub fn ", "async fn ", "pub async fn ", "const fn ", "unsafe fn ", "pub unsafe fn "]
        .iter()
        .any(|prefix| code.starts_with(prefix))
        || (code.starts_with("pub(") && code.contains(") fn ") || code.contains(") async fn "));
    let is_c = next == Some("{") && line.ends_with(')') && !line.starts_with([' ', '}', '#']);
    (is_rust && !code.ends_with(';') && !code.ends_with('}')) || is_c
}

#[test]
fn a_function_is_measured_from_its_first_line_to_its_brace() {
    let rust = "impl A {\n    pub(crate) fn a() {\n        b();\n        c();\n    }\n\n    fn d() {}\n}\n";
    assert_eq!(long_functions(rust, 3), [Long { line: 2, lines: 4 }]);
    assert_eq!(long_functions(rust, 4), []);
    let c = "static int a(int b)\n{\n    if (b) {\n    }\n    return b;\n}\n";
    assert_eq!(long_functions(c, 5), [Long { line: 1, lines: 6 }]);
}
