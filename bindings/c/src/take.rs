//! Taking the result of a finished call: one function per type of result.

use std::mem::MaybeUninit;

use crate::call::koophone_call;
use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::generated::structs::{
    koophone_command_result_list, koophone_device_authorization, koophone_identity, koophone_instance_outcome_list,
    koophone_instance_status_list, koophone_job_result_list, koophone_task_status,
};
use crate::guard::guard;
use crate::input::{Out, required};
use crate::owned::View;
use crate::task::koophone_task;

/// # Safety
///
/// `call` is NULL or a call that is not freed meanwhile.
unsafe fn take<V: View + 'static>(
    call: *const koophone_call,
    out: Option<&mut MaybeUninit<*mut V>>,
    name: &str,
) -> koophone::Result<()> {
    let out = Out::new(out, name)?;
    // SAFETY: as the caller says. Not by way of `&mut`: other threads may look at the call.
    let call = unsafe { call.as_ref() };
    out.set(required(call, "call")?.take()?);
    Ok(())
}

/// Takes the result of a finished `run_command`; the failure of the call, if it failed. Works once. A call that was cancelled or
/// whose deadline passed has a result as well, unless nothing was executed: the list with what had come until then.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` where the call is not finished, gives another type, or was asked before. So do all
/// functions of this kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_command_results(
    call: *mut koophone_call,
    results: Option<&mut MaybeUninit<*mut koophone_command_result_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, results, "results") })
}

/// Takes the result of a finished `start_command` or `reset_instances`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_task(
    call: *mut koophone_call,
    task: Option<&mut MaybeUninit<*mut koophone_task>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, task, "task") })
}

/// Takes the result of a finished `get_task` or of a task's `poll`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_task_status(
    call: *mut koophone_call,
    status: Option<&mut MaybeUninit<*mut koophone_task_status>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, status, "status") })
}

/// Takes the result of a task's finished `wait`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_job_results(
    call: *mut koophone_call,
    results: Option<&mut MaybeUninit<*mut koophone_job_result_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, results, "results") })
}

/// Takes the result of a finished `set_video_settings`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_instance_outcomes(
    call: *mut koophone_call,
    outcomes: Option<&mut MaybeUninit<*mut koophone_instance_outcome_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, outcomes, "outcomes") })
}

/// Takes the result of a finished `query_status`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_instance_statuses(
    call: *mut koophone_call,
    statuses: Option<&mut MaybeUninit<*mut koophone_instance_status_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, statuses, "statuses") })
}

/// Takes the result of a finished `get_device_token`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_device_authorization(
    call: *mut koophone_call,
    authorization: Option<&mut MaybeUninit<*mut koophone_device_authorization>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, authorization, "authorization") })
}

/// Takes the result of a finished `login`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_call_take_identity(
    call: *mut koophone_call,
    identity: Option<&mut MaybeUninit<*mut koophone_identity>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, the handle is valid.
    guard(err, || unsafe { take(call, identity, "identity") })
}
