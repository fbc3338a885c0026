//! What a caller may say about one call, and cancelling from elsewhere.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use koophone::{Call, CancelToken, Error, Result};

use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::Out;
use crate::queue::koophone_queue;
use crate::shared::Line;
use crate::panic::quietly;

/// What may be said about one call. All zero (`= {0}`) is the default, as is NULL in place of the structure, which is read
/// before the function returns and not kept.
#[repr(C)]
pub struct koophone_call_options {
    /// Total deadline in milliseconds with all batches and repeats; 0: the client's `timeout`.
    pub timeout_ms: u64,
    /// The caller's word that doing this twice does no harm: then it is repeated even when its outcome is unknown.
    pub repeatable: bool,
    /// Cancels the call from another thread; NULL: nothing does. May be freed while the call is open.
    pub cancel: *const koophone_cancel_token,
    /// For started calls: where the call appears when it is finished; NULL: nowhere. May be freed while the call is open.
    pub queue: *const koophone_queue,
    /// For started calls: what `koophone_call_tag` gives.
    pub tag: *mut c_void,
}

impl koophone_call_options {
    /// No options said.
    pub(crate) const NONE: Self =
        Self { timeout_ms: 0, repeatable: false, cancel: ptr::null(), queue: ptr::null(), tag: ptr::null_mut() };

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

    /// Puts timeout and repeatability on the call.
    pub(crate) fn apply<T: Send + 'static>(&self, call: Call<T>) -> Call<T> {
        let call = call.repeatable(self.repeatable);
        if self.timeout_ms == 0 { call } else { call.timeout(Duration::from_millis(self.timeout_ms)) }
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
pub struct koophone_cancel_token {
    inner: CancelToken,
}

/// Makes a token that has not been cancelled. Free it with `koophone_cancel_token_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_cancel_token_new(
    token: Option<&mut MaybeUninit<*mut koophone_cancel_token>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let inner = CancelToken::new();
        Out::new(token, "token")?.set_box(koophone_cancel_token { inner });
        Ok(())
    })
}

/// Asks every call that has this token to end, as `koophone_call_cancel` does; calls made with it later end at once, with
/// `KOOPHONE_CANCELLED`. From any thread, never blocks. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_cancel_token_cancel(token: Option<&koophone_cancel_token>) {
    quietly((), || {
        if let Some(token) = token {
            token.inner.cancel();
        }
    })
}

/// Whether it was cancelled. False for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_cancel_token_is_cancelled(token: Option<&koophone_cancel_token>) -> bool {
    quietly(false, || token.is_some_and(|token| token.inner.is_cancelled()))
}

/// Frees a token without cancelling anything. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_cancel_token_free(token: Option<Box<koophone_cancel_token>>) {
    quietly((), || drop(token))
}
