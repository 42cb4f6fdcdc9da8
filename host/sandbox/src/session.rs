//! Scripts that share a realm, one after the other.

use crate::live::Live;
use crate::{Ending, LimitKind, Run, Sandbox};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Mutex, OwnedSemaphorePermit};

/// Scripts that share a realm: what one declares at its top level is there for the next, which may declare it anew. Cheap to
/// clone; scripts of one session run one after the other.
///
/// The limits of the sandbox hold for all scripts of the session together: fuel, guest time, calls, timers, memory, console; wall
/// time counts while a script runs. A script that is stopped from outside (at a limit, cancelled while it computes) takes the
/// realm with it, and the next one begins in a fresh one, with the budgets whole: [`Session::scripts`] tells. Calls and timers
/// that a script leaves running are dropped when it ends.
///
/// Once it has run a script, a session holds an instance until it is dropped: of those the engine has a thousand.
///
/// ```
/// # async fn example() -> Result<(), agentloop_sandbox::Error> {
/// use agentloop_sandbox::{Engine, Limits, Toolbox};
///
/// let session = Engine::new()?.sandbox(Toolbox::default(), Limits::default())?.session();
/// session.prepare("const add = (x, y) => x + y").finish().await?;
/// let outcome = session.prepare("add(40, 2)").finish().await?;
/// assert_eq!(outcome.value::<i32>().unwrap().unwrap(), 42);
/// # Ok(()) }
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone)]
pub struct Session {
    sandbox: Sandbox,
    pub(crate) shared: Arc<Shared>,
}

/// What the scripts of a session hand on.
pub(crate) struct Shared {
    /// The instance, while no script runs in it.
    pub(crate) kept: Mutex<Option<Kept>>,
    scripts: AtomicU32,
}

impl Ending {
    /// Whether the guest came back by itself, with a realm that the next script can use.
    pub(crate) fn leaves_the_guest_at_rest(&self) -> bool {
        match self {
            Self::Finished(_) | Self::Threw(_) | Self::Syntax(_) | Self::Stuck => true,
            Self::LimitExceeded(exceeded) => exceeded.limit == LimitKind::Value,
            _ => false,
        }
    }
}

/// An instance and its place in the pool.
pub(crate) struct Kept {
    pub(crate) live: Live,
    pub(crate) _slot: OwnedSemaphorePermit,
}

impl Shared {
    /// Says that so many scripts have run in the realm there is.
    pub(crate) fn set_scripts(&self, count: u32) {
        self.scripts.store(count, Ordering::Release);
    }
}

impl Session {
    pub(crate) fn new(sandbox: Sandbox) -> Self {
        let shared = Shared { kept: Mutex::new(None), scripts: AtomicU32::new(0) };
        Self { sandbox, shared: Arc::new(shared) }
    }

    /// A run of the next script. It waits for the one before it.
    pub fn prepare(&self, script: impl Into<String>) -> Run {
        Run::new(self.sandbox.clone(), script.into()).in_session(Arc::clone(&self.shared))
    }

    /// How many scripts have run in the realm there is. 0: the next script finds a fresh one, because none has run yet, or because
    /// the last one took the realm with it. While a script runs it is 0 as well.
    pub fn scripts(&self) -> u32 {
        self.shared.scripts.load(Ordering::Acquire)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").field("scripts", &self.scripts()).finish_non_exhaustive()
    }
}
