//! What a call of a tool does to the world, as far as its source says.

/// What calling a tool may do to the world outside of the sandbox. It is what the tool's source claims: good for asking
/// a person more or less often, not for keeping a hostile tool in check. The later ones are worse.
///
/// ```
/// use agentloop_sandbox::{Effect, Tool};
///
/// let time = Tool::instant("time", "Tells the time.", |_: serde_json::Value| Ok::<_, String>("noon"))?;
/// assert_eq!(time.effect(), Effect::Unmarked);
/// assert_eq!(time.marked(Effect::ReadOnly).effect(), Effect::ReadOnly);
/// assert!(Effect::ReadOnly < Effect::Additive && Effect::Destructive < Effect::Unmarked);
/// # Ok::<(), agentloop_sandbox::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// It looks, and changes nothing.
    ReadOnly,
    /// It adds, and takes nothing away that was there before.
    Additive,
    /// It may change or take away what was there before.
    Destructive,
    /// Nobody has said: take it for the worst.
    #[default]
    Unmarked,
}

impl Effect {
    /// As configurations and reports have it: `read_only`, `additive`, `destructive` or `unmarked`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read_only",
            Self::Additive => "additive",
            Self::Destructive => "destructive",
            Self::Unmarked => "unmarked",
        }
    }
}
