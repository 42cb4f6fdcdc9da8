//! The folder of runs that are put aside: their bytes, their journals, and which of them were resumed.

use crate::exit::{Complaint, Exit};
use crate::folders::Folders;
use crate::replay::JOURNAL_BYTES_MAX;
use crate::{replace, script};
use agentloop_sandbox::{Journal, Key, Once, Suspended, Terms};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// For whom the runs of the command line are sealed.
const TENANT: &str = "agentloop";
const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;
/// The folder of what was resumed.
const TAKEN: &str = "taken";
const NOTE_BYTES_MAX: usize = 4 << 20;
const SEALED_BYTES_MAX: usize = 1 << 30;
/// Digits of the name of a run.
const NAME_DIGITS: usize = 8;

/// What has to be known to go on with a run, beside its bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The flags that it was started with.
    pub(crate) arguments: Vec<String>,
    /// The folder that it was started in.
    pub(crate) folder: PathBuf,
    /// When it was put aside, in seconds since 1970.
    pub(crate) since: u64,
    /// Until when it can be resumed.
    pub(crate) expires: u64,
}

/// A run that was put aside.
pub(crate) struct Parked {
    pub(crate) name: String,
    pub(crate) note: Note,
    /// What it waits for, if it can be opened.
    pub(crate) suspended: Result<Suspended, String>,
}

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct State {
    folder: PathBuf,
}

pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl State {
    /// The folder that is named, or else the user's. It is made if it is not there.
    pub(crate) fn open(named: Option<&Path>) -> Result<Self, Complaint> {
        let usual = || Folders::HERE.state().map(|folder| folder.join("agentloop/runs"));
        let Some(folder) = named.map(Path::to_owned).or_else(usual) else {
            let message = "there is no folder for runs that are put aside: HOME is not set";
            return Err(Complaint::new(Exit::Usage, message, "name one with --state FOLDER"));
        };
        let state = Self { folder };
        make_private(&state.folder.join(TAKEN)).map_err(|error| state.not_written(&error))?;
        // Another process may have changed the current folder by the time it is needed.
        let folder = fs::canonicalize(&state.folder).map_err(|error| state.not_written(&error))?;
        Ok(Self { folder })
    }

    pub(crate) fn not_written(&self, error: &io::Error) -> Complaint {
        Complaint::new(
            Exit::NotWritten,
            format!("the folder `{}` cannot be used: {error}", self.folder.display()),
            "name another one with --state FOLDER",
        )
    }

    /// The key that runs are sealed with. It is made if it is not there.
    fn key(&self) -> io::Result<Key> {
        let path = self.folder.join(KEY_FILE);
        match fs::read(&path) {
            Ok(bytes) => <[u8; KEY_BYTES]>::try_from(bytes.as_slice())
                .map(Key::new)
                .map_err(|_| io::Error::other(format!("`{}` is not a key", path.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Key::random().map_err(io::Error::other)?;
                let beside = replace::write_beside(&path, key.bytes(), None)?;
                // The first who puts one there is right.
                let linked = fs::hard_link(&beside, &path);
                fs::remove_file(&beside)?;
                match linked {
                    Ok(()) => Ok(key),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.key(),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// A name that no run has.
    pub(crate) fn name(&self) -> Result<String, Complaint> {
        loop {
            let mut bytes = [0; NAME_DIGITS / 2];
            getrandom::fill(&mut bytes).map_err(|error| self.not_written(&io::Error::other(error)))?;
            let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            if !self.journal(&name).exists() {
                return Ok(name);
            }
        }
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// The journal of a run.
    pub(crate) fn journal(&self, name: &str) -> PathBuf {
        self.file(name, "jsonl")
    }

    /// Keeps a run that was put aside.
    pub(crate) fn put(&self, name: &str, suspended: &Suspended, note: &Note) -> io::Result<()> {
        let terms = Terms { tenant: TENANT.to_owned(), expires: UNIX_EPOCH + Duration::from_secs(note.expires) };
        let sealed = suspended.seal(&self.key()?, &terms).map_err(io::Error::other)?;
        let note = serde_json::to_vec(note)?;
        for (ending, bytes) in [("json", &note), ("run", &sealed)] {
            let path = self.file(name, ending);
            replace::put(&replace::write_beside(&path, bytes, None)?, &path)?;
        }
        Ok(())
    }

    /// A run that was put aside. `None`: there is none of this name.
    pub(crate) fn get(&self, name: &str) -> io::Result<Option<Parked>> {
        if name.len() != NAME_DIGITS || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let note = match script::read_file(&self.file(name, "json"), NOTE_BYTES_MAX) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let bytes = script::read_file(&self.file(name, "run"), SEALED_BYTES_MAX)?;
        let suspended = Suspended::open(&self.key()?, TENANT, &bytes).map_err(|error| error.to_string());
        Ok(Some(Parked { name: name.to_owned(), note, suspended }))
    }

    /// The runs that wait, the oldest first. What nobody can resume any more is cleared away.
    pub(crate) fn waiting(&self) -> io::Result<Vec<Parked>> {
        let mut waiting = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let Some(parked) = name.strip_suffix(".json").map(|name| self.get(name)).transpose()?.flatten() else {
                continue;
            };
            if parked.note.expires <= seconds(SystemTime::now()) {
                self.clear(&parked.name)?;
            } else if !self.is_taken(&parked) {
                waiting.push(parked);
            }
        }
        self.clear_taken()?;
        waiting.sort_by(|one, other| (one.note.since, &one.name).cmp(&(other.note.since, &other.name)));
        Ok(waiting)
    }

    /// The runs whose processes were stopped before they were over, or put aside again, sorted by name.
    pub(crate) fn stopped(&self) -> io::Result<Vec<String>> {
        let mut stopped = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(name) = name.strip_suffix(".jsonl") else { continue };
            if has_stopped(&entry.path())? {
                stopped.push(name.to_owned());
            }
        }
        stopped.sort_unstable();
        Ok(stopped)
    }

    /// Whether it was resumed before.
    pub(crate) fn is_taken(&self, parked: &Parked) -> bool {
        let id = parked.suspended.as_ref().ok().and_then(Suspended::id);
        id.is_some_and(|id| self.taken(&id).exists())
    }

    fn taken(&self, id: &[u8; 16]) -> PathBuf {
        let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(TAKEN).join(digits)
    }

    /// Forgets what was resumed and has expired: it is refused without that.
    fn clear_taken(&self) -> io::Result<()> {
        let now = seconds(SystemTime::now());
        for entry in fs::read_dir(self.folder.join(TAKEN))? {
            let path = entry?.path();
            let expires = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u64>().ok());
            if expires.is_some_and(|expires| expires < now) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn clear(&self, name: &str) -> io::Result<()> {
        for ending in ["run", "jsonl", "json"] {
            match fs::remove_file(self.file(name, ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Forgets the journal of a run that was over without being put aside.
    pub(crate) fn forget(&self, name: &str) {
        // It is of no use, and does no harm.
        let _ = self.clear(name);
    }

    /// Knows which runs were resumed.
    pub(crate) fn once(&self) -> Arc<dyn Once> {
        Arc::new(self.clone())
    }
}

/// A file of its own for each run that was resumed: whoever makes it is the first. It is there after a power failure as well.
impl Once for State {
    fn take(&self, id: &[u8; 16], expires: SystemTime) -> io::Result<bool> {
        let path = self.taken(id);
        match replace::private(&path) {
            Ok(mut file) => {
                writeln!(file, "{}", seconds(expires))?;
                file.sync_all()?;
                #[cfg(unix)]
                fs::File::open(self.folder.join(TAKEN))?.sync_all()?;
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether this is the journal of a run that was on its way, and that nobody goes on with.
fn has_stopped(journal: &Path) -> io::Result<bool> {
    let file = fs::File::open(journal)?;
    if matches!(file.try_lock_shared(), Err(fs::TryLockError::WouldBlock)) {
        return Ok(false);
    }
    // Where nothing is whole, nothing happened.
    let journal = Journal::read(&script::read_at_most(file, JOURNAL_BYTES_MAX)?);
    Ok(journal.is_ok_and(|journal| !journal.is_over() && !journal.is_suspended()))
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
