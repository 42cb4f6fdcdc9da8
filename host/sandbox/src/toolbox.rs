//! The tools of a sandbox: no name twice, no name inside another.

use crate::bindings::ToolSignature;
use crate::declarations::{Declared, declarations};
use crate::discovery::{Discovery, Shelf, describe_in, is_built_in};
use crate::journal::ToolTerms;
use crate::outline::outline;
use crate::{Error, Tool, ToolName};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// No declaration of a tool is shorter.
const DECLARATION_BYTES_MIN: usize = 20;

/// A set of tools that fit together. Cheap to clone.
///
/// ```
/// use agentloop_sandbox::{Tool, Toolbox};
///
/// let now = Tool::instant("clock.now", "Tells the time.", |_: serde_json::Value| Ok::<_, String>("noon"))?;
/// let toolbox = Toolbox::new([now])?;
/// assert_eq!(toolbox.iter().count(), 1);
/// # Ok::<(), agentloop_sandbox::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Toolbox {
    tools: Arc<Shelf>,
    discovery: Arc<OnceLock<Option<Discovery>>>,
    signatures: Arc<[ToolSignature]>,
    manifest: Arc<OnceLock<String>>,
}

impl Toolbox {
    /// Puts tools together.
    ///
    /// # Errors
    ///
    /// [`Error::ToolConflict`] when a name is there twice, when it is `$search` or `$describe`, or when it is also the namespace of another: with
    /// `github.create_issue` on file, `github` cannot be a tool.
    pub fn new(tools: impl IntoIterator<Item = Tool>) -> Result<Self, Error> {
        let mut by_name = Shelf::new();
        for tool in tools {
            let name = tool.name().clone();
            if is_built_in(name.as_str()) {
                return Err(Error::ToolConflict {
                    name,
                    reason: "is always there, so no other can have its name".to_owned(),
                });
            }
            if by_name.insert(name.clone(), tool).is_some() {
                return Err(Error::ToolConflict { name, reason: "is there twice".to_owned() });
            }
        }
        for name in by_name.keys() {
            for (dot, _) in name.as_str().match_indices('.') {
                let namespace = ToolName::parse(&name.as_str()[..dot])?;
                if by_name.contains_key(&namespace) {
                    let reason = format!("is also the namespace of `{name}`");
                    return Err(Error::ToolConflict { name: namespace, reason });
                }
            }
        }
        let signatures = by_name.keys().map(|name| ToolSignature { name: name.as_str().into() }).collect();
        Ok(Self { tools: Arc::new(by_name), discovery: Arc::default(), signatures, manifest: Arc::default() })
    }

