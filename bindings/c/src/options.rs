//! What a caller may say about one call, and cancelling from elsewhere.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use koophone::{Call, CallOptions, CancelToken, Error, Result};

use crate::input;
use crate::queue::koophone_queue;
use crate::shared::Line;

/// What may be said about one call. All zero (`= {0}`) is the default, as is NULL in place of the structure, which is
/// read before the function returns and not kept.
#[repr(C)]
pub struct koophone_call_options {
    /// Total deadline in milliseconds with all batches and repeats; 0: the client's `timeout`.
    pub timeout_ms: u64,
    /// The caller's word that doing this twice does no harm: then it is repeated even when its outcome is unknown.
    pub repeatable: bool,
    /// Cancels the call from another thread; NULL: nothing does. May be freed while the call is open.
    pub cancel: *const koophone_cancel_token,
    /// For started calls: where the call appears when it is finished; NULL: nowhere. May be freed while the call is
    /// open.
    pub queue: *const koophone_queue,
    /// For started calls: what `koophone_call_tag` gives.
    pub tag: *mut c_void,
    /// The W3C trace context that the requests belong to, sent with each of them as the header `traceparent`; NULL:
    /// none.
    pub traceparent: *const c_char,
}

impl koophone_call_options {
    /// No options said.
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

    /// Whoever may cancel the call.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn cancel(&self) -> Option<CancelToken> {
        // SAFETY: as the caller says.
        unsafe { self.cancel.as_ref() }.map(|token| token.inner.clone())
    }

    /// Where the call appears when it is finished.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn line(&self) -> Option<Arc<Line>> {
        // SAFETY: as the caller says.
        unsafe { self.queue.as_ref() }.map(|queue| queue.line.clone())
    }

    /// Puts timeout, repeatability and trace on the call.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn apply<T: Send + 'static>(&self, call: Call<T>) -> Result<Call<T>> {
        let mut call = call.repeatable(self.repeatable);
        if self.timeout_ms != 0 {
            call = call.timeout(Duration::from_millis(self.timeout_ms));
        }
        // SAFETY: as the caller says.
        if let Some(traceparent) = unsafe { input::optional_text(self.traceparent, "traceparent")? } {
            call = call.traceparent(traceparent);
        }
        Ok(call)
    }

    /// What they say about the pages of a list, which are read by blocking calls.
    ///
    /// # Safety
    ///
    /// The pointers in it are NULL or valid.
    pub(crate) unsafe fn of_list(&self) -> Result<CallOptions> {
        self.check_blocking()?;
        let timeout = (self.timeout_ms != 0).then(|| Duration::from_millis(self.timeout_ms));
        let mut options = CallOptions::new().timeout(timeout).repeatable(self.repeatable);
        // SAFETY: as the caller says.
        if let Some(traceparent) = unsafe { input::optional_text(self.traceparent, "traceparent")? } {
            options = options.traceparent(traceparent);
        }
        // SAFETY: as the caller says.
        Ok(match unsafe { self.cancel() } {
            Some(cancel) => options.cancel_with(cancel),
            None => options,
        })
    }

    /// A queue is for calls that are started.
    pub(crate) fn check_blocking(&self) -> Result<()> {
        if self.queue.is_null() {
            return Ok(());
        }
        Err(Error::invalid("queue", "a blocking call cannot have a queue; start it with the function named begin"))
    }
}

/// Cancels calls from any thread: put it in the options of as many as should end together.
#[derive(Default)]
pub struct koophone_cancel_token {
    pub(crate) inner: CancelToken,
}
