//! The files of one folder.
//!
//! This module owns the handle of the granted folder. Nothing here opens a path of the host but [`Files::open`], once; all that
//! comes after goes through that handle, and can lead nowhere else.

mod folder;
mod list;
mod path;
mod read;
mod remove;
mod replace;
mod search;
mod walk;
mod write;

use crate::Error;
use agentloop_sandbox::{CancellationToken, Effect, Tool};
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use folder::Folder;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What the tools of a folder take on at most, per call.
///
/// ```
/// use agentloop_tools::FilesLimits;
///
/// let mut limits = FilesLimits::default();
/// assert_eq!(limits.read_bytes_max, 1 << 20);
/// limits.read_bytes_max = 64 << 10;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesLimits {
    /// Bytes that `read` gives. Larger files are read in pieces. Default 1 MiB.
    pub read_bytes_max: u64,
    /// The size of a file that `write` or `edit` leaves behind. Default 8 MiB.
    pub write_bytes_max: u64,
    /// Files and folders that `list`, `glob` and `search` look at, and that `remove` removes. Default 100,000.
    pub entries_max: u64,
    /// The size of a file that `search` searches; larger ones are skipped, and counted. Default 4 MiB.
    pub search_file_bytes_max: u64,
    /// Bytes that `search` searches in all. Default 64 MiB.
    pub search_bytes_max: u64,
}