    /// The tools, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values()
    }

    /// The tool of this name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.tools.get(name)
    }

    /// The tools as TypeScript declarations (`declare const tools: { … };`): for a model that is to call them, or a type
    /// checker. The same tools give the same text.
    ///
    /// ```
    /// use agentloop_sandbox::{Tool, Toolbox};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct City { name: String }
    ///
    /// let weather = Tool::new("weather", "Degrees in a city.", |city: City| async move { Ok::<_, String>(city.name.len()) })?;
    /// assert!(Toolbox::new([weather])?.declarations().contains("weather(args: {"));
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    pub fn declarations(&self) -> String {
        declarations(self.iter().map(Declared::of))
    }

    /// The tools for a prompt: their [declarations](Self::declarations), if those are at most `bytes_max` bytes; otherwise a line
    /// for each tool, or if that is too long as well, for each namespace, and how a script finds the rest (`tools.$search`,
    /// `tools.$describe`). The same tools give the same text.
    ///
    /// ```
    /// use agentloop_sandbox::{Tool, Toolbox};
    ///
    /// let tool = |number| Tool::instant(&format!("shop.t{number}"), "Sells.", |_: serde_json::Value| Ok::<_, String>(0));
    /// let toolbox = Toolbox::new((0..2_000).map(|number| tool(number)).collect::<Result<Vec<_>, _>>()?)?;
    /// assert!(toolbox.outline(16_000).contains("tools.shop // 2000: t0, t1, "));
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    pub fn outline(&self, bytes_max: usize) -> String {
        // What has this many schemas cannot fit, and takes long to write.
        let may_fit = self.tools.len() <= bytes_max / DECLARATION_BYTES_MIN;
        let full = may_fit.then(|| self.declarations()).filter(|full| full.len() <= bytes_max);
        full.unwrap_or_else(|| outline(self.tools.values(), bytes_max))
    }

    /// The declaration of one tool.
    pub fn describe(&self, name: &str) -> Option<String> {
        describe_in(&self.tools, name)
    }

    /// At most `limit` tools that the words of `query` most likely mean, the best first. What counts are names, descriptions and
    /// the names of arguments.
    ///
    /// ```
    /// use agentloop_sandbox::{Tool, Toolbox};
    ///
    /// let send = Tool::instant("mail.send", "Sends a message.", |_: serde_json::Value| Ok::<_, String>(0))?;
    /// let toolbox = Toolbox::new([send])?;
    /// assert_eq!(toolbox.search("messages", 5)[0].name().as_str(), "mail.send");
    /// assert!(toolbox.search("weather", 5).is_empty());
    /// # Ok::<(), agentloop_sandbox::Error>(())
    /// ```
    pub fn search(&self, query: &str, limit: usize) -> Vec<&Tool> {
        self.discovery().map_or_else(Vec::new, |discovery| discovery.search(&self.tools, query, limit))
    }

    /// The tool that a script calls by this name: one of those above, or one that is always there.
    pub(crate) fn callable(&self, name: &str) -> Option<&Tool> {
        if is_built_in(name) { self.discovery()?.tool(name) } else { self.get(name) }
    }

    /// Made when it is needed first: most runs look for nothing. `None` never happens: both schemas are good.
    fn discovery(&self) -> Option<&Discovery> {
        self.discovery.get_or_init(|| Discovery::new(&self.tools).ok()).as_ref()
    }

    /// SHA-256, in hexadecimal, of all that is said of the tools: names, descriptions, schemas, effects. Two toolboxes with the same
    /// manifest promise scripts the same.
    pub fn manifest(&self) -> &str {
        self.manifest.get_or_init(|| {
            let mut hash = Sha256::new();
            for tool in self.iter() {
                let said = serde_json::json!([
                    tool.name().as_str(),
                    tool.description(),
                    tool.input_schema(),
                    tool.result_schema(),
                    tool.effect().name(),
                ]);
                hash.update(said.to_string());
                hash.update(b"\n");
            }
            hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
        })
    }

    /// Under what each tool can be called.
    pub(crate) fn terms(&self) -> BTreeMap<String, ToolTerms> {
        self.iter().map(|tool| (tool.name().to_string(), tool.terms())).collect()
    }

    /// Those of these names, each as it could be called then.
    pub(crate) fn under(&self, terms: &BTreeMap<String, ToolTerms>) -> Self {
        let then = |tool: &Tool| Some(tool.clone().under(terms.get(tool.name().as_str())?));
        let tools: Shelf = self.iter().filter_map(then).map(|tool| (tool.name().clone(), tool)).collect();
        let signatures = tools.keys().map(|name| ToolSignature { name: name.as_str().into() }).collect();
        Self { tools: Arc::new(tools), signatures, ..Self::default() }
    }

    pub(crate) fn signatures(&self) -> Arc<[ToolSignature]> {
        Arc::clone(&self.signatures)
    }
}

#[cfg(test)]
mod tests {
    use super::Toolbox;
    use crate::Tool;

    fn tool(name: &str) -> Tool {
        Tool::instant(name, "", |_: serde_json::Value| Ok::<_, String>(0)).expect("the name is good")
    }

    #[test]
    fn a_name_that_is_there_twice_is_refused() {
        let error = Toolbox::new([tool("a"), tool("a")]).unwrap_err();
        assert_eq!(error.to_string(), "tool `a` is there twice");
    }

    #[test]
    fn the_names_of_what_finds_tools_are_taken() {
        let error = Toolbox::new([tool("$search")]).unwrap_err();
        assert_eq!(error.to_string(), "tool `$search` is always there, so no other can have its name");
        assert!(Toolbox::new([tool("shop.$search"), tool("$searches")]).is_ok());
    }

    #[test]
    fn the_outline_is_as_full_as_it_may_be() {
        let named =
            |name: String| Tool::untyped(&name, "Does it.\nWell.", serde_json::json!({}), |_| async { Ok("0".into()) });
        let toolbox =
            Toolbox::new((0..40).map(|number| named(format!("a{}.t{number}", number % 2)).expect("it is good")));
        let toolbox = toolbox.expect("they fit");
        let full = toolbox.declarations();
        assert_eq!(toolbox.outline(full.len()), full);
        let lines = toolbox.outline(full.len() - 1);
        assert!(lines.contains("$search") && lines.ends_with("tools.a1.t9 // Does it.\n"), "{lines}");
        let namespaces = toolbox.outline(1_000);
        assert!(
            namespaces.contains("// 40 tools:\ntools.a0 // 20: t0, t10, ") && namespaces.len() <= 1_000,
            "{namespaces}"
        );
        let two_thousand = Toolbox::new((0..2_000).map(|number| named(format!("s{number}.t")).expect("it is good")));
        let outline = two_thousand.expect("they fit").outline(1_000);
        assert!(outline.len() <= 1_000 && outline.contains("namespaces more\n"), "{outline}");
    }

    #[test]
    fn a_tool_that_is_also_a_namespace_is_refused() {
        let error = Toolbox::new([tool("a.b.c"), tool("a.b"), tool("a.d")]).unwrap_err();
        assert_eq!(error.to_string(), "tool `a.b` is also the namespace of `a.b.c`");
        assert!(Toolbox::new([tool("a.b"), tool("a.c"), tool("ab")]).is_ok());
    }
}
