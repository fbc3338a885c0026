//! The last failure to obtain or use a credential, shared with callers that would fail in the same way.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Error;

/// At most one failure.
#[derive(Default)]
pub(super) struct Failures(RwLock<Option<Failure>>);

struct Failure {
    error: Error,
    happened_at: Instant,
    /// No caller tries again before this.
    holds_until: Instant,
}

impl Failures {
    /// Keeps a failure: for the callers that were waiting, and for all callers for a time.
    pub fn keep(&self, error: Error, holds: Duration) {
        let now = Instant::now();
        self.replace(Some(Failure { error, happened_at: now, holds_until: now + holds }));
    }

    pub fn forget(&self) {
        self.replace(None);
    }

    /// The failure that applies to a caller who has been waiting since `asked_at`.
    pub fn of(&self, asked_at: Instant) -> Option<Error> {
        let failure = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let failure = failure.as_ref()?;
        let shared = failure.happened_at >= asked_at || Instant::now() < failure.holds_until;
        shared.then(|| failure.error.clone())
    }

    /// Whether a failure holds for all callers.
    pub fn holds(&self) -> bool {
        let failure = self.0.read().unwrap_or_else(PoisonError::into_inner);
        failure.as_ref().is_some_and(|failure| Instant::now() < failure.holds_until)
    }

    fn replace(&self, failure: Option<Failure>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorKind;

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_by_those_who_waited_and_held_for_a_time() {
        let failures = Failures::default();
        let before = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        failures.keep(Error::new(ErrorKind::Unavailable, "out of order"), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(4)).await;
        assert!(failures.of(Instant::now()).is_some() && failures.holds());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(failures.of(Instant::now()).is_none() && failures.of(before).is_some() && !failures.holds());
        failures.forget();
        assert!(failures.of(before).is_none());
    }
}