impl Default for FilesLimits {
    fn default() -> Self {
        Self {
            read_bytes_max: 1 << 20,
            write_bytes_max: 8 << 20,
            entries_max: 100_000,
            search_file_bytes_max: 4 << 20,
            search_bytes_max: 64 << 20,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    ReadOnly,
    ReadWrite,
}

/// Tools for the files of one folder, and of nothing outside of it.
///
/// The tools are `files.read`, `files.list`, `files.glob`, `files.search` and `files.stat`; with [`Files::read_write`] also
/// `files.write`, `files.edit`, `files.move`, `files.remove` and `files.make_folder`. Without it those do not exist.
///
/// The folder is opened once. Paths of scripts are resolved below that handle: no `..`, no absolute path and no link leads out,
/// also not one that is swapped in while a call is under way. Links that stay inside are followed for reading, but absolute
/// ones count as leading out. Nothing is written, moved or removed through a link; a link itself can be moved and removed.
/// Pipes, sockets and devices are refused. A file that also has a name elsewhere (a hard link) is a file of the folder; writing
/// replaces it and leaves the other name as it is. Names that are not UTF-8 are counted, but cannot be used.
///
/// Files are replaced whole: who reads meanwhile sees the old contents or the new ones. Calls that change something take turns.
/// Other programs do not wait for them: what such a program writes in the very moment of a replacement is lost. After a crash of
/// the host, a file `.agentloop-….tmp` may be left.
///
/// ```
/// use agentloop_sandbox::Effect;
/// use agentloop_tools::Files;
///
/// let folder = std::env::temp_dir();
/// let tools = Files::open(&folder)?.tools()?;
/// assert_eq!(tools.len(), 5);
/// assert!(tools.iter().all(|tool| tool.effect() == Effect::ReadOnly));
///
/// let tools = Files::open(&folder)?.read_write().name("notes").tools()?;
/// assert!(tools.iter().any(|tool| tool.name().as_str() == "notes.write"));
/// # Ok::<(), agentloop_tools::Error>(())
/// ```
pub struct Files {
    root: Dir,
    access: Access,
    name: String,
    limits: FilesLimits,
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Files")
            .field("access", &self.access)
            .field("name", &self.name)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Files {
    /// Opens the folder that is granted. Links on the way to it are followed, since the operator chose it. If the path is given
    /// to another folder later, the tools stay with the one that was opened.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] if there is no such folder, or it may not be opened.
    ///
    /// ```
    /// use agentloop_tools::Files;
    ///
    /// let files = Files::open(std::env::temp_dir())?;
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let root = Dir::open_ambient_dir(path, ambient_authority())
            .map_err(|source| Error::Folder { path: path.to_owned(), source })?;
        Ok(Self { root, access: Access::ReadOnly, name: "files".to_owned(), limits: FilesLimits::default() })
    }

    /// Grants reading only. This is the default.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.access = Access::ReadOnly;
        self
    }

    /// Grants writing, moving and removing as well.
    #[must_use]
    pub fn read_write(mut self) -> Self {
        self.access = Access::ReadWrite;
        self
    }

    /// What the names of the tools begin with, before a dot. Default `files`. For two folders in one sandbox, give each a name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// What the tools take on at most.
    #[must_use]
    pub fn limits(mut self, limits: FilesLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The tools, each marked with what calling it may do.
    ///
    /// # Errors
    ///
    /// [`Error::Tool`] if no tool may have the [name](Files::name).
    ///
    /// ```
    /// use agentloop_tools::Files;
    ///
    /// for tool in Files::open(std::env::temp_dir())?.tools()? {
    ///     assert!(tool.name().as_str().starts_with("files."));
    /// }
    /// # Ok::<(), agentloop_tools::Error>(())
    /// ```
    pub fn tools(self) -> Result<Vec<Tool>, Error> {
        let Self { root, access, name, limits } = self;
        let maker = Maker { folder: Arc::new(Folder::new(root, limits)), name };
        let mut tools = maker.reading()?;
        if access == Access::ReadWrite {
            tools.extend(maker.changing()?);
        }
        Ok(tools)
    }
}

/// What a tool does with the folder.
type Handler<A, R> = fn(&Folder, A, &CancellationToken) -> Result<R, String>;

struct Maker {
    folder: Arc<Folder>,
    name: String,
}

impl Maker {
    fn reading(&self) -> Result<Vec<Tool>, Error> {
        let reading = |tool: Tool| tool.marked(Effect::ReadOnly);
        Ok(vec![
            reading(self.tool("read", READ, read::read)?),
            reading(self.tool("list", LIST, list::list)?),
            reading(self.tool("glob", GLOB, list::glob)?),
            reading(self.tool("search", SEARCH, search::search)?),
            reading(self.tool("stat", STAT, read::stat)?),
        ])
    }

    fn changing(&self) -> Result<Vec<Tool>, Error> {
        Ok(vec![
            self.tool("write", WRITE, write::write)?.marked(Effect::Destructive),
            self.tool("edit", EDIT, write::edit)?.marked(Effect::Destructive),
            self.tool("move", MOVE, remove::move_to)?.marked(Effect::Destructive),
            self.tool("remove", REMOVE, remove::remove)?.marked(Effect::Destructive),
            self.tool("make_folder", MAKE_FOLDER, write::make_folder)?.marked(Effect::Additive),
        ])
    }

    fn tool<A, R>(&self, name: &str, description: &str, handler: Handler<A, R>) -> Result<Tool, Error>
    where
        A: DeserializeOwned + JsonSchema + Send + 'static,
        R: Serialize + JsonSchema + Send + 'static,
    {
        let folder = Arc::clone(&self.folder);
        let name = format!("{}.{name}", self.name);
        let tool = Tool::blocking(&name, description, move |arguments, token| handler(&folder, arguments, token))?;
        Ok(tool.returns::<R>())
    }
}

const READ: &str = "Reads a file, or a piece of it from byte `offset` on. The answer has the `content`, the `size` of the whole \
    file in bytes, and `next_offset` if there is more. Pieces of text end with a whole character. What is not text must be read \
    with encoding `base64`.";

const LIST: &str = "Lists a folder: paths, kinds, sizes and times, in the order of names. `cut` says why if not all are there. \
    Links are listed, not followed.";

const GLOB: &str = "Finds files and folders by a pattern of their paths, as in `**/*.md`. Names that begin with a dot are found \
    as well. `cut` says why if not all are there. Links are not followed.";

const SEARCH: &str = "Searches files for lines that match a regular expression, and gives path, number and text of each. \
    `skipped` counts what was not searched (files that are not text, too large or not readable), and `cut` says why if the \
    search ended early.";

const STAT: &str = "Says what a path is (`file`, `folder`, `link` or `special`), its size, and when it was changed. Fails if \
    there is nothing.";

const WRITE: &str = "Writes a whole file, and replaces it if it is there. To change a part of a file, use `edit`.";

const EDIT: &str = "Replaces texts in a file. Each `old` must be in the file exactly once, unless `all` is set. If one edit \
    fits nowhere, none is made.";

const MOVE: &str = "Moves or renames a file or folder. Fails if there is something at `to`, unless it is a file and `replace` \
    is set.";

const REMOVE: &str =
    "Removes a file or an empty folder; with `recursive`, a folder and all that is in it. There is no way back.";

const MAKE_FOLDER: &str = "Makes a folder, and the folders that it is in. Nothing happens if it is there.";
