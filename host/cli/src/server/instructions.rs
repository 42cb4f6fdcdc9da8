//! What a model is told of the server: how scripts are written, and which tools they can call. The same tools give the same text.

use agentloop_sandbox::Toolbox;

/// Bytes of the tools in the instructions: clients put all of it into every prompt.
const TOOLS_BYTES_MAX: usize = 6 << 10;

/// The description of `execute`.
pub(super) const EXECUTE: &str = "\
Runs JavaScript or TypeScript in a sandbox, in microseconds. The script is the body of an async function: use `await` and \
`return`. It calls tools as `await tools.name({ key: value })`, in parallel with `Promise.all`; filter, join and sum up their \
results in code, and return only what you need to see. There is no network, no file system, no `import`, no `require`: the only \
way out is `tools`. A failed call throws a `ToolError` with `kind` and `message`, which may be caught. Inside of a script, \
`await tools.$search(\"words\")` finds tools. Each script starts anew.";

pub(super) fn of(toolbox: &Toolbox) -> String {
    let tools = match toolbox.iter().next() {
        None => "There are no tools: scripts can compute, and print.".to_owned(),
        Some(_) => format!(
            "What scripts can call, in TypeScript:\n\n```ts\n{}\n```",
            toolbox.outline(TOOLS_BYTES_MAX).trim_end()
        ),
    };
    format!(
        "Do with one script of `execute` what would take many calls: loops, joins, filters, sums. Find tools with `search_tools`, \
         or see below.\n\n{tools}"
    )
}
