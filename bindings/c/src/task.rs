//! How progress is reported and predicates are asked, and the core's task. Everything else about tasks is generated.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use koophone::binding_support::{OnProgress, each_text};
use koophone::{Predicate, Progress, Result, Task};

use crate::callback::{UserData, calling};
use crate::generated::structs::{koophone_progress, koophone_task};
use crate::input::required;
use crate::owned::{Keep, Owned, View, c_string};

/// Called with the progress of a task, of a wait or of a file that is read, which is valid only during the call: once
/// at the beginning and then on every change. It must be quick and must not call the library.
pub type koophone_progress_function =
    Option<unsafe extern "C" fn(progress: *const koophone_progress, user_data: *mut c_void)>;

/// Decides from what a command printed on a phone, which is valid only during the call, whether the phone is ready:
/// more than 0 if it is, 0 if not yet, less than 0 to end the wait with `KOOPHONE_CANCELLED`. It must be quick and must
/// not call the library.
pub type koophone_predicate_function = Option<unsafe extern "C" fn(text: *const c_char, user_data: *mut c_void) -> i32>;

/// The core's predicate.
pub(crate) fn predicate(predicate: koophone_predicate_function, user_data: &Arc<UserData>) -> Result<Predicate> {
    let (predicate, user_data) = (required(predicate, "predicate")?, user_data.clone());
    Ok(each_text(move |text| {
        let text = c_string(text);
        // SAFETY: the caller promises that the function can be called with its pointer.
        let decided = calling(|| unsafe { predicate(text.as_ptr(), user_data.pointer()) });
        (decided >= 0).then_some(decided > 0)
    }))
}

/// The core's callback for the progress.
pub(crate) fn on_progress(on_progress: koophone_progress_function, user_data: &Arc<UserData>) -> OnProgress {
    let (on_progress, user_data) = (on_progress?, user_data.clone());
    Some(Box::new(move |progress: Progress| {
        let progress = koophone_progress::of(&progress, &mut Keep::default());
        // SAFETY: the caller promises that the function can be called with its pointer.
        calling(|| unsafe { on_progress(&progress, user_data.pointer()) });
    }))
}

/// The core's task.
///
/// # Safety
///
/// `task` is NULL or a task that is not freed as long as `'a`.
pub(crate) unsafe fn core<'a>(task: *const koophone_task) -> Result<&'a Task> {
    // SAFETY: as the caller says; tasks are handed out by `Owned::hand_out` only.
    required(unsafe { Owned::<koophone_task>::source(task) }, "task")
}
