//! Where the tokens are that somebody signed in for: one folder of the user's, for all commands.

use crate::folders::Folders;
use agentloop_tools::mcp::{Credentials, Servers};
use std::path::Path;

/// Gives the servers of a file the tokens that there are. Where the system says of no folder for them, there are none. `flag` is
/// what names the file.
pub(crate) fn with_credentials(servers: Servers, flag: &str, file: &Path) -> Servers {
    match Folders::HERE.state() {
        Some(state) => {
            let advice = format!("run `agentloop mcp login {{server}} {flag} {}`", file.display());
            let credentials = Credentials::new(state.join("agentloop/credentials")).advice(&advice);
            servers.with_credentials(&credentials)
        }
        None => servers,
    }
}
