//! Calling back into C.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;

/// Called once, from any thread, when the library no longer uses `user_data`.
pub type koophone_release_function = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// A pointer of the caller that is passed to a callback.
pub(crate) struct UserData {
    pointer: *mut c_void,
    release: koophone_release_function,
}

// SAFETY: the caller promises (header) that callback and pointer may be used from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// For one callback, or several with the same pointer.
    pub fn new(pointer: *mut c_void, release: koophone_release_function) -> Arc<Self> {
        Arc::new(Self { pointer, release })
    }

    pub fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: the caller promises that the function accepts its pointer, and this is the only call.
            unsafe { release(self.pointer) }
        }
    }
}

thread_local!(static INSIDE: Cell<bool> = const { Cell::new(false) });

/// Runs a callback of the caller.
pub(crate) fn calling<T>(callback: impl FnOnce() -> T) -> T {
    let before = INSIDE.replace(true);
    let result = callback();
    INSIDE.set(before);
    result
}

/// Whether this thread is inside a callback: it may be one of the few that all calls run on, so nothing may block it.
pub(crate) fn inside() -> bool {
    INSIDE.get()
}
