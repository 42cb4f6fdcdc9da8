//! What can be said of a script before it runs: the guest tells what it sees in it, and this module compares that with the
//! tools on file. Nothing of the script's text is parsed here.

use crate::discovery::is_built_in;
use crate::script_error::code_frame;
use crate::shape::{self, Shape};
use crate::{Ending, Error, Position, Tool, Toolbox};
use serde::Deserialize;
use std::fmt;

/// Findings that are told of. A script has more when it is no use to read them all.
const FINDINGS_MAX: usize = 100;

/// Something about a script that will go wrong, or very likely.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where, in the script as written.
    pub position: Option<Position>,
    /// The lines around the position, with a mark.
    pub frame: Option<String>,
}

/// The kinds of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The script is not a program.
    Syntax,
    /// No tool of this name is on file.
    UnknownTool,
    /// An argument that the tool needs is not given.
    MissingArgument,
    /// An argument that the tool does not have.
    UnknownArgument,
    /// An argument whose value the tool does not take.
    WrongArgument,
    /// A variable that nothing declares.
    UnknownVariable,
    /// What a TypeScript compiler says; see [`Finding::of_types`].
    Types,
    /// The script could not be looked at within the limits.
    NotChecked,
}

impl Rule {
    /// The name that reports use: `syntax`, `unknown_tool`, `missing_argument`, `unknown_argument`, `wrong_argument`,
    /// `unknown_variable`, `types` or `not_checked`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownTool => "unknown_tool",
            Self::MissingArgument => "missing_argument",
            Self::UnknownArgument => "unknown_argument",
            Self::WrongArgument => "wrong_argument",
            Self::UnknownVariable => "unknown_variable",
            Self::Types => "types",
            Self::NotChecked => "not_checked",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Finding {
    pub(crate) fn new(rule: Rule, message: String, hint: Option<String>) -> Self {
        Self { rule, message, hint, position: None, frame: None }
    }

    /// A script that could not be looked at to its end.
    pub(crate) fn of_ending(ending: &Ending) -> Self {
        match ending {
            Ending::Syntax(error) => Self {
                position: error.position,
                frame: error.frame.clone(),
                ..Self::new(Rule::Syntax, error.to_string(), None)
            },
            Ending::Refused(refusal) => Self::new(Rule::NotChecked, refusal.to_string(), None),
            Ending::LimitExceeded(exceeded) => {
                let limit = exceeded.limit.name();
                let message =
                    format!("the limit `{limit}` of {} was reached while the script was looked at", exceeded.allowed);
                Self::new(Rule::NotChecked, message, None)
            }
            _ => Self::new(Rule::NotChecked, "looking at the script was cancelled".to_owned(), None),
        }
    }

    /// A finding of a compiler that somebody else ran on the script, as it was `written`.
    pub fn of_types(message: String, position: Position, written: &str) -> Self {
        let frame = code_frame(&message, position, written);
        Self { position: Some(position), frame, ..Self::new(Rule::Types, message, None) }
    }

    fn at(mut self, place: Place, written: &str) -> Self {
        self.position = Position::in_bytes(place.line, place.column, written);
        self.frame = self.position.and_then(|position| code_frame(&self.message, position, written));
        self
    }
}

/// A place as the guest tells it: the column counts bytes.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// What the guest saw.
#[derive(Deserialize)]
struct Survey {
    calls: Vec<SeenCall>,
    unknown_globals: Vec<SeenVariable>,
    /// Why the guest saw nothing: the script nests too deeply, for example.
    given_up: Option<String>,
}

#[derive(Deserialize)]
struct SeenCall {
    path: Vec<String>,
    #[serde(flatten)]
    place: Place,
    /// `None`: the tool is mentioned, not called.
    argument_count: Option<u32>,
    spread: bool,
    argument: Option<Shape>,
}

#[derive(Deserialize)]
struct SeenVariable {
    name: String,
    #[serde(flatten)]
    place: Place,
    hint: Option<String>,
}

/// Compares what the guest saw with the tools on file.
pub(crate) fn findings(survey: &str, toolbox: &Toolbox, written: &str) -> Result<Vec<Finding>, Error> {
    let survey: Survey = serde_json::from_str(survey)
        .map_err(|error| Error::Guest { reason: format!("its survey of the script is malformed: {error}") })?;
    if let Some(reason) = survey.given_up {
        let message = format!("the calls in the script could not be looked at: {}", shown(&reason));
        return Ok(vec![Finding::new(Rule::NotChecked, message, None)]);
    }
    let calls = survey.calls.iter().flat_map(|call| of_call(call, toolbox));
    let variables = survey.unknown_globals.iter().map(|variable| {
        let message = format!("nothing declares `{}`", shown(&variable.name));
        (Finding::new(Rule::UnknownVariable, message, variable.hint.clone()), variable.place)
    });
    let mut found: Vec<(Finding, Place)> = calls.chain(variables).take(FINDINGS_MAX).collect();
    found.sort_by_key(|(_, place)| (place.line, place.column));
    Ok(found.into_iter().map(|(finding, place)| finding.at(place, written)).collect())
}

fn of_call(call: &SeenCall, toolbox: &Toolbox) -> Vec<(Finding, Place)> {
    let name = call.path.join(".");
    if is_built_in(&name) {
        return Vec::new();
    }
    let Some(tool) = toolbox.get(&name) else {
        return unknown_tool(call, &name, toolbox).into_iter().map(|finding| (finding, call.place)).collect();
    };
    match (call.argument_count, &call.argument) {
        // Not called, or with arguments that only the run will know.
        (None, _) => Vec::new(),
        _ if call.spread => Vec::new(),
        (Some(2..), _) => {
            let message = format!("`tools.{name}` takes one object with its arguments");
            vec![(Finding::new(Rule::WrongArgument, message, None), call.place)]
        }
        (_, None) => of_arguments(tool, &Shape::no_arguments(call.place)),
        (_, Some(shape)) => of_arguments(tool, shape),
    }
}

fn of_arguments(tool: &Tool, arguments: &Shape) -> Vec<(Finding, Place)> {
    let found = shape::mismatches(tool.name().as_str(), tool.input_schema(), arguments);
    if !found.is_empty() {
        return found;
    }
    // All of it is written out: the check of the run itself can be made now.
    let Some(value) = arguments.value() else { return Vec::new() };
    match tool.check_arguments(&value) {
        Ok(()) => Vec::new(),
        Err(error) => vec![(Finding::new(Rule::WrongArgument, error.message, None), arguments.place())],
    }
}

/// A name that is no tool. `None` for a namespace that is only mentioned, and for a property of a tool, such as `call`.
fn unknown_tool(call: &SeenCall, name: &str, toolbox: &Toolbox) -> Option<Finding> {
    let prefix = format!("{name}.");
    let is_namespace = toolbox.iter().any(|tool| tool.name().as_str().starts_with(&prefix));
    let is_inside_tool = (1..call.path.len()).any(|length| toolbox.get(&call.path[..length].join(".")).is_some());
    if is_inside_tool || (is_namespace && call.argument_count.is_none()) {
        return None;
    }
    let names: Vec<&str> = toolbox.iter().map(|tool| tool.name().as_str()).collect();
    let hint = match nearest(name, &names) {
        Some(near) => format!("did you mean `tools.{near}`?"),
        None if names.is_empty() => "there are no tools on file".to_owned(),
        None => format!("there are: {}", listed(&names)),
    };
    Some(Finding::new(Rule::UnknownTool, format!("there is no tool `{}`", shown(name)), Some(hint)))
}

const LISTED_MAX: usize = 20;

pub(crate) fn listed(names: &[&str]) -> String {
    let more = if names.len() > LISTED_MAX { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(LISTED_MAX)].join(", "))
}

const NAME_CHARACTERS_MAX: usize = 64;

/// A name that the script chose, at a length that can be read.
pub(crate) fn shown(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARACTERS_MAX) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

/// The name that was most likely meant: one edit for a short name, one more for every three characters. The last segment of a
/// tool's name counts as its name too.
pub(crate) fn nearest<'a>(asked: &str, names: &[&'a str]) -> Option<&'a str> {
    let asked = shown(asked);
    let edits_max = (asked.chars().count() / 3).max(1);
    let distance = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        strsim::osa_distance(&asked, name).min(strsim::osa_distance(&asked, last))
    };
    names
        .iter()
        .map(|name| (distance(name), *name))
        .filter(|(edits, _)| *edits <= edits_max)
        .min()
        .map(|(_, name)| name)
}
