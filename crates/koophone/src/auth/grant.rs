//! The cached credential of a process: a token or key, with its end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::credentials::AccessKey;
use super::failures::Failures;
use super::standing::Standing;
use crate::model::Identity;

/// How long before its end a credential is renewed; a quarter of its lifetime where that is less.
const RENEW_AHEAD: Duration = Duration::from_secs(30 * 60);

/// The cached credential of a process, and why there is none.
#[derive(Default)]
pub(super) struct State {
    current: RwLock<Option<Arc<Grant>>>,
    /// Why there is no usable grant.
    pub failures: Failures,
    /// Held by the one caller that obtains a new grant.
    pub renewal: Mutex<()>,
}

/// A credential that is valid for a time.
pub(super) struct Grant {
    pub credential: Credential,
    pub identity: Identity,
    /// Whether it replaces one that was refused.
    pub after_refusal: bool,
    renew_at: Option<Instant>,
    ends_at: Option<Instant>,
    refused: bool,
    /// For a token; a key's refusals are in its `Standing`.
    accepted: AtomicBool,
}

#[derive(Clone)]
pub(super) enum Credential {
    Token(HeaderValue),
    Key { key: AccessKey, project_id: Option<String>, standing: Arc<Standing> },
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl State {
    pub fn current(&self) -> Option<Arc<Grant>> {
        read(&self.current).clone()
    }

    pub fn is_current(&self, grant: &Arc<Grant>) -> bool {
        read(&self.current).as_ref().is_some_and(|current| Arc::ptr_eq(current, grant))
    }

    pub fn replace(&self, grant: Arc<Grant>) {
        *write(&self.current) = Some(grant);
        self.failures.forget();
    }

    /// Drops the refused `grant`, unless another one has taken its place. It is remembered, so that the disk cache
    /// cannot bring it back.
    pub fn drop_current(&self, grant: &Arc<Grant>) {
        let mut current = write(&self.current);
        if let Some(now) = current.as_ref().filter(|now| Arc::ptr_eq(now, grant)) {
            *current = Some(Arc::new(now.refused()));
        }
    }

    /// The token that was refused, or is past its end, and has not been replaced.
    pub fn rejected_token(&self) -> Option<HeaderValue> {
        let current = self.current()?;
        match &current.credential {
            Credential::Token(token) if current.has_ended(Instant::now()) => Some(token.clone()),
            _ => None,
        }
    }

    /// Whether the last grant was refused and has not been replaced.
    pub fn is_refused(&self) -> bool {
        self.current().is_some_and(|grant| grant.refused)
    }
}

impl Grant {
    pub fn new(credential: Credential, life: Option<Duration>, identity: Identity) -> Self {
        let now = Instant::now();
        let ahead = life.map(|life| RENEW_AHEAD.min(life / 4));
        Self {
            credential,
            identity,
            after_refusal: false,
            renew_at: life.zip(ahead).and_then(|(life, ahead)| now.checked_add(life - ahead)),
            ends_at: life.and_then(|life| now.checked_add(life)),
            refused: false,
            accepted: AtomicBool::new(false),
        }
    }

    pub fn after_refusal(self, after_refusal: bool) -> Self {
        Self { after_refusal, ..self }
    }

    pub fn is_fresh(&self, now: Instant) -> bool {
        !self.refused && self.renew_at.is_none_or(|at| now < at)
    }

    pub fn has_ended(&self, now: Instant) -> bool {
        self.refused || self.ends_at.is_some_and(|at| now >= at)
    }

    /// The service has accepted the token.
    pub fn accept(&self) {
        // Written only once: every call of every thread passes here.
        if !self.accepted.load(Ordering::Relaxed) {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }

    /// The service refused the token. Returns whether it was valid until now.
    pub fn refuse(&self) -> bool {
        self.accepted.swap(false, Ordering::Relaxed)
    }

    /// Whatever the time is: a caller may check it with a time from before the refusal.
    fn refused(&self) -> Self {
        Self {
            credential: self.credential.clone(),
            identity: self.identity.clone(),
            after_refusal: self.after_refusal,
            renew_at: self.renew_at,
            ends_at: self.ends_at,
            refused: true,
            accepted: AtomicBool::new(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Arc<Grant> {
        let token = Credential::Token(HeaderValue::from_static("token"));
        Arc::new(Grant::new(token, Some(Duration::from_secs(3600)), Identity::default()))
    }

    #[test]
    fn a_refused_grant_is_not_fresh_for_a_caller_who_asked_before_the_refusal() {
        let state = State::default();
        let asked_at = Instant::now();
        state.replace(grant());
        let seen = state.current().unwrap();
        assert!(seen.is_fresh(asked_at) && !seen.has_ended(asked_at));
        state.drop_current(&seen);
        let seen = state.current().unwrap();
        assert!(!seen.is_fresh(asked_at) && seen.has_ended(asked_at) && state.is_refused());
        assert_eq!(state.rejected_token().unwrap(), "token");
        state.drop_current(&grant());
        state.replace(grant());
        assert!(!state.is_refused() && state.rejected_token().is_none());
    }
}
