//! The client: every operation once as a blocking call and once as a call to start.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::{Call, Client, CommandResult, DeviceAuthorization, InstanceOutcome, InstanceStatus, Result, TaskStatus};

use crate::call::{begin, koophone_call, wait};
use crate::config::koophone_config;
use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::generated::structs::{
    koophone_command_result_list, koophone_device_authorization, koophone_instance_outcome_list,
    koophone_instance_status_list, koophone_task_status,
};
use crate::guard::{guard, quietly};
use crate::input::{Out, instance_ids, required, text};
use crate::options::koophone_call_options;
use crate::owned::Owned;
use crate::task::koophone_task;
use crate::video::{self, koophone_video_setting};

/// A client of KooPhone. Free to use from many threads at once, and after a fork in parent and child.
pub struct koophone_client {
    inner: Client,
}

/// Makes a client. Nothing is sent. `config` may be NULL: then everything comes from the environment (`KOOPHONE_...`) and the
/// provider chain. The configuration is read and not kept. Free the client with `koophone_client_free`.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` or `KOOPHONE_CONFIGURATION`, and `koophone_error_argument` names the setting.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_new(
    config: Option<&koophone_config>,
    client: Option<&mut MaybeUninit<*mut koophone_client>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(client, "client")?;
        let inner = match config {
            Some(config) => config.build()?,
            None => Client::from_env()?,
        };
        out.set_box(koophone_client { inner });
        Ok(())
    })
}

/// Frees a client. No thread may be inside one of its blocking calls; started calls and tasks go on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_free(client: Option<Box<koophone_client>>) {
    quietly((), || drop(client))
}

/// The core's client.
pub(crate) fn client(handle: Option<&koophone_client>) -> Result<&Client> {
    required(handle, "client").map(|client| &client.inner)
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn run_command(
    handle: Option<&koophone_client>,
    first: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
) -> Result<Call<Vec<CommandResult>>> {
    // SAFETY: as the caller says.
    let (ids, command) = unsafe { (instance_ids(first, instance_count)?, text(command, "command")?) };
    Ok(client(handle)?.run_command(ids, command))
}

/// Runs a shell command on every phone and waits for every result: `sync-command`
/// (`POST /v1/instances/sync-command`). For short commands.
///
/// An error means that nothing happened on any phone. Otherwise a list is returned, in which each phone has its result or its error
/// (`KOOPHONE_OUTCOME_UNKNOWN`, a deadline or a cancellation in mid-flight included), however many batches were sent.
/// One result per phone, in the order asked. A command is never sent again once it may have run, unless `repeatable` is set.
/// `options` may be NULL. Free the results with `koophone_command_result_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_run_command(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: Option<&koophone_call_options>,
    results: Option<&mut MaybeUninit<*mut koophone_command_result_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(Out::new(results, "results")?, run_command(client, instance_ids, instance_count, command)?, options)
    })
}

/// Starts `koophone_client_run_command` without waiting. Take the result with `koophone_call_take_command_results`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_run_command(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_command_result_list>(
            Out::new(call, "call")?,
            run_command(client, instance_ids, instance_count, command)?,
            options,
        )
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn start_command(
    handle: Option<&koophone_client>,
    first: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
) -> Result<Call<koophone::Task>> {
    // SAFETY: as the caller says.
    let (ids, command) = unsafe { (instance_ids(first, instance_count)?, text(command, "command")?) };
    Ok(client(handle)?.start_command(ids, command))
}

/// Starts a shell command on every phone: `async-command` (`POST /v1/instances/async-command`).
///
/// An error means that nothing happened on any phone. Otherwise a task is returned, in which each phone has its job or its error
/// (`KOOPHONE_OUTCOME_UNKNOWN`, a deadline or a cancellation in mid-flight included), however many batches were sent.
/// The task knows the job of every phone; follow it with `koophone_task_wait`. `options` may be NULL. Free the task with
/// `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_start_command(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: Option<&koophone_call_options>,
    task: Option<&mut MaybeUninit<*mut koophone_task>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(Out::new(task, "task")?, start_command(client, instance_ids, instance_count, command)?, options)
    })
}

/// Starts `koophone_client_start_command` without waiting. Take the result with `koophone_call_take_task`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_start_command(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_task>(
            Out::new(call, "call")?,
            start_command(client, instance_ids, instance_count, command)?,
            options,
        )
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn get_task(handle: Option<&koophone_client>, task_id: *const c_char) -> Result<Call<TaskStatus>> {
    // SAFETY: as the caller says.
    Ok(client(handle)?.get_task(unsafe { text(task_id, "task_id")? }))
}

/// Reads the state of all jobs of one task: `GET /v1/instances/tasks/{task_id}`.
///
/// The service's answer names jobs, not phones; a `koophone_task` knows which is which. `options` may be NULL. Free the status
/// with `koophone_task_status_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_get_task(
    client: Option<&koophone_client>,
    task_id: *const c_char,
    options: Option<&koophone_call_options>,
    status: Option<&mut MaybeUninit<*mut koophone_task_status>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe { wait(Out::new(status, "status")?, get_task(client, task_id)?, options) })
}

/// Starts `koophone_client_get_task` without waiting. Take the result with `koophone_call_take_task_status`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_get_task(
    client: Option<&koophone_client>,
    task_id: *const c_char,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_task_status>(Out::new(call, "call")?, get_task(client, task_id)?, options)
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn set_video_settings(
    handle: Option<&koophone_client>,
    first: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
) -> Result<Call<Vec<InstanceOutcome>>> {
    // SAFETY: as the caller says.
    let (ids, settings) = unsafe { (instance_ids(first, instance_count)?, video::read(settings, setting_count)?) };
    Ok(client(handle)?.set_video_settings(ids, settings))
}

