//! Ctrl-C: the first cancels the run, which is then reported; the second ends the process on the spot.

use agentloop_sandbox::CancellationToken;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a Ctrl-C still has something to cancel.
pub(crate) struct Interrupts {
    interrupted: Arc<AtomicBool>,
}

impl Interrupts {
    /// The run is over: from here on the next Ctrl-C ends the process.
    pub(crate) fn end(self) {
        self.interrupted.store(true, Ordering::SeqCst);
    }
}

/// From here on the next Ctrl-C cancels `token`.
#[cfg(unix)]
pub(crate) fn cancel_on_interrupt(token: CancellationToken) -> io::Result<Interrupts> {
    use signal_hook::consts::SIGINT;
    use tokio::signal::unix::{SignalKind, signal};

    let interrupted = Arc::new(AtomicBool::new(false));
    // In this order: the first Ctrl-C finds the flag down and raises it. All of it happens in the signal handler, so the
    // second works even while the process waits for somebody to read its output.
    signal_hook::flag::register_conditional_default(SIGINT, Arc::clone(&interrupted))?;
    signal_hook::flag::register(SIGINT, Arc::clone(&interrupted))?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        interrupts.recv().await;
        token.cancel();
    });
    Ok(Interrupts { interrupted })
}

/// From here on being told to end (SIGTERM) cancels `token` instead of ending the process.
#[cfg(unix)]
pub(crate) fn cancel_on_termination(token: CancellationToken) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminations = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        terminations.recv().await;
        token.cancel();
    });
    Ok(())
}

/// Nothing tells a process to end.
#[cfg(not(unix))]
pub(crate) fn cancel_on_termination(_token: CancellationToken) -> io::Result<()> {
    Ok(())
}

/// From here on the next Ctrl-C cancels `token`.
#[cfg(not(unix))]
pub(crate) fn cancel_on_interrupt(token: CancellationToken) -> io::Result<Interrupts> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&interrupted);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            if seen.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(crate::exit::Exit::Cancelled.code()));
            }
            token.cancel();
        }
    });
    Ok(Interrupts { interrupted })
}
