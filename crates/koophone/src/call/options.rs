//! The options of one call.

use std::time::Duration;

use super::traceparent;
use crate::model::Result;

/// Cancels calls from another thread or task: clone it, pass one to the call, keep the other.
pub type CancelToken = tokio_util::sync::CancellationToken;

/// The options of one call. The defaults suit most calls. For a single call the methods of [`Call`](crate::Call) are
/// shorter; [`blocking::Client::with`](crate::blocking::Client::with) takes these options for many.
///
/// ```
/// use std::time::Duration;
/// use koophone::{CallOptions, CancelToken};
///
/// let cancel = CancelToken::new();
/// let options = CallOptions::new().timeout(Duration::from_secs(20)).repeatable(true).cancel_with(cancel.clone());
/// assert_eq!(options.timeout, Some(Duration::from_secs(20)));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Total deadline with all batches and retries, instead of the client's `timeout`.
    pub timeout: Option<Duration>,
    /// Declares that repeating this is harmless: it is then retried even when its outcome is unknown.
    pub repeatable: bool,
    /// Cancels the call from anywhere.
    pub cancel: Option<CancelToken>,
    /// Sent with every request to the service: the W3C trace context to which the call belongs.
    pub traceparent: Option<String>,
}

impl CallOptions {
    /// The defaults: the client's `timeout`, not repeatable, not cancelled by a token, no trace.
    pub fn new() -> Self {
        Self::default()
    }

    /// Total deadline with all batches and retries; `None` for the client's `timeout`.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Declares that repeating this is harmless: it is then retried even when its outcome is unknown.
    #[must_use]
    pub fn repeatable(mut self, repeatable: bool) -> Self {
        self.repeatable = repeatable;
        self
    }

    /// Lets `token` cancel the call.
    #[must_use]
    pub fn cancel_with(mut self, token: CancelToken) -> Self {
        self.cancel = Some(token);
        self
    }

    /// Sends this `traceparent` (W3C Trace Context) with every request to the service.
    #[must_use]
    pub fn traceparent(mut self, traceparent: impl Into<String>) -> Self {
        self.traceparent = Some(traceparent.into());
        self
    }

    /// Validates them, before anything is sent.
    pub(crate) fn check(&self) -> Result<()> {
        self.traceparent.as_deref().map_or(Ok(()), traceparent::check)
    }
}
