//! Whether the service has accepted or refused a key or password, for all clients of this process.
//!
//! More than five failed signatures lock an access key, and failed logins lock an account. So a key or password that
//! has not been accepted yet is tried by one request of the process at a time, and after a refusal no client tries it
//! again for a while, not even a new one. A different secret counts as a different key.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep_until};

use super::credentials::{AccessKey, PasswordLogin};
use super::failures::Failures;
use super::registry::Registry;
use super::wait_for;
use crate::model::{Error, Result};

/// A key that was valid until now is tried again after this time. By then the responses to the requests in flight have
/// arrived and may settle the question.
const RECHECK_AFTER: Duration = Duration::from_secs(1);
/// The lowest bit of the verdict; the others count the refusals.
const ACCEPTED: u64 = 1;

static STANDINGS: Registry<Standing> = Registry::new();

/// The standing of one key or password.
#[derive(Default)]
pub(super) struct Standing {
    verdict: AtomicU64,
    failures: Failures,
    /// When a key that was valid may be tried again.
    again_at: std::sync::Mutex<Option<Instant>>,
    trial: Arc<Mutex<()>>,
}

/// The right to use a credential. Keep it until the response has arrived.
#[must_use]
pub(super) struct Turn {
    verdict: u64,
    /// Keeps others from trying the same credential at the same time.
    _trial: Option<OwnedMutexGuard<()>>,
}

impl Standing {
    pub fn of_key(endpoint: &str, key: &AccessKey) -> Result<Arc<Self>> {
        let token = key.security_token.as_ref().map_or("", |token| token.expose());
        Self::find(&["key", endpoint, &key.id, key.secret.expose(), token])
    }

    /// `scope` is part of the key: the refusal of one project says nothing about a login to another.
    pub fn of_password(iam_endpoint: &str, login: &PasswordLogin, scope: &str) -> Result<Arc<Self>> {
        Self::find(&["password", iam_endpoint, &login.domain, &login.username, scope, login.password.expose()])
    }

    fn find(parts: &[&str]) -> Result<Arc<Self>> {
        STANDINGS.entry(parts, |standing| standing.failures.holds())
    }

    /// Whether the service has accepted it, with no refusal since.
    pub fn is_accepted(&self) -> bool {
        self.verdict.load(Ordering::Acquire) & ACCEPTED != 0
    }

    /// Why it must not be tried now.
    pub fn held(&self) -> Option<Error> {
        self.failures.of(Instant::now())
    }

    /// Waits for the turn to use it, or returns why it must not be tried. A trial that takes longer than `longest` was
    /// not refused, and no longer blocks others.
    pub async fn turn(&self, longest: Duration, deadline: Option<Instant>) -> Result<Turn> {
        let verdict = self.verdict.load(Ordering::Acquire);
        if verdict & ACCEPTED != 0 {
            return Ok(Turn { verdict, _trial: None });
        }
        let asked_at = Instant::now();
        let trial = tokio::time::timeout(longest, self.trial.clone().lock_owned());
        let trial = wait_for(trial, deadline).await?.ok();
        let again_at = *self.again_at();
        if let Some(at) = again_at.filter(|at| Instant::now() < *at && !self.is_accepted()) {
            wait_for(sleep_until(at), deadline).await?;
        }
        let verdict = self.verdict.load(Ordering::Acquire);
        if verdict & ACCEPTED != 0 {
            return Ok(Turn { verdict, _trial: None });
        }
        match self.failures.of(asked_at) {
            Some(error) => Err(error),
            None => Ok(Turn { verdict, _trial: trial }),
        }
    }

    /// It was accepted. That counts unless it was refused after `turn` began, and lifts a hold.
    pub fn accept(&self, turn: &Turn) {
        // Written only once: every call of every thread passes here.
        if turn.verdict & ACCEPTED != 0 {
            return;
        }
        let accepted = turn.verdict | ACCEPTED;
        if self.verdict.compare_exchange(turn.verdict, accepted, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            self.failures.forget();
        }
    }

    /// Requires it to be verified again. Returns whether it was accepted until now.
    pub fn require_trial(&self) -> bool {
        let next = |verdict: u64| Some((verdict & !ACCEPTED).wrapping_add(2));
        let before = self.verdict.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        before.is_ok_and(|verdict| verdict & ACCEPTED != 0)
    }

    /// It was refused. Returns whether it was accepted until now: then a single refusal does not hold yet.
    pub fn refuse(&self) -> bool {
        let was_accepted = self.require_trial();
        if was_accepted {
            *self.again_at() = Some(Instant::now() + RECHECK_AFTER);
        }
        was_accepted
    }

    /// No client tries it for `time`; all callers get this error.
    pub fn hold(&self, error: Error, time: Duration) {
        self.failures.keep(error, time);
    }

    fn again_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.again_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorKind;

    const LONGEST: Duration = Duration::from_secs(10);

    fn refusal() -> Error {
        Error::new(ErrorKind::Authentication, "no")
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_success_lifts_the_hold_and_an_earlier_one_does_not() {
        let standing = Standing::default();
        let (early, late) = (standing.turn(LONGEST, None), standing.turn(LONGEST, None));
        let early = early.await.unwrap();
        // It takes so long that another one is tried in the meantime.
        let late = late.await.unwrap();
        assert!(!standing.refuse());
        standing.hold(refusal(), Duration::from_secs(30));
        standing.accept(&early);
        assert!(!standing.is_accepted() && standing.held().is_some() && standing.turn(LONGEST, None).await.is_err());
        drop((early, late));
        tokio::time::advance(Duration::from_secs(30)).await;
        let turn = standing.turn(LONGEST, None).await.unwrap();
        standing.hold(refusal(), Duration::from_secs(30));
        standing.accept(&turn);
        assert!(standing.is_accepted() && standing.held().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_valid_key_that_is_refused_waits_for_other_responses() {
        let standing = Standing::default();
        let turn = standing.turn(LONGEST, None).await.unwrap();
        standing.accept(&turn);
        drop(turn);
        let before = Instant::now();
        assert!(standing.refuse());
        let next = standing.turn(LONGEST, None).await.unwrap();
        assert_eq!(before.elapsed(), RECHECK_AFTER);
        standing.accept(&next);
        drop(next);
        // Another response says the same while a caller waits.
        assert!(standing.refuse());
        let (next, ()) = tokio::join!(standing.turn(LONGEST, None), async {
            assert!(!standing.refuse());
            standing.hold(refusal(), Duration::from_secs(30));
        });
        assert!(next.is_err());
    }
}
