//! Secrets of the application: named, taken from where they are kept, and taken out of what scripts get to see.
//!
//! This module reads secrets and hands them to the host's own code. No value is in an error, in a `Debug`, or, once
//! [`Resolved::scrub`] filters a tool, in what the tool says.

mod keyring;

use crate::Error;
use crate::scrub::{SECRET_BYTES_MIN, Scrubber};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A longer value is refused.
const VALUE_BYTES_MAX: usize = 64 << 10;

/// More in all is refused: what looks for values takes about 200 times their memory, and 700 times while it is made.
const VALUES_BYTES_MAX: usize = 128 << 10;

/// More secrets are refused.
const SECRETS_MAX: usize = 100;

/// A longer name is refused.
const NAME_BYTES_MAX: usize = 64;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The variable of the environment with this name.
    Env(String),
    /// A file of at most 64 KiB. Line breaks at its end do not belong to the secret. On Unix nobody but its owner may be allowed to
    /// read or change it.
    File(PathBuf),
    /// The keyring of the operating system, through its own program: `secret-tool` on Linux, `security` on macOS. The keyring may
    /// ask the user to unlock it, for which there are 60 s.
    Keyring {
        /// What it is for.
        service: String,
        /// Whose it is.
        account: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(formatter, "the variable `{name}`"),
            Self::File(path) => write!(formatter, "the file `{}`", path.display()),
            Self::Keyring { service, account } => {
                write!(formatter, "the keyring, service `{service}`, account `{account}`")
            }
        }
    }
}

/// Secrets by name, and where each is kept.
///
/// ```
/// use agentloop_sandbox::Tool;
/// use agentloop_tools::secrets::{Secrets, Source};
///
/// // Any variable that is there, for the sake of the example.
/// let secrets = Secrets::new().add("package", Source::Env("CARGO_MANIFEST_DIR".to_owned())).resolve()?;
/// let folder = secrets.get("package").unwrap_or_default().to_owned();
/// let tool = Tool::instant("where", "Tells too much.", move |_: serde_json::Value| Ok::<_, String>(folder.clone()))?;
/// // Scripts get `[secret package]`.
/// let tool = tool.filtered(secrets.scrub());
/// # Ok::<(), agentloop_tools::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    sources: Vec<(String, Source)>,
    keyring_program: Option<PathBuf>,
}

impl Secrets {
    /// No secrets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a secret. Its name is what scripts see in its place: at most 64 letters, digits, `_`, `-` and `.`.
    #[must_use]
    pub fn add(mut self, name: impl Into<String>, source: Source) -> Self {
        self.sources.push((name.into(), source));
        self
    }

    /// The program to ask for what is in the keyring, in place of the one that is found on the `PATH`. It is called as that would be.
    #[must_use]
    pub fn keyring_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.keyring_program = Some(program.into());
        self
    }

    /// Takes all secrets from where they are kept. This may wait for the keyring: call it where blocking is allowed.
    ///
    /// # Errors
    ///
    /// [`Error::Secret`] for the first secret that cannot be had or used: one under 8 bytes could not be taken out of other text,
    /// one over 64 KiB (and 128 KiB all together) is too much to look for. No error has a value in it.
    ///
    /// ```
    /// use agentloop_tools::secrets::{Secrets, Source};
    ///
    /// let error = Secrets::new().add("token", Source::Env("NO_SUCH_VARIABLE".to_owned())).resolve().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the secret `token` cannot be had from the variable `NO_SUCH_VARIABLE`: it is not set"
    /// );
    /// ```
    pub fn resolve(&self) -> Result<Resolved, Error> {
        let mut values = BTreeMap::new();
        let mut bytes = 0;
        for (name, source) in &self.sources {
            let refused = |reason: String| Error::Secret { name: name.clone(), place: source.to_string(), reason };
            check_name(name).map_err(refused)?;
            let value = self.value(source).and_then(checked).map_err(refused)?;
            bytes += value.len();
            if bytes > VALUES_BYTES_MAX {
                return Err(refused(format!("with it the secrets are over {VALUES_BYTES_MAX} bytes all together")));
            }
            if values.len() == SECRETS_MAX {
                return Err(refused(format!("there are over {SECRETS_MAX} secrets")));
            }
            if values.insert(name.clone(), value).is_some() {
                return Err(refused("there is another secret of this name".to_owned()));
            }
        }
        let placeholders: Vec<String> = values.keys().map(|name| format!("[secret {name}]")).collect();
        let secrets = values.values().map(|value| value.as_str()).zip(placeholders.iter().map(String::as_str));
        let scrubber = Scrubber::new(secrets);
        let scrubber = scrubber.map_err(|error| Error::Setting(format!("there are too many secrets: {error}")))?;
        Ok(Resolved { values: Arc::new(values), scrubber })
    }

    fn value(&self, source: &Source) -> Result<Zeroizing<String>, String> {
        match source {
            Source::Env(name) => match std::env::var(name) {
                Ok(value) => Ok(Zeroizing::new(value)),
                Err(std::env::VarError::NotPresent) => Err("it is not set".to_owned()),
                // The error would show it.
                Err(std::env::VarError::NotUnicode(_)) => Err("it is not text in UTF-8".to_owned()),
            },
            Source::File(path) => text(&read(path)?),
            Source::Keyring { service, account } => {
                text(&keyring::look_up(self.keyring_program.as_deref(), service, account)?)
            }
        }
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_good) {
        return Err(format!("its name must be 1 to {NAME_BYTES_MAX} letters, digits, `_`, `-` and `.`"));
    }
    Ok(())
}

