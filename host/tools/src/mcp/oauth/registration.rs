//! What a configuration says about signing in to a server.

use std::fmt;

/// How we are known to the authorization server of a server, as far as the configuration says so.
#[derive(Clone, Default)]
pub(in crate::mcp) struct Registration {
    /// The name under which we are registered there.
    pub(in crate::mcp) client_id: Option<String>,
    /// What proves it, if there is such a thing.
    pub(in crate::mcp) client_secret: Option<String>,
    /// The address of a document that says who we are.
    pub(in crate::mcp) client_metadata_url: Option<String>,
    /// Where the browser comes back to. Any free port without it.
    pub(in crate::mcp) callback_port: Option<u16>,
    /// What to ask for, in place of what the server says.
    pub(in crate::mcp) scopes: Vec<String>,
}

impl fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Registration")
            .field("client_id", &self.client_id)
            .field("callback_port", &self.callback_port)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
