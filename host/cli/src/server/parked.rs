//! Scripts that wait for somebody to answer their questions.

use super::going::Going;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;

/// So long a script waits for the request that has the answers.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// Scripts that wait, by what a request must name to find them. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Parked(Arc<Mutex<HashMap<String, Entry>>>);

struct Entry {
    going: Arc<Going>,
    expiry: AbortHandle,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.expiry.abort();
    }
}

impl Parked {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a script for [`WAIT_MAX`] from now on. After that it is cancelled, unless somebody waits for it.
    pub(super) fn put(&self, going: Arc<Going>) {
        let (parked, id) = (self.clone(), going.id.clone());
        let expiry = tokio::spawn(async move {
            tokio::time::sleep(WAIT_MAX).await;
            parked.forget(&id);
        });
        let entry = Entry { expiry: expiry.abort_handle(), going };
        self.entries().insert(entry.going.id.clone(), entry);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<Going>> {
        self.entries().get(id).map(|entry| Arc::clone(&entry.going))
    }

    pub(super) fn forget(&self, id: &str) {
        let entry = self.entries().remove(id);
        // Outside of the lock: with it, the script may end.
        drop(entry);
    }
}
