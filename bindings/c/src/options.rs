//! The options of one call, and cancelling from elsewhere.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use koophone::{CallOptions, CancelToken, Error, Result};

use crate::input;
use crate::queue::koophone_queue;
use crate::shared::Line;

/// The options of one call. All zero (`= {0}`) is the default, and so is NULL instead of the structure, which is read
/// before the function returns and not kept.
#[repr(C)]
pub struct koophone_call_options {
    /// Total deadline in milliseconds with all batches and retries; 0: the client's `timeout`.
    pub timeout_ms: u64,
    /// Declares that repeating this is harmless: it is then retried even when its outcome is unknown.
    pub repeatable: bool,
    /// Cancels the call from another thread; NULL: none. May be freed before the call has finished.
    pub cancel: *const koophone_cancel_token,
    /// For started calls: the queue in which the call appears when it has finished; NULL: none. May be freed before the
    /// call has finished.
    pub queue: *const koophone_queue,
    /// For started calls: what `koophone_call_tag` returns.
    pub tag: *mut c_void,
    /// The W3C trace context that the requests belong to, sent with each of them as the header `traceparent`; NULL:
    /// none.
    pub traceparent: *const c_char,
}

impl koophone_call_options {
    /// The defaults.
    pub(crate) const NONE: Self = Self {
        timeout_ms: 0,
        repeatable: false,
        cancel: ptr::null(),
        queue: ptr::null(),
        tag: ptr::null_mut(),
        traceparent: ptr::null(),
    };

    /// The options, or none.
    pub(crate) fn or_none(options: Option<&Self>) -> &Self {
        options.unwrap_or(&Self::NONE)
    }

    /// The core's options.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn core(&self) -> Result<CallOptions> {
        let mut options = CallOptions::new().repeatable(self.repeatable);
        options.timeout = (self.timeout_ms != 0).then(|| Duration::from_millis(self.timeout_ms));
        // SAFETY: as the caller says.
        unsafe {
            options.cancel = self.cancel.as_ref().map(|token| token.inner.clone());
            options.traceparent = input::optional_text(self.traceparent, "traceparent")?.map(str::to_owned);
        }
        Ok(options)
    }

    /// Those of a blocking call. A queue is only for started calls.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn of_blocking(&self) -> Result<CallOptions> {
        if !self.queue.is_null() {
            let message = "a blocking call cannot have a queue; start it with the function named begin";
            return Err(Error::invalid("queue", message));
        }
        // SAFETY: as the caller says.
        unsafe { self.core() }
    }

    /// The queue in which the call appears when it has finished.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn line(&self) -> Option<Arc<Line>> {
        // SAFETY: as the caller says.
        unsafe { self.queue.as_ref() }.map(|queue| queue.line.clone())
    }
}

/// Cancels calls from any thread: put it in the options of all calls that should end together.
#[derive(Default)]
pub struct koophone_cancel_token {
    pub(crate) inner: CancelToken,
}
