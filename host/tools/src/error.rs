//! What can go wrong while a toolkit is opened, a policy made or secrets are looked up. What goes wrong in a call is told to the script, and is not here.

/// Why a toolkit cannot be opened, a policy not made, or a secret not had. This is for the operator, and may name paths of the host.
///
/// ```
/// use agentloop_tools::{Error, Files};
///
/// let error = Files::open("/no/such/folder").err();
/// assert!(matches!(error, Some(Error::Folder { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder cannot be opened.
    #[error("the folder `{path}` cannot be opened")]
    Folder {
        /// The folder, as it was given.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An entry that should name a host does not.
    #[error("`{entry}` does not name a host: {reason}")]
    Host {
        /// The entry, as it was given.
        entry: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A method, a header or a secret that HTTP cannot carry. The text never has a secret in it.
    #[error("{0}")]
    Setting(String),
    /// A rule of a policy that cannot be enforced as it is written.
    #[error("rule {rule} of the policy (`{tools}`) cannot be enforced: {reason}")]
    Rule {
        /// Its number, from 1.
        rule: usize,
        /// Its pattern.
        tools: String,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// A secret that cannot be had or used. The text never has its value in it.
    #[error("the secret `{name}` cannot be had from {place}: {reason}")]
    Secret {
        /// Its name.
        name: String,
        /// Where it is kept.
        place: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// What connects cannot be made, for instance because there are no certificates.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
    /// A tool cannot be made, for instance because the toolkit was given a name that no tool may have.
    #[error(transparent)]
    Tool(#[from] agentloop_sandbox::Error),
}
