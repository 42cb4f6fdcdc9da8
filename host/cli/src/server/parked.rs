//! Scripts that wait for somebody to answer their questions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;

/// So long a script waits for the request that has the answers.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// Scripts that wait, by what a request must name to find them.
pub(super) struct Parked<T>(Arc<Mutex<HashMap<String, Entry<T>>>>);

struct Entry<T> {
    going: Arc<T>,
    expiry: AbortHandle,
}

impl<T> Drop for Entry<T> {
    fn drop(&mut self) {
        self.expiry.abort();
    }
}

impl<T> Clone for Parked<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Parked<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Send + Sync + 'static> Parked<T> {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a script for [`WAIT_MAX`] from now on. After that it is let go of, and so cancelled, unless somebody waits for it.
    pub(super) fn put(&self, id: &str, going: Arc<T>) {
        let (parked, id) = (self.clone(), id.to_owned());
        let key = id.clone();
        let expiry = tokio::spawn(async move {
            tokio::time::sleep(WAIT_MAX).await;
            parked.forget(&id);
        });
        let before = self.entries().insert(key, Entry { expiry: expiry.abort_handle(), going });
        // Outside of the lock, as below.
        drop(before);
    }

    pub(super) fn find(&self, id: &str) -> Option<Arc<T>> {
        self.entries().get(id).map(|entry| Arc::clone(&entry.going))
    }

    pub(super) fn forget(&self, id: &str) {
        let entry = self.entries().remove(id);
        // Outside of the lock: with it, the script may end.
        drop(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::{Parked, WAIT_MAX};
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn what_nobody_comes_back_for_is_let_go_of() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime can be made").block_on(async {
            let (parked, second) = (Parked::default(), Duration::from_secs(1));
            let going = Arc::new(());
            parked.put("a", Arc::clone(&going));
            tokio::time::sleep(WAIT_MAX - second).await;
            assert!(parked.find("a").is_some());
            // Each time it is put back, the time begins anew.
            parked.put("a", Arc::clone(&going));
            tokio::time::sleep(WAIT_MAX - second).await;
            assert!(parked.find("a").is_some());
            assert_eq!(Arc::strong_count(&going), 2);
            tokio::time::sleep(second * 2).await;
            assert_eq!((parked.find("a").is_some(), Arc::strong_count(&going)), (false, 1));
            parked.put("b", Arc::clone(&going));
            parked.forget("b");
            assert_eq!((parked.find("b").is_some(), Arc::strong_count(&going)), (false, 1));
        });
    }
}