/// Sets bit rates and frame rates of the video stream: `PUT /v1/instances/video-setting`.
///
/// An error means that nothing happened on any phone. Otherwise a list is returned, in which each phone has its result or its error
/// (`KOOPHONE_OUTCOME_UNKNOWN`, a deadline or a cancellation in mid-flight included), however many batches were sent.
/// One to six settings, each with another pair of network and codec. One outcome per phone, in the order asked. `options` may be
/// NULL. Free the outcomes with `koophone_instance_outcome_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_set_video_settings(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
    options: Option<&koophone_call_options>,
    outcomes: Option<&mut MaybeUninit<*mut koophone_instance_outcome_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(
            Out::new(outcomes, "outcomes")?,
            set_video_settings(client, instance_ids, instance_count, settings, setting_count)?,
            options,
        )
    })
}

/// Starts `koophone_client_set_video_settings` without waiting. Take the result with `koophone_call_take_instance_outcomes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_set_video_settings(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_instance_outcome_list>(
            Out::new(call, "call")?,
            set_video_settings(client, instance_ids, instance_count, settings, setting_count)?,
            options,
        )
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn query_status(
    handle: Option<&koophone_client>,
    first: *const *const c_char,
    instance_count: usize,
) -> Result<Call<Vec<InstanceStatus>>> {
    // SAFETY: as the caller says.
    Ok(client(handle)?.query_status(unsafe { instance_ids(first, instance_count)? }))
}

/// Reads the state of phones: `POST /v1/instances/batch-query-status`.
///
/// An error means that nothing happened on any phone. Otherwise a list is returned, in which each phone has its result or its error
/// (`KOOPHONE_OUTCOME_UNKNOWN`, a deadline or a cancellation in mid-flight included), however many batches were sent.
/// One status per phone, in the order asked. `options` may be NULL. Free them with `koophone_instance_status_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_query_status(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: Option<&koophone_call_options>,
    statuses: Option<&mut MaybeUninit<*mut koophone_instance_status_list>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(Out::new(statuses, "statuses")?, query_status(client, instance_ids, instance_count)?, options)
    })
}

/// Starts `koophone_client_query_status` without waiting. Take the result with `koophone_call_take_instance_statuses`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_query_status(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_instance_status_list>(
            Out::new(call, "call")?,
            query_status(client, instance_ids, instance_count)?,
            options,
        )
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn reset_instances(
    handle: Option<&koophone_client>,
    first: *const *const c_char,
    instance_count: usize,
) -> Result<Call<koophone::Task>> {
    // SAFETY: as the caller says.
    Ok(client(handle)?.reset_instances(unsafe { instance_ids(first, instance_count)? }))
}

/// Returns phones to factory state: `POST /v1/instances/batch-reset`. USER DATA IS LOST.
///
/// An error means that nothing happened on any phone. Otherwise a task is returned, in which each phone has its job or its error
/// (`KOOPHONE_OUTCOME_UNKNOWN`, a deadline or a cancellation in mid-flight included), however many batches were sent.
/// The task can be followed where the service gives one (`koophone_task_can_be_followed`). Never repeated once it may have run,
/// unless `repeatable` is set. `options` may be NULL. Free the task with `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_reset_instances(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: Option<&koophone_call_options>,
    task: Option<&mut MaybeUninit<*mut koophone_task>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(Out::new(task, "task")?, reset_instances(client, instance_ids, instance_count)?, options)
    })
}

/// Starts `koophone_client_reset_instances` without waiting. Take the result with `koophone_call_take_task`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_reset_instances(
    client: Option<&koophone_client>,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_task>(Out::new(call, "call")?, reset_instances(client, instance_ids, instance_count)?, options)
    })
}

/// # Safety
///
/// Texts and lists are as the conventions say.
unsafe fn get_device_token(
    handle: Option<&koophone_client>,
    instance_id: *const c_char,
) -> Result<Call<DeviceAuthorization>> {
    // SAFETY: as the caller says.
    Ok(client(handle)?.get_device_token(unsafe { text(instance_id, "instance_id")? }))
}

/// Gets the credential and addresses to stream from one phone: `POST /v1/instances/{instance_id}/auth`.
///
/// A call about one phone: its failure is the error. The answer holds a secret: do not print it. `options` may be NULL. Free it with `koophone_device_authorization_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_get_device_token(
    client: Option<&koophone_client>,
    instance_id: *const c_char,
    options: Option<&koophone_call_options>,
    authorization: Option<&mut MaybeUninit<*mut koophone_device_authorization>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        wait(Out::new(authorization, "authorization")?, get_device_token(client, instance_id)?, options)
    })
}

/// Starts `koophone_client_get_device_token` without waiting. Take the result with `koophone_call_take_device_authorization`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_get_device_token(
    client: Option<&koophone_client>,
    instance_id: *const c_char,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        begin::<koophone_device_authorization>(Out::new(call, "call")?, get_device_token(client, instance_id)?, options)
    })
}

/// Takes up a task again, perhaps in another process: `saved` is what `koophone_task_save` gave, or one or more bare task ids with
/// commas between. Nothing is sent. Free the task with `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_resume_task(
    client: Option<&koophone_client>,
    saved: *const c_char,
    task: Option<&mut MaybeUninit<*mut koophone_task>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        let out = Out::new(task, "task")?;
        out.set(Owned::hand_out(required(client, "client")?.inner.resume_task(text(saved, "saved")?)?));
        Ok(())
    })
}
