//! The client: every operation once as a blocking call and once as a call to start.

use std::ffi::c_char;

use koophone::{
    Call, Client, CommandResult, DeviceAuthorization, Identity, InstanceOutcome, InstanceStatus, Result, TaskStatus,
};

use crate::call::{begin, koophone_call, wait};
use crate::config::koophone_config;
use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::generated::structs::{
    koophone_command_result_list, koophone_device_authorization, koophone_identity, koophone_instance_outcome_list,
    koophone_instance_status_list, koophone_task_status,
};
use crate::guard::{guard, quietly};
use crate::input::{Out, free_box, instance_ids, reference, text};
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
pub unsafe extern "C" fn koophone_client_new(
    config: *const koophone_config,
    client: *mut *mut koophone_client,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || {
        let out = unsafe { Out::new(client, "client")? };
        let inner = match unsafe { config.as_ref() } {
            Some(config) => config.build()?,
            None => Client::from_env()?,
        };
        out.set_box(koophone_client { inner });
        Ok(())
    })
}

/// Frees a client. No thread may be inside one of its blocking calls; started calls and tasks go on. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_free(client: *mut koophone_client) {
    quietly((), || unsafe { free_box(client) })
}

unsafe fn client<'a>(handle: *const koophone_client) -> Result<&'a Client> {
    unsafe { reference(handle, "client") }.map(|client| &client.inner)
}

unsafe fn run_command(
    handle: *const koophone_client,
    first: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
) -> Result<Call<Vec<CommandResult>>> {
    unsafe { Ok(client(handle)?.run_command(instance_ids(first, instance_count)?, text(command, "command")?)) }
}

/// Runs a shell command on every phone and waits for every result: `sync-command`
/// (`POST /v1/instances/sync-command`). For short commands.
///
/// One result per phone, in the order asked; a phone's own failure stands in its result. Never repeated once it may have run
/// (`KOOPHONE_OUTCOME_UNKNOWN`), unless `repeatable` is set. `options` may be NULL. Free the results with
/// `koophone_command_result_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_run_command(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: *const koophone_call_options,
    results: *mut *mut koophone_command_result_list,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        wait(Out::new(results, "results")?, run_command(client, instance_ids, instance_count, command)?, options)
    })
}

/// Starts `koophone_client_run_command` without waiting. Take the result with `koophone_call_take_command_results`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_run_command(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_command_result_list>(
            Out::new(call, "call")?,
            run_command(client, instance_ids, instance_count, command)?,
            options,
        )
    })
}

unsafe fn start_command(
    handle: *const koophone_client,
    first: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
) -> Result<Call<koophone::Task>> {
    unsafe { Ok(client(handle)?.start_command(instance_ids(first, instance_count)?, text(command, "command")?)) }
}

/// Starts a shell command on every phone: `async-command` (`POST /v1/instances/async-command`).
///
/// The task knows the job of every phone; follow it with `koophone_task_wait`. `options` may be NULL. Free the task with
/// `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_start_command(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: *const koophone_call_options,
    task: *mut *mut koophone_task,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        wait(Out::new(task, "task")?, start_command(client, instance_ids, instance_count, command)?, options)
    })
}

/// Starts `koophone_client_start_command` without waiting. Take the result with `koophone_call_take_task`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_start_command(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    command: *const c_char,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_task>(
            Out::new(call, "call")?,
            start_command(client, instance_ids, instance_count, command)?,
            options,
        )
    })
}

unsafe fn get_task(handle: *const koophone_client, task_id: *const c_char) -> Result<Call<TaskStatus>> {
    unsafe { Ok(client(handle)?.get_task(text(task_id, "task_id")?)) }
}

/// Reads the state of all jobs of one task: `GET /v1/instances/tasks/{task_id}`.
///
/// The service's answer names jobs, not phones; a `koophone_task` knows which is which. `options` may be NULL. Free the status
/// with `koophone_task_status_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_get_task(
    client: *const koophone_client,
    task_id: *const c_char,
    options: *const koophone_call_options,
    status: *mut *mut koophone_task_status,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe { wait(Out::new(status, "status")?, get_task(client, task_id)?, options) })
}

/// Starts `koophone_client_get_task` without waiting. Take the result with `koophone_call_take_task_status`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_get_task(
    client: *const koophone_client,
    task_id: *const c_char,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_task_status>(Out::new(call, "call")?, get_task(client, task_id)?, options)
    })
}

unsafe fn set_video_settings(
    handle: *const koophone_client,
    first: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
) -> Result<Call<Vec<InstanceOutcome>>> {
    unsafe {
        Ok(client(handle)?
            .set_video_settings(instance_ids(first, instance_count)?, video::read(settings, setting_count)?))
    }
}

