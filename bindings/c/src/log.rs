//! The log callback.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use koophone::LogRecord;

use crate::callback::{UserData, calling};
use crate::generated::arguments::koophone_log_level;
use crate::owned::c_string;

/// Called with every log record. `message` is valid only during the call and contains no secret, command or output. It
/// is called from any thread, also from several at once, so it must be quick and must not call the library.
pub type koophone_log_function =
    Option<unsafe extern "C" fn(level: koophone_log_level, message: *const c_char, user_data: *mut c_void)>;

/// A sink of the core that calls `function`.
pub(crate) fn sink(
    function: unsafe extern "C" fn(koophone_log_level, *const c_char, *mut c_void),
    user_data: Arc<UserData>,
) -> impl Fn(&LogRecord) + Send + Sync {
    move |record| {
        let level = koophone_log_level::of(record.level);
        let message = c_string(&record.message);
        // SAFETY: the caller promises that the function can be called with its pointer from any thread.
        calling(|| unsafe { function(level, message.as_ptr(), user_data.pointer()) });
    }
}
