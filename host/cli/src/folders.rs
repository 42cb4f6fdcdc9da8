//! Where a user's programs keep things, by the conventions of each system.

use std::path::PathBuf;

/// The conventions about folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Linux,
    MacOs,
    Windows,
}

impl System {
    const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };
}

/// The folders of the user, as far as the environment says.
pub(crate) struct Folders<'a> {
    pub(crate) system: System,
    pub(crate) variable: &'a dyn Fn(&str) -> Option<PathBuf>,
}

impl Folders<'static> {
    /// Those of this process.
    pub(crate) const HERE: Self =
        Self { system: System::HERE, variable: &|name| std::env::var_os(name).map(PathBuf::from) };
}

impl Folders<'_> {
    /// A folder that a variable names. What is relative is no folder of the user.
    pub(crate) fn named(&self, variable: &str) -> Option<PathBuf> {
        (self.variable)(variable).filter(|path| path.has_root())
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.named(if self.system == System::Windows { "USERPROFILE" } else { "HOME" })
    }

    /// Where programs keep their configuration.
    pub(crate) fn configuration(&self) -> Option<PathBuf> {
        self.kept_in("XDG_CONFIG_HOME", ".config", "APPDATA")
    }

    /// Where programs keep what they remember.
    pub(crate) fn state(&self) -> Option<PathBuf> {
        self.kept_in("XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")
    }

    /// What a variable names on Linux, or else a folder of the home; what another one names on Windows.
    fn kept_in(&self, linux: &str, usual: &str, windows: &str) -> Option<PathBuf> {
        match self.system {
            System::Linux => self.named(linux).or_else(|| Some(self.home()?.join(usual))),
            System::MacOs => Some(self.home()?.join("Library/Application Support")),
            System::Windows => self.named(windows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Folders, System};
    use std::path::PathBuf;

    #[test]
    fn each_system_has_its_own_places() {
        let variable = |name: &str| match name {
            "HOME" | "USERPROFILE" | "APPDATA" | "LOCALAPPDATA" => Some(PathBuf::from(format!("/{name}"))),
            "XDG_STATE_HOME" => Some(PathBuf::from("relative")),
            _ => None,
        };
        for (system, configuration, state) in [
            (System::Linux, "/HOME/.config", "/HOME/.local/state"),
            (System::MacOs, "/HOME/Library/Application Support", "/HOME/Library/Application Support"),
            (System::Windows, "/APPDATA", "/LOCALAPPDATA"),
        ] {
            let folders = Folders { system, variable: &variable };
            assert_eq!(folders.configuration(), Some(PathBuf::from(configuration)), "{system:?}");
            assert_eq!(folders.state(), Some(PathBuf::from(state)), "{system:?}");
        }
    }
}