/// Sets bit rates and frame rates of the video stream: `PUT /v1/instances/video-setting`.
///
/// One to six settings, each with another pair of network and codec. One outcome per phone, in the order asked. `options` may be
/// NULL. Free the outcomes with `koophone_instance_outcome_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_set_video_settings(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
    options: *const koophone_call_options,
    outcomes: *mut *mut koophone_instance_outcome_list,
    err: *mut *mut koophone_error,
) -> koophone_status {
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
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    settings: *const koophone_video_setting,
    setting_count: usize,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_instance_outcome_list>(
            Out::new(call, "call")?,
            set_video_settings(client, instance_ids, instance_count, settings, setting_count)?,
            options,
        )
    })
}

unsafe fn query_status(
    handle: *const koophone_client,
    first: *const *const c_char,
    instance_count: usize,
) -> Result<Call<Vec<InstanceStatus>>> {
    unsafe { Ok(client(handle)?.query_status(instance_ids(first, instance_count)?)) }
}

/// Reads the state of phones: `POST /v1/instances/batch-query-status`.
///
/// One status per phone, in the order asked. `options` may be NULL. Free them with `koophone_instance_status_list_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_query_status(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: *const koophone_call_options,
    statuses: *mut *mut koophone_instance_status_list,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        wait(Out::new(statuses, "statuses")?, query_status(client, instance_ids, instance_count)?, options)
    })
}

/// Starts `koophone_client_query_status` without waiting. Take the result with `koophone_call_take_instance_statuses`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_query_status(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_instance_status_list>(
            Out::new(call, "call")?,
            query_status(client, instance_ids, instance_count)?,
            options,
        )
    })
}

unsafe fn reset_instances(
    handle: *const koophone_client,
    first: *const *const c_char,
    instance_count: usize,
) -> Result<Call<koophone::Task>> {
    unsafe { Ok(client(handle)?.reset_instances(instance_ids(first, instance_count)?)) }
}

/// Returns phones to factory state: `POST /v1/instances/batch-reset`. USER DATA IS LOST.
///
/// The task can be followed where the service gives one (`koophone_task_can_be_followed`). Never repeated once it may have run,
/// unless `repeatable` is set. `options` may be NULL. Free the task with `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_reset_instances(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: *const koophone_call_options,
    task: *mut *mut koophone_task,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        wait(Out::new(task, "task")?, reset_instances(client, instance_ids, instance_count)?, options)
    })
}

/// Starts `koophone_client_reset_instances` without waiting. Take the result with `koophone_call_take_task`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_reset_instances(
    client: *const koophone_client,
    instance_ids: *const *const c_char,
    instance_count: usize,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_task>(Out::new(call, "call")?, reset_instances(client, instance_ids, instance_count)?, options)
    })
}

unsafe fn get_device_token(
    handle: *const koophone_client,
    instance_id: *const c_char,
) -> Result<Call<DeviceAuthorization>> {
    unsafe { Ok(client(handle)?.get_device_token(text(instance_id, "instance_id")?)) }
}

/// Gets the credential and addresses to stream from one phone: `POST /v1/instances/{instance_id}/auth`.
///
/// The answer holds a secret: do not print it. `options` may be NULL. Free it with `koophone_device_authorization_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_get_device_token(
    client: *const koophone_client,
    instance_id: *const c_char,
    options: *const koophone_call_options,
    authorization: *mut *mut koophone_device_authorization,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        wait(Out::new(authorization, "authorization")?, get_device_token(client, instance_id)?, options)
    })
}

/// Starts `koophone_client_get_device_token` without waiting. Take the result with `koophone_call_take_device_authorization`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_get_device_token(
    client: *const koophone_client,
    instance_id: *const c_char,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        begin::<koophone_device_authorization>(Out::new(call, "call")?, get_device_token(client, instance_id)?, options)
    })
}

unsafe fn login(handle: *const koophone_client) -> Result<Call<Identity>> {
    unsafe { Ok(client(handle)?.login()) }
}

/// Makes sure that there is a credential, logging in if necessary (`POST /v3/auth/tokens` of the identity service), and says
/// whose it is. `options` may be NULL. Free the identity with `koophone_identity_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_login(
    client: *const koophone_client,
    options: *const koophone_call_options,
    identity: *mut *mut koophone_identity,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe { wait(Out::new(identity, "identity")?, login(client)?, options) })
}

/// Starts `koophone_client_login` without waiting. Take the result with `koophone_call_take_identity`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_begin_login(
    client: *const koophone_client,
    options: *const koophone_call_options,
    call: *mut *mut koophone_call,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe { begin::<koophone_identity>(Out::new(call, "call")?, login(client)?, options) })
}

/// Takes up a task again, perhaps in another process: `saved` is what `koophone_task_save` gave, or one or more bare task ids with
/// commas between. Nothing is sent. Free the task with `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_resume_task(
    client: *const koophone_client,
    saved: *const c_char,
    task: *mut *mut koophone_task,
    err: *mut *mut koophone_error,
) -> koophone_status {
    guard(err, || unsafe {
        let out = Out::new(task, "task")?;
        out.set(Owned::hand_out(reference(client, "client")?.inner.resume_task(text(saved, "saved")?)?));
        Ok(())
    })
}
