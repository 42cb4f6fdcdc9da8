//! Where the tokens are that somebody signed in for: one folder of the user's, for all commands.

use agentloop_tools::mcp::{Credentials, Servers};
use std::path::{Path, PathBuf};

/// Gives the servers of a file the tokens that there are. Where the system says of no folder for them, there are none. `flag` is
/// what names the file.
pub(crate) fn with_credentials(servers: Servers, flag: &str, file: &Path) -> Servers {
    match folder() {
        Some(folder) => {
            let advice = format!("run `agentloop mcp login {{server}} {flag} {}`", file.display());
            let credentials = Credentials::new(folder).advice(&advice);
            servers.with_credentials(&credentials)
        }
        None => servers,
    }
}

/// The folder: the system's own place for what programs keep.
fn folder() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_STATE_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/state")))
    };
    Some(state?.join("agentloop/credentials"))
}
