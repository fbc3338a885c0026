//! What a process has in hand: the right to call, for a time.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::Mutex;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::credentials::AccessKey;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Identity;

/// A renewal this far ahead of the end, or a quarter of the life where that is less.
const RENEW_AHEAD: Duration = Duration::from_secs(30 * 60);

/// What a process has in hand.
pub(super) struct State {
    pub current: RwLock<Option<Arc<Grant>>>,
    /// Held by the one caller that gets a new grant; holds why the last one could not be had.
    pub flight: Mutex<Option<(Instant, Error)>>,
}

/// The right to call, for a time.
pub(super) struct Grant {
    pub pass: Pass,
    pub renew_at: Option<Instant>,
    pub ends_at: Option<Instant>,
    pub identity: Identity,
}

pub(super) enum Pass {
    Token(HeaderValue),
    Key { key: AccessKey, project_id: Option<String> },
}

impl State {
    pub fn new() -> Self {
        Self { current: RwLock::new(None), flight: Mutex::new(None) }
    }

    pub fn current(&self) -> Option<Arc<Grant>> {
        self.current.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    pub fn replace(&self, grant: Arc<Grant>) {
        *self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(grant);
    }

    /// Ends `grant`, unless another one has taken its place. It stays known, so that the disk cache cannot bring it back.
    pub fn drop_current(&self, grant: &Arc<Grant>) {
        let mut current = self.current.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(now) = current.as_ref().filter(|now| Arc::ptr_eq(now, grant)) {
            *current = Some(Arc::new(now.ended()));
        }
    }

    /// The token that was refused and has not been replaced.
    pub fn refused(&self) -> Option<HeaderValue> {
        let current = self.current()?;
        match &current.pass {
            Pass::Token(token) if current.has_ended(Instant::now()) => Some(token.clone()),
            _ => None,
        }
    }
}

impl Grant {
    pub fn new(pass: Pass, life: Option<Duration>, identity: Identity) -> Self {
        let now = Instant::now();
        let ahead = life.map(|life| RENEW_AHEAD.min(life / 4));
        let renew_at = life.zip(ahead).and_then(|(life, ahead)| now.checked_add(life - ahead));
        Self { pass, renew_at, ends_at: life.and_then(|life| now.checked_add(life)), identity }
    }

    pub fn is_fresh(&self, now: Instant) -> bool {
        self.renew_at.is_none_or(|at| now < at)
    }

    pub fn has_ended(&self, now: Instant) -> bool {
        self.ends_at.is_some_and(|at| now >= at)
    }

    pub fn ended(&self) -> Self {
        let pass = match &self.pass {
            Pass::Token(token) => Pass::Token(token.clone()),
            Pass::Key { key, project_id } => Pass::Key { key: key.clone(), project_id: project_id.clone() },
        };
        let now = Some(Instant::now());
        Self { pass, renew_at: now, ends_at: now, identity: self.identity.clone() }
    }
}

/// A header value whose memory is wiped with its last copy, and which no `Debug` prints.
pub(super) fn token_header(token: Zeroizing<String>) -> Result<HeaderValue> {
    let bytes = bytes::Bytes::from_owner(token);
    let mut header = HeaderValue::from_maybe_shared(bytes)
        .map_err(|_| Error::new(ErrorKind::Protocol, "the token has characters that no header can carry"))?;
    header.set_sensitive(true);
    Ok(header)
}
