//! Where tokens are kept: a file for each server in a folder of the user's alone.

use crate::mcp::errors::TOKEN_BYTES_MAX;
use rmcp::transport::auth::StoredCredentials;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A larger file is none of ours.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Scopes that are remembered for a server.
const SCOPES_MAX: usize = 100;

/// Another process that renews a token is waited for so long.
const LOCK_TIME_MAX: Duration = Duration::from_secs(120);

/// How often it is looked whether it has.
const LOCK_WAIT: Duration = Duration::from_millis(50);

/// A folder in which the tokens of servers are kept, that people signed in to with
/// [`Server::sign_in`](super::super::Server::sign_in). Cheap to clone.
///
/// For each server there is a file, named after a digest of its address. Folder and files are made when they are needed,
/// and are the user's alone (on Unix, modes 0700 and 0600). Several processes may use one folder: of those that find an
/// expired token one renews it, and the others take what it got.
///
/// ```no_run
/// use agentloop_tools::mcp::{Credentials, Servers};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let text = r#"{"mcpServers": {"notes": {"type": "http", "url": "https://example.com/mcp"}}}"#;
/// let servers = Servers::read(text, &|_| None)?.with_credentials(&Credentials::new("/home/ann/.tokens"));
/// if let Some(server) = servers.get("notes") {
///     server.sign_in(|url| println!("open {url}")).await?;
///     let listing = server.tools().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Credentials {
    folder: Arc<Path>,
    advice: Arc<str>,
}

impl Credentials {
    /// Keeps tokens in this folder. Nothing is read or made yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Arc::from(folder.into()), advice: Arc::from("sign in with `Server::sign_in`") }
    }

    /// What errors say to do when somebody has to sign in, with `{server}` for the name of the server. Default: `sign in
    /// with Server::sign_in`.
    #[must_use]
    pub fn advice(mut self, advice: &str) -> Self {
        self.advice = Arc::from(advice);
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn advice_for(&self, server: &str) -> String {
        self.advice.replace("{server}", server)
    }

    /// Where the token for this address is.
    pub(super) fn place(&self, url: &str) -> Place {
        let mut name = String::new();
        for byte in Sha256::digest(url.as_bytes()) {
            // Text can always be written to.
            let _ = write!(name, "{byte:02x}");
        }
        Place { folder: Arc::clone(&self.folder), name: Arc::from(name) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// What is kept for one server.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Where the server is, for people who look into the file.
    pub(super) server: String,
    pub(super) client_id: String,
    pub(super) client_secret: Option<String>,
    /// The authorization server that all of this is from.
    pub(super) issuer: Option<String>,
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    /// In seconds since 1970.
    pub(super) received_at: Option<u64>,
    /// In seconds from then on.
    pub(super) expires_in: Option<u64>,
    /// What was granted.
    #[serde(default)]
    pub(super) scopes: Vec<String>,
    /// What the server has asked for since.
    #[serde(default)]
    pub(super) wanted: Vec<String>,
}

impl Kept {
    /// Takes over what an authorization server gave.
    pub(super) fn granted(mut self, given: &StoredCredentials) -> Option<Self> {
        let response = serde_json::to_value(given.token_response.as_ref()?).ok()?;
        let text = |name: &str| response.get(name)?.as_str().map(str::to_owned);
        self.client_id.clone_from(&given.client_id);
        self.issuer.clone_from(&given.issuer);
        self.access_token = text("access_token");
        self.refresh_token = text("refresh_token");
        self.expires_in = response.get("expires_in").and_then(serde_json::Value::as_u64);
        self.received_at = given.token_received_at;
        self.scopes.clone_from(&given.granted_scopes);
        let fits = self.secrets().all(|secret| secret.len() <= TOKEN_BYTES_MAX);
        (fits && self.access_token.is_some()).then_some(self)
    }

    /// The same for the library that renews it.
    pub(super) fn to_renew(&self) -> Option<StoredCredentials> {
        let response = json!({
            "access_token": self.access_token.as_ref()?,
            "token_type": "bearer",
            "refresh_token": self.refresh_token.as_ref()?,
        });
        let response = serde_json::from_value(response).ok()?;
        let stored =
            StoredCredentials::new(self.client_id.clone(), Some(response), self.scopes.clone(), self.received_at);
        Some(stored.with_issuer(self.issuer.clone()))
    }

    /// Remembers that these scopes are needed.
    pub(super) fn want(&mut self, scopes: &[String]) {
        for scope in scopes {
            if self.wanted.len() < SCOPES_MAX && !self.wanted.contains(scope) {
                self.wanted.push(scope.clone());
            }
        }
    }

    /// Everything in it that nobody may see.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        [&self.access_token, &self.refresh_token, &self.client_secret].into_iter().flatten().map(String::as_str)
    }
}

/// Where the token for one server is.
#[derive(Clone)]
pub(super) struct Place {
    folder: Arc<Path>,
    name: Arc<str>,
}

/// Nobody else changes what is at a place while this is there.
pub(super) struct Locked {
    place: Place,
    _file: File,
}

impl Place {
    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// What is kept there, if anything.
    pub(super) fn load(&self) -> io::Result<Option<Kept>> {
        let mut text = Vec::new();
        match File::open(self.file("json")) {
            Ok(file) => file.take(FILE_BYTES_MAX + 1).read_to_end(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // The error of the parser may quote the text.
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "it is no file of tokens");
        serde_json::from_slice(&text).map(Some).map_err(|_| broken())
    }

    /// Waits until nobody else holds it, and holds it.
    pub(super) async fn lock(&self) -> io::Result<Locked> {
        make_folder(&self.folder)?;
        let file = private().truncate(false).open(self.file("lock"))?;
        let end = Instant::now() + LOCK_TIME_MAX;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Locked { place: self.clone(), _file: file }),
                Err(TryLockError::WouldBlock) if Instant::now() < end => tokio::time::sleep(LOCK_WAIT).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "another process has held it for two minutes"));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

impl Locked {
    pub(super) fn load(&self) -> io::Result<Option<Kept>> {
        self.place.load()
    }

    /// Keeps this in place of what was there, or leaves that as it was.
    pub(super) fn save(&self, kept: &Kept) -> io::Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let text = serde_json::to_vec_pretty(kept)?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "there is too much to be kept"));
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let aside = self.place.file(&format!("{}-{number}.new", std::process::id()));
        let written = private().truncate(true).open(&aside).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        let moved = written.and_then(|()| fs::rename(&aside, self.place.file("json")));
        if moved.is_err() {
            // It may never have been there.
            let _ = fs::remove_file(&aside);
        }
        moved
    }

    pub(super) fn clear(&self) -> io::Result<()> {
        match fs::remove_file(self.place.file("json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// How a file of the user's alone is made.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
