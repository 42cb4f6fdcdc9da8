//! The process group of a server: stopped as a whole, since a server's program is often a wrapper that starts another.

use tokio::process::{Child, Command};

/// A group of processes. When it is dropped, none of them lives on.
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    /// Makes the command the first of a new group.
    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    /// The group that `child` leads.
    pub(super) fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
        Self { leader }
    }

    /// Asks all of them to end.
    pub(super) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Ends all of them, and lets go of the group.
    pub(super) fn kill(&mut self) {
        self.signal(rustix::process::Signal::KILL);
        self.leader = None;
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // The only failure is that nobody is left to hear it.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }
}

#[cfg(not(unix))]
impl Group {
    /// There are no groups here.
    pub(super) fn lead(_command: &mut Command) {}

    /// There are no groups here: the child itself is killed when it is dropped.
    pub(super) fn of(_child: &Child) -> Self {
        Self {}
    }

    /// There is no gentle way here.
    pub(super) fn terminate(&self) {}

    /// The child itself is killed when it is dropped.
    pub(super) fn kill(&mut self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
