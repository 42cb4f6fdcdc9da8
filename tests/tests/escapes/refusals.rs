//! The words in which a script is refused what is not there, each with the way out. The families of attacks share them.

use agentloop_tests::{Expect, syntax, threw};

const TOOLS: &str = "there are: add, big, deep, echo, fail, math.add, math.panics, never, panics, raw, slow";

/// A variable that is not there and of which there is nothing to say.
pub(crate) fn absent(name: &str) -> Expect {
    threw(format!("ReferenceError: {name} is not defined"))
}

fn absent_because(name: &str, reason: &str) -> Expect {
    threw(format!("ReferenceError: {name} is not defined: {reason}"))
}

pub(crate) fn no_network(name: &str) -> Expect {
    absent_because(name, &format!("network access is only through tools; {TOOLS}"))
}

pub(crate) fn no_modules(name: &str) -> Expect {
    absent_because(name, &format!("there are no modules in the sandbox; {TOOLS}"))
}

pub(crate) fn no_files(name: &str) -> Expect {
    absent_because(name, &format!("there are no files in the sandbox but through tools; {TOOLS}"))
}

pub(crate) fn no_process(name: &str) -> Expect {
    let passed = "what a script may know is passed to it";
    absent_because(name, &format!("there is no process and no environment in the sandbox; {passed}"))
}

pub(crate) fn no_threads(name: &str) -> Expect {
    absent_because(name, "there are no threads in the sandbox; use promises")
}

pub(crate) fn no_page(name: &str) -> Expect {
    absent_because(name, "there is no page in the sandbox")
}

pub(crate) fn no_text(name: &str) -> Expect {
    absent_because(name, "text cannot be compiled in the sandbox; write the code itself")
}

/// A tool that was not given to the run.
pub(crate) fn no_tool(name: &str) -> Expect {
    threw(format!("TypeError: there is no tool \"{name}\"; {TOOLS}"))
}

/// `import("specifier")`.
pub(crate) fn no_import(specifier: &str) -> Expect {
    let offer = "there are no modules in the sandbox; what it offers is in `tools`";
    threw(format!("TypeError: cannot import '{specifier}': {offer}"))
}

/// `import … from "specifier"`.
pub(crate) fn no_import_from(specifier: &str) -> Expect {
    let offer = "what it offers is in `tools`";
    syntax(format!("SyntaxError: there are no modules in the sandbox: remove the import of \"{specifier}\"; {offer}"))
}

/// One of the four constructors that compile text.
pub(crate) fn no_compiler(constructor: &str) -> Expect {
    threw(format!("TypeError: {constructor} cannot compile code: there is no eval in the sandbox"))
}
