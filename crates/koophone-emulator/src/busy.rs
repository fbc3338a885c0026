//! The phones that are running a long command line.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// The phones for which lines are running.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    phones: Mutex<HashSet<String>>,
    freed: Notify,
}

impl Busy {
    pub(crate) fn any(&self, ids: &[String]) -> bool {
        let phones = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().any(|id| phones.contains(id))
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(crate) fn add(&self, ids: &[String]) {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).extend(ids.iter().cloned());
    }

    pub(crate) fn remove(&self, ids: &[String]) {
        self.phones.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| !ids.contains(id));
        self.freed.notify_waiters();
    }

    /// Completes when the next phone is free.
    pub(crate) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }
}
