//! The journal of a run in a file.

use agentloop_sandbox::{Moment, Sink};
use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// What of a journal outlives the machine, not only the process: what a call may have changed survives a power failure, and so must
/// the line about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Nothing for certain. A process that is killed loses nothing.
    Process,
    /// What is written before and after calls that may change the world. Each costs the time that the disk takes.
    #[default]
    Effects,
    /// Everything.
    All,
}

/// A file with the journal of one run, which nobody else may read or write meanwhile.
///
/// ```
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("run.jsonl");
/// use agentloop_sandbox::{Engine, Journal, Limits, Toolbox};
/// use agentloop_tools::journal::{Durability, JournalFile};
///
/// let sandbox = Engine::new()?.sandbox(Toolbox::default(), Limits::default())?;
/// let file = JournalFile::create(&path, Durability::Effects)?;
/// sandbox.prepare("1 + 1").record(file).finish().await?;
/// assert_eq!(Journal::read(&std::fs::read(&path)?)?.ending(), Some(r#"{"finished":2}"#));
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Debug)]
pub struct JournalFile {
    file: File,
    durability: Durability,
}

impl JournalFile {
    /// A new file, for its owner alone.
    ///
    /// # Errors
    ///
    /// If it is there already: a journal is never overwritten. Or if it cannot be made.
    pub fn create(path: &Path, durability: Durability) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self::locked(options.open(path)?, durability)
    }

    /// The file of a run that was put aside, to go on in.
    ///
    /// # Errors
    ///
    /// If it is not there, or another process writes to it.
    pub fn open(path: &Path, durability: Durability) -> io::Result<Self> {
        Self::locked(File::options().read(true).write(true).open(path)?, durability)
    }

    fn locked(file: File, durability: Durability) -> io::Result<Self> {
        match file.try_lock() {
            Ok(()) => Ok(Self { file, durability }),
            Err(TryLockError::WouldBlock) => {
                Err(io::Error::new(io::ErrorKind::WouldBlock, "another process is writing to it"))
            }
            // Not every file system has locks. A file that was just made is nobody else's.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { file, durability })
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Sink for JournalFile {
    fn append(&mut self, lines: &[u8], moment: Moment) -> io::Result<()> {
        self.file.write_all(lines)?;
        let must_last = match self.durability {
            Durability::Process => false,
            Durability::Effects => moment != Moment::Rest,
            Durability::All => true,
        };
        if must_last { self.file.sync_data() } else { Ok(()) }
    }

    fn recorded(&mut self) -> io::Result<Vec<u8>> {
        let mut recorded = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut recorded)?;
        Ok(recorded)
    }
}
