//! What is particular to each client: where its configuration is, and what servers are called in it.

use crate::arguments::{Client, TargetArguments};
use crate::exit::{Complaint, Exit};
use crate::folders::Folders;
use std::fs;
use std::path::{Path, PathBuf};

/// Links that are followed before it is taken for a circle.
const LINKS_MAX: usize = 40;

impl Client {
    /// What people call it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
        }
    }

    /// Its name in `--client`, and of the file with what was moved.
    fn name(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::VsCode => "vscode",
        }
    }

    /// The key under which its servers are.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::ClaudeCode | Self::Cursor => "mcpServers",
            Self::Codex => "mcp_servers",
            Self::VsCode => "servers",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Codex => "toml",
            Self::ClaudeCode | Self::Cursor | Self::VsCode => "json",
        }
    }
}

impl Folders<'_> {
    /// The file of the client that holds for all projects, and whether a variable of the client names it.
    fn file(&self, client: Client) -> Option<(PathBuf, Named)> {
        let own = |variable: &str, usual: &str, file: &str| match self.named(variable) {
            Some(folder) => Some((folder.join(file), Named::ByVariable)),
            None => Some((self.home()?.join(usual).join(file), Named::Usual)),
        };
        match client {
            Client::ClaudeCode => own("CLAUDE_CONFIG_DIR", "", ".claude.json"),
            Client::Codex => own("CODEX_HOME", ".codex", "config.toml"),
            Client::Cursor => Some((self.home()?.join(".cursor/mcp.json"), Named::Usual)),
            Client::VsCode => Some((self.configuration()?.join("Code/User/mcp.json"), Named::Usual)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Usual,
    ByVariable,
}

/// Where things are written.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) client: Client,
    /// The configuration of the client, as the user knows it.
    pub(super) shown: PathBuf,
    /// The same, links followed.
    pub(super) path: PathBuf,
    /// Where its servers are moved to. `None` without a folder for configurations.
    pub(super) moved: Option<PathBuf>,
}

impl Place {
    pub(super) fn find(target: &TargetArguments, folders: &Folders<'_>) -> Result<Self, Complaint> {
        let client = target.client;
        let (shown, named) = match &target.file {
            Some(file) => (absolute(file)?, Named::ByVariable),
            None => folders.file(client).ok_or_else(|| {
                let message =
                    format!("where the configuration of {} is cannot be told: no home is set", client.label());
                Complaint::new(Exit::Usage, message, "name the file with --file, or set HOME")
            })?,
        };
        let path = resolved(&shown);
        // Each file has a list of its own, so that what is put back comes to where it was. The usual one has a plain name.
        let usual = Folders { system: folders.system, variable: &|name| own_variables_left_out(name, folders) };
        let is_usual = named == Named::Usual || usual.file(client).is_some_and(|(file, _)| resolved(&file) == path);
        let name = match is_usual {
            true => client.name().to_owned(),
            false => format!("{}-{:016x}", client.name(), fingerprint(path.as_os_str().as_encoded_bytes())),
        };
        let file = format!("{name}.{}", client.extension());
        let moved = folders.configuration().map(|folder| folder.join("agentloop/moved").join(file));
        Ok(Self { client, shown, path, moved })
    }
}

fn own_variables_left_out(name: &str, folders: &Folders<'_>) -> Option<PathBuf> {
    if ["CLAUDE_CONFIG_DIR", "CODEX_HOME"].contains(&name) { None } else { (folders.variable)(name) }
}

/// The path from the root. Nothing need be there.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Complaint> {
    std::path::absolute(path).map_err(|error| {
        let message = format!("the path `{}` cannot be used: {error}", path.display());
        Complaint::new(Exit::Usage, message, "give a path from the root")
    })
}

/// What a path leads to. Unlike `canonicalize`, a link may lead to a file that is not there yet.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    match (path.parent().map(fs::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// FNV-1a: the same in every version and on every machine.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{Place, fingerprint};
    use crate::arguments::{Client, TargetArguments};
    use crate::folders::{Folders, System};
    use std::path::PathBuf;

    fn file(system: System, client: Client, variables: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| PathBuf::from(value))
        };
        let folders = Folders { system, variable: &variable };
        folders.file(client).map(|(file, _)| file.display().to_string().replace('\\', "/"))
    }

    #[test]
    fn the_files_are_those_of_the_clients() {
        let home = [("HOME", "/h")];
        let both = [("HOME", "/h"), ("XDG_CONFIG_HOME", "/x"), ("CODEX_HOME", "/c"), ("CLAUDE_CONFIG_DIR", "/d")];
        for (system, client, variables, expected) in [
            (System::Linux, Client::ClaudeCode, &home[..], "/h/.claude.json"),
            (System::Linux, Client::ClaudeCode, &both[..], "/d/.claude.json"),
            (System::Linux, Client::Codex, &home[..], "/h/.codex/config.toml"),
            (System::Linux, Client::Codex, &both[..], "/c/config.toml"),
            (System::MacOs, Client::Cursor, &both[..], "/h/.cursor/mcp.json"),
            (System::Linux, Client::VsCode, &home[..], "/h/.config/Code/User/mcp.json"),
            (System::Linux, Client::VsCode, &both[..], "/x/Code/User/mcp.json"),
            (System::MacOs, Client::VsCode, &both[..], "/h/Library/Application Support/Code/User/mcp.json"),
            (System::Windows, Client::VsCode, &[("APPDATA", "/r")], "/r/Code/User/mcp.json"),
            (System::Windows, Client::Cursor, &[("USERPROFILE", "/u")], "/u/.cursor/mcp.json"),
        ] {
            assert_eq!(file(system, client, variables).as_deref(), Some(expected), "{system:?} {client:?}");
        }
        assert_eq!(file(System::Linux, Client::VsCode, &[("HOME", "relative")]), None);
        assert_eq!(file(System::Windows, Client::Cursor, &home), None);
    }

    #[test]
    fn each_file_has_its_own_list_of_what_was_moved() {
        let moved = |file: Option<&str>, codex_home: Option<&str>| {
            let variable = |name: &str| match name {
                "HOME" => Some(PathBuf::from("/no/home")),
                "CODEX_HOME" => codex_home.map(PathBuf::from),
                _ => None,
            };
            let target = TargetArguments { client: Client::Codex, file: file.map(PathBuf::from) };
            let folders = Folders { system: System::Linux, variable: &variable };
            let place = Place::find(&target, &folders).expect("it is known");
            place.moved.expect("it is known").display().to_string()
        };
        let usual = "/no/home/.config/agentloop/moved/codex.toml";
        assert_eq!(moved(None, None), usual);
        assert_eq!(moved(Some("/no/home/.codex/config.toml"), None), usual);
        assert_eq!(moved(None, Some("/no/home/.codex")), usual);
        let other = moved(Some("/no/project/config.toml"), None);
        let name = format!("codex-{:016x}.toml", fingerprint(b"/no/project/config.toml"));
        assert_eq!(other, usual.replace("codex.toml", &name));
        assert_eq!(moved(None, Some("/no/project")), other);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