fn checked(value: Zeroizing<String>) -> Result<Zeroizing<String>, String> {
    match value.len() {
        0 => Err("it is empty".to_owned()),
        length if length < SECRET_BYTES_MIN => {
            Err(format!("it is under {SECRET_BYTES_MIN} bytes, too short to be taken out of what tools say"))
        }
        length if length > VALUE_BYTES_MAX => Err(format!("it is over {VALUE_BYTES_MAX} bytes")),
        _ => Ok(value),
    }
}

/// Without the line breaks that end it.
fn text(bytes: &[u8]) -> Result<Zeroizing<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let why = |error: std::io::Error| error.to_string();
    // A pipe would have to be opened to see that it is one, and that may wait for ever.
    if !fs::metadata(path).map_err(why)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let file = File::open(path).map_err(why)?;
    check_mode(path, &file.metadata().map_err(why)?)?;
    read_bounded(file).map_err(why)
}

/// Reads one byte more than may be there, into memory that does not move.
fn read_bounded(source: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let bytes_max = VALUE_BYTES_MAX + 2;
    let mut bytes = Zeroizing::new(Vec::with_capacity(bytes_max + 64));
    source.take(bytes_max as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &fs::Metadata) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!("others may read or change it (its mode is {mode:03o}): run `chmod 600 {}`", path.display()))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there are modes")]
fn check_mode(_: &Path, _: &fs::Metadata) -> Result<(), String> {
    Ok(())
}

/// Secrets that are at hand, for the host's own code. Cheap to clone. The values are wiped from memory with the last clone; what
/// looks for them in texts is not.
#[derive(Clone)]
pub struct Resolved {
    values: Arc<BTreeMap<String, Zeroizing<String>>>,
    scrubber: Scrubber,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Resolved").field(&self.values.keys()).finish()
    }
}

impl Resolved {
    /// A secret. It is for the host's own code: what is given to a tool's handler must be filtered from what the tool says.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|value| value.as_str())
    }

    /// Takes the secrets out of texts, for [`Tool::filtered`](agentloop_sandbox::Tool::filtered): `[secret NAME]` is put in their
    /// place.
    ///
    /// They are found plain, escaped as in JSON, percent-encoded, in hex, and in base64 (of either alphabet, also in the middle of
    /// something longer, where a character may be left at its ends), all in upper and lower case. What is JSON stays JSON, and is
    /// looked at string by string however they are escaped, JSON in strings
    /// included. A secret that comes in pieces, compressed, or percent-encoded twice over
    /// gets past: give secrets only to tools that are trusted with them.
    pub fn scrub(&self) -> impl Fn(String) -> String + Clone + Send + Sync + 'static + use<> {
        let scrubber = self.scrubber.clone();
        move |text| scrubber.text_or_json(text)
    }
}
