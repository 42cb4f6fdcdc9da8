//! The tools of a sandbox: no name twice, no name inside another.

use crate::bindings::ToolSignature;
use crate::declarations::{Declared, declarations};
use crate::{Error, Tool, ToolName};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    tools: Arc<BTreeMap<ToolName, Tool>>,
    signatures: Arc<[ToolSignature]>,
}

impl Toolbox {
    /// Puts tools together.
    ///
    /// # Errors
    ///
    /// [`Error::ToolConflict`] when a name is there twice, or when it is also the namespace of another: with
    /// `github.create_issue` on file, `github` cannot be a tool.
    pub fn new(tools: impl IntoIterator<Item = Tool>) -> Result<Self, Error> {
        let mut by_name = BTreeMap::new();
        for tool in tools {
            let name = tool.name().clone();
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
        Ok(Self { tools: Arc::new(by_name), signatures })
    }

    /// The tools, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values()
    }

    /// The tool of this name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        // Names that could not be parsed are not in the map.
        self.tools.get(&ToolName::parse(name).ok()?)
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
        declarations(self.iter().map(|tool| Declared {
            name: tool.name().as_str(),
            description: tool.description(),
            arguments: tool.input_schema(),
            result: tool.result_schema(),
        }))
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
    fn a_tool_that_is_also_a_namespace_is_refused() {
        let error = Toolbox::new([tool("a.b.c"), tool("a.b"), tool("a.d")]).unwrap_err();
        assert_eq!(error.to_string(), "tool `a.b` is also the namespace of `a.b.c`");
        assert!(Toolbox::new([tool("a.b"), tool("a.c"), tool("ab")]).is_ok());
    }
}
