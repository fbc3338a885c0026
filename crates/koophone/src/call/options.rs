//! What a caller may say about one call.

use std::time::Duration;

/// Cancels calls from another thread or task: clone it, give one to the call, keep the other.
pub type CancelToken = tokio_util::sync::CancellationToken;

/// What a caller may say about one call. The defaults are right for most.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// Total deadline with all batches and repeats, instead of the client's `timeout`.
    pub timeout: Option<Duration>,
    /// The caller's word that doing this twice does no harm: then it is repeated even when its outcome is unknown.
    pub repeatable: bool,
    /// Cancels the call from anywhere.
    pub cancel: Option<CancelToken>,
}
