//! What the model is told before anything else: its task's rules, how to give scripts, what the realm has, and the tools.

use crate::AgentError;
use crate::provider::ReplyStyle;

/// How the parts of the system prompt are put together. Each `{{…}}` stands for a part; an empty part leaves no blank lines.
///
/// `{{system}}` is what the application says, `{{how}}` how scripts are given, `{{rules}}` what the realm is, `{{tools}}` the
/// declarations, `{{context}}` the sections of the turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    text: String,
}

const PARTS: [&str; 5] = ["system", "how", "rules", "tools", "context"];

impl Default for Template {
    fn default() -> Self {
        Self { text: "{{system}}\n\n{{how}}\n\n{{rules}}\n\n{{tools}}\n\n{{context}}".to_owned() }
    }
}

impl Template {
    /// A template of one's own.
    ///
    /// ```
    /// use agentloop::Template;
    ///
    /// assert!(Template::new("{{how}} {{rules}} {{tools}} And be brief.").is_ok());
    /// assert!(Template::new("Be brief.").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`AgentError::Configuration`] if `{{how}}` or `{{tools}}` is missing, without which no model can act, or if it names a part
    /// that does not exist.
    pub fn new(text: impl Into<String>) -> Result<Self, AgentError> {
        let text = text.into();
        for needed in ["how", "tools"] {
            if !text.contains(&format!("{{{{{needed}}}}}")) {
                return Err(AgentError::Configuration(format!("the prompt template lacks `{{{{{needed}}}}}`")));
            }
        }
        let mut rest = text.as_str();
        while let Some((_, from)) = rest.split_once("{{") {
            let Some((name, after)) = from.split_once("}}") else { break };
            if !PARTS.contains(&name) {
                let message = format!("the prompt template names `{{{{{name}}}}}`; there are {}", PARTS.join(", "));
                return Err(AgentError::Configuration(message));
            }
            rest = after;
        }
        Ok(Self { text })
    }

    /// Fills in the parts. One pass: what a part contains is not looked at.
    fn render(&self, part: impl Fn(&str) -> String) -> String {
        let mut prompt = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, from)) = rest.split_once("{{") {
            prompt.push_str(before);
            let Some((name, after)) = from.split_once("}}") else {
                rest = from;
                break;
            };
            let filled = part(name);
            rest = if filled.is_empty() { after.trim_start_matches('\n') } else { after };
            prompt.push_str(&filled);
        }
        prompt.push_str(rest);
        prompt.trim().to_owned()
    }
}

/// What goes into a prompt.
pub(crate) struct Parts<'a> {
    pub(crate) system: &'a str,
    pub(crate) style: ReplyStyle,
    pub(crate) declarations: &'a str,
    /// Whether scripts share a realm.
    pub(crate) in_session: bool,
    pub(crate) context: &'a [(String, String)],
}

/// The system prompt: the same, byte for byte, for the same parts.
pub(crate) fn system_prompt(template: &Template, parts: &Parts<'_>) -> String {
    template.render(|name| match name {
        "system" => parts.system.trim().to_owned(),
        "how" => how(parts.style).to_owned(),
        "rules" => rules(parts.in_session),
        "tools" => format!("The tools, in TypeScript:\n\n```ts\n{}\n```", parts.declarations.trim_end()),
        "context" => context(parts.context),
        _ => String::new(),
    })
}

fn context(sections: &[(String, String)]) -> String {
    let section = |(title, text): &(String, String)| format!("## {}\n\n{}", title.trim(), text.trim());
    sections.iter().map(section).collect::<Vec<_>>().join("\n\n")
}

fn how(style: ReplyStyle) -> &'static str {
    match style {
        ReplyStyle::NativeTool => NATIVE,
        ReplyStyle::FencedCode => FENCED,
    }
}

fn rules(in_session: bool) -> String {
    RULES.replace("{realm}", if in_session { SHARED } else { FRESH })
}

const FRESH: &str = "\
Each script starts anew: nothing of an earlier one is left but what you were told. Do not repeat what a script that finished has done.";

const SHARED: &str = "\
What a script declares at its top level is there in your next scripts, which may declare it anew: keep results in variables. Do \
not repeat what a script that finished has done.";

const NATIVE: &str = "\
You act by writing JavaScript or TypeScript. Call `run_js` with a script in `code`; it runs, and you are told its value, its \
console output and its errors. Then go on, with another script or with your answer. Answer in plain text, without a call, when \
the task is done or needs no tool. Do as much as you can in one script: call tools in parallel with `Promise.all`, filter and \
join their results in code, and return only what you need to see.";

const FENCED: &str = "\
You act by writing JavaScript or TypeScript. Put a script into a block fenced by ```js and ```; it runs, and you are told its \
value, its console output and its errors. Then go on, with another script or with your answer. Answer in plain text, without \
such a block, when the task is done or needs no tool. Do as much as you can in one script: call tools in parallel with \
`Promise.all`, filter and join their results in code, and return only what you need to see.";

const RULES: &str = "\
Rules for scripts:
- A script is the body of an async function: use `await` and `return` at the top level.
- The only way out is `tools`. There is no network, no file system, no `import`, no `require`, no `process`.
- Each call takes one object and gives a promise: `await tools.name({ key: value })`. A failed call throws a `ToolError` with \
`kind` and `message`; catch it where you can go on without its result.
- {realm}
- `finish(value)` ends the task with a value instead of a text. Call it last.
- Long or quoted text needs no escaping as a literal: write `<literals><literal id=\"page\">…</literal></literals>` outside of \
the code and take it by `LiteralLoader(\"page\")`. What a report leaves out is read in the same way.
- `z` (zod), `Intl`, `URL`, `structuredClone`, `console` are there. `Date.now()` stands still while a script runs.";

#[cfg(test)]
mod tests {
    use super::*;

    fn parts<'a>(declarations: &'a str, context: &'a [(String, String)]) -> Parts<'a> {
        Parts { system: "", style: ReplyStyle::NativeTool, declarations, in_session: false, context }
    }

    #[test]
    fn an_empty_part_leaves_no_gap() {
        let prompt = system_prompt(&Template::default(), &parts("declare const tools: {};\n", &[]));
        assert!(prompt.starts_with("You act by writing") && prompt.ends_with("```"), "{prompt}");
        assert!(!prompt.contains("\n\n\n"), "{prompt}");
    }

    #[test]
    fn parts_are_not_templates() {
        let context = [("Notes".to_owned(), "{{system}} {{tools}}".to_owned())];
        let prompt = system_prompt(&Template::default(), &parts("", &context));
        assert!(prompt.ends_with("## Notes\n\n{{system}} {{tools}}"), "{prompt}");
    }

    #[test]
    fn a_template_without_the_tools_is_refused() {
        let refused = |text: &str| Template::new(text).unwrap_err().to_string();
        assert_eq!(refused("{{how}}"), "the prompt template lacks `{{tools}}`");
        assert_eq!(
            refused("{{how}} {{tools}} {{sytem}}"),
            "the prompt template names `{{sytem}}`; there are system, how, rules, tools, context"
        );
    }

    /// Four bytes are about one token of English and code; the fixed part must stay under 900 tokens.
    #[test]
    fn the_fixed_part_is_small() {
        for (style, in_session) in [(ReplyStyle::NativeTool, false), (ReplyStyle::FencedCode, true)] {
            let parts = Parts { style, in_session, ..parts("declare const tools: {};", &[]) };
            let prompt = system_prompt(&Template::default(), &parts);
            assert!(prompt.len() < 3 * 900 && !prompt.contains("{realm}"), "{} bytes: {prompt}", prompt.len());
        }
    }
}
