//! The log callback.

use std::ffi::{c_char, c_void};

use koophone::{Error, LogLevel, LogRecord, Result};

use crate::callback::{UserData, calling};
use crate::owned::c_string;

/// How important a log record is.
#[repr(C)]
pub enum koophone_log_level {
    /// Something failed for good.
    KOOPHONE_LOG_ERROR = 1,
    /// Something is odd; the call goes on.
    KOOPHONE_LOG_WARN = 2,
    /// Rare milestones, such as a new token.
    KOOPHONE_LOG_INFO = 3,
    /// Every request and every repeat.
    KOOPHONE_LOG_DEBUG = 4,
}

/// Called with every log record. `message` is valid during the call only and holds no secret, no command and no output. It is
/// called from any thread, also from several at once, so it must be quick, and must not call the library.
pub type koophone_log_function =
    Option<unsafe extern "C" fn(level: koophone_log_level, message: *const c_char, user_data: *mut c_void)>;

/// The core's level of a number.
pub(crate) fn level(number: i32) -> Result<LogLevel> {
    let found = LogLevel::ALL.into_iter().find(|level| *level as i32 == number);
    found.ok_or_else(|| Error::invalid("level", format!("level {number} is none of koophone_log_level")))
}

/// A sink of the core that calls `function`.
pub(crate) fn sink(
    function: unsafe extern "C" fn(koophone_log_level, *const c_char, *mut c_void),
    user_data: UserData,
) -> impl Fn(&LogRecord) + Send + Sync {
    move |record| {
        let level = match record.level {
            LogLevel::Error => koophone_log_level::KOOPHONE_LOG_ERROR,
            LogLevel::Warn => koophone_log_level::KOOPHONE_LOG_WARN,
            LogLevel::Info => koophone_log_level::KOOPHONE_LOG_INFO,
            _ => koophone_log_level::KOOPHONE_LOG_DEBUG,
        };
        let message = c_string(&record.message);
        // SAFETY: the caller promises that the function can be called with its pointer from any thread.
        calling(|| unsafe { function(level, message.as_ptr(), user_data.pointer()) });
    }
}
