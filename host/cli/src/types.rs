//! `agentloop check --types`: a TypeScript compiler of the user's looks at the script, and what it says is told as
//! findings.
//!
//! The compiler sees a folder of its own with the script, the declarations of the tools and those of the realm, and
//! nothing else: no configuration of the user's, no packages. Nothing of the script runs.

mod compiler;
mod diagnostics;
mod folder;
mod program;

use crate::exit::{Complaint, Exit};
use compiler::Compiler;
use diagnostics::Diagnostic;
use folder::Folder;
use program::{Language, Program};
use std::io;

/// What the realm has beyond the language.
const REALM: &str = include_str!("realm.d.ts");
/// Findings that are told of. A script has more when it is no use to read them all.
const FINDINGS_MAX: usize = 100;

/// Something that the compiler says of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeFinding {
    /// `TS2339`.
    pub(crate) code: String,
    /// In the compiler's words. Further lines are indented.
    pub(crate) message: String,
    /// In the script as written, from 1.
    pub(crate) line: u32,
    /// In characters, from 1.
    pub(crate) column: u32,
}

/// Checks the types of a program. Lines of `program` are those of the script as written: what stands around the code
/// has been replaced by empty lines. It is JavaScript if it can be, as when it runs.
pub(crate) fn check(program: &str, declarations: &str) -> Result<Vec<TypeFinding>, Complaint> {
    let compiler = Compiler::find()?;
    let mut found = look(&compiler, &Program::new(program, Language::JavaScript), declarations)?;
    let mut language = Language::JavaScript;
    if found.iter().any(Diagnostic::says_not_javascript) {
        language = Language::TypeScript;
        found = look(&compiler, &Program::new(program, language), declarations)?;
    }
    found.retain(|diagnostic| diagnostic.is_of_interest(language));
    found.truncate(FINDINGS_MAX);
    let program = Program::new(program, language);
    let mut findings: Vec<TypeFinding> =
        found.into_iter().map(|diagnostic| diagnostic.into_finding(&program)).collect();
    findings.sort_by_key(|finding| (finding.line, finding.column));
    Ok(findings)
}

fn look(compiler: &Compiler, program: &Program, declarations: &str) -> Result<Vec<Diagnostic>, Complaint> {
    let folder = Folder::new().map_err(|error| no_folder(&error))?;
    let files = [
        (program.language().file(), program.wrapped()),
        ("tools.d.ts", declarations),
        ("realm.d.ts", REALM),
        ("tsconfig.json", &program.language().configuration()),
        // So that the compiler looks for none in the folders above.
        ("package.json", "{ \"type\": \"module\" }\n"),
    ];
    for (name, text) in files {
        folder.write(name, text).map_err(|error| no_folder(&error))?;
    }
    let output = compiler.check(folder.path())?;
    diagnostics::read(&output.text, program.language().file())
        .and_then(|found| match found.len() {
            0 if !output.is_success => Err(format!("it says nothing, and fails: {}", output.complaint)),
            _ => Ok(found),
        })
        .map_err(|reason| {
            Complaint::new(
                Exit::Host,
                format!("the TypeScript compiler `{}` could not check the script: {reason}", compiler.path().display()),
                "check without --types, or with another version of TypeScript 7",
            )
        })
}

fn no_folder(error: &io::Error) -> Complaint {
    Complaint::new(
        Exit::Host,
        format!("the folder for the TypeScript compiler could not be made: {error}"),
        "check that the folder for temporary files (`TMPDIR`) can be written to",
    )
}
