//! Tasks: reading, waiting, saving.

use std::ffi::{CString, c_char, c_void};
use std::mem::MaybeUninit;

use koophone::{Call, JobResult, Progress, Result, Task, WaitOptions};

use crate::call::{begin, wait};
use crate::callback::{UserData, calling, koophone_release_function};
use crate::generated::enums::koophone_kind;
use crate::generated::structs::{
    koophone_error, koophone_job_result_list, koophone_progress, koophone_task_phone_list,
};
use crate::guard::guard;
use crate::input::{Out, required};
use crate::options::koophone_call_options;
use crate::owned::{Keep, Owned, View, c_string};
use crate::shared::koophone_call;

/// A command or reset under way on many phones. It holds the only record of which job belongs to which phone: keep it,
/// or save it. Free to use from many threads at once.
pub struct koophone_task {
    pub(crate) operation: CString,
    pub(crate) saved: CString,
    pub(crate) task_ids: *const *const c_char,
    pub(crate) task_id_count: usize,
    pub(crate) phones: koophone_task_phone_list,
    pub(crate) can_be_followed: bool,
}

impl View for koophone_task {
    type Source = Task;

    fn of(source: &Task, keep: &mut Keep) -> Self {
        let (task_ids, task_id_count) = keep.texts(source.task_ids());
        let (items, count) = keep.views(source.phones());
        Self {
            operation: c_string(source.operation()),
            saved: c_string(&source.save()),
            task_ids,
            task_id_count,
            phones: koophone_task_phone_list { items, count },
            can_be_followed: source.can_be_followed(),
        }
    }
}

/// Called with the progress of a task, which is valid during the call only: once at the beginning and then at every
/// change. It must be quick and must not call the library.
pub type koophone_progress_function =
    Option<unsafe extern "C" fn(progress: *const koophone_progress, user_data: *mut c_void)>;

fn wait_for(task: &Task, on_progress: koophone_progress_function, user_data: UserData) -> Call<Vec<JobResult>> {
    let mut wait = WaitOptions::default();
    if let Some(on_progress) = on_progress {
        wait.on_progress = Some(Box::new(move |progress: Progress| {
            let progress = koophone_progress::of(&progress, &mut Keep::default());
            // The whole of `user_data` moves in here, so that it is released with this closure.
            let user_data = &user_data;
            // SAFETY: the caller promises that the function can be called with its pointer.
            calling(|| unsafe { on_progress(&progress, user_data.pointer()) });
        }));
    }
    task.wait(wait)
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

/// Waits until every job has ended: one result per phone, in the order asked, with a phone's own failure in its result.
/// `on_progress` may be NULL; it is called on this thread. `options` may be NULL; its `timeout_ms` is how long to wait,
/// 0 for ever.
///
/// When the time is up the error has kind `KOOPHONE_TIMEOUT` and `koophone_error_last_jobs`; the task itself goes on
/// and can be waited for again. Free the results with `koophone_job_result_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_task_wait(
    task: *const koophone_task,
    on_progress: koophone_progress_function,
    user_data: *mut c_void,
    options: Option<&koophone_call_options>,
    results: Option<&mut MaybeUninit<*mut koophone_job_result_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    // SAFETY: by the conventions, handles are valid.
    guard(err, || unsafe {
        let out = Out::new(results, "results")?;
        wait(out, wait_for(core(task)?, on_progress, UserData::new(user_data, None)), options)
    })
}

/// Starts `koophone_task_wait` without waiting. Take the result with `koophone_call_take_job_results`. `on_progress` is
/// called on another thread; `release` may be NULL, otherwise it is called once with `user_data` when `on_progress`
/// will not be called again, also where this function fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_task_begin_wait(
    task: *const koophone_task,
    on_progress: koophone_progress_function,
    user_data: *mut c_void,
    release: koophone_release_function,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    let user_data = UserData::new(user_data, release);
    // SAFETY: by the conventions, handles are valid.
    guard(err, || unsafe {
        let out = Out::new(call, "call")?;
        begin::<koophone_job_result_list>(out, wait_for(core(task)?, on_progress, user_data), options)
    })
}
