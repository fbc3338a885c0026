//! The operations, of a client that has nothing to log in with: what is not refused ends there.

use std::ffi::c_char;
use std::ptr;


use crate::configure::CLIENT;
use crate::functions::*;
use crate::handle::{Free, Handle};
use crate::input::Input;
use crate::refusal::{ErrorPlace, Status, make, text};

const REFUSED: &[Status] = &[Status::KOOPHONE_INVALID_ARGUMENT];
const NOT_LOGGED_IN: &[Status] = &[Status::KOOPHONE_INVALID_ARGUMENT, Status::KOOPHONE_CONFIGURATION];
/// Far more than a call takes that sends nothing.
const LONG_MS: u64 = 5000;

type Client = *const koophone_client;
type Options = *const koophone_call_options;
type Begun = *mut *mut koophone_call;
type Take<T> = unsafe extern "C" fn(*mut koophone_call, *mut *mut T, ErrorPlace) -> Status;

/// Makes a call in the way the flags say, which ends in an error.
fn operation<T>(
    input: &Input,
    (take, free): (Take<T>, Free<T>),
    wait: impl FnOnce(Client, Options, *mut *mut T, ErrorPlace) -> Status,
    begin: impl FnOnce(Client, Options, Begun, ErrorPlace) -> Status,
) {
    let (client, options) = (input.handle(CLIENT.pointer), ptr::null());
    if !input.is_started() {
        let result = make(input, NOT_LOGGED_IN, free, |result, error| wait(client, options, result, error));
        return assert!(result.is_none(), "done without a credential");
    }
    let call = make(input, REFUSED, koophone_call_free, |call, error| begin(client, options, call, error));
    if let Some(call) = call {
        assert!(unsafe { koophone_call_wait(call.pointer, LONG_MS) }, "it does not end");
        let result = make(input, NOT_LOGGED_IN, free, |result, error| unsafe { take(call.pointer, result, error) });
        assert!(result.is_none(), "done without a credential");
    }
}

pub fn run_command(input: &mut Input) {
    let (command, ids) = (input.text_or_null(), input.list());
    let (ids, count) = input.counted(&ids);
    operation(
        input,
        (koophone_call_take_command_results, koophone_command_result_list_free),
        |c, o, result, error| unsafe { koophone_client_run_command(c, ids, count, command, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_run_command(c, ids, count, command, o, call, error) },
    );
}

pub fn start_command(input: &mut Input) {
    let (command, ids) = (input.text_or_null(), input.list());
    let (ids, count) = input.counted(&ids);
    operation(
        input,
        (koophone_call_take_task, koophone_task_free),
        |c, o, result, error| unsafe { koophone_client_start_command(c, ids, count, command, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_start_command(c, ids, count, command, o, call, error) },
    );
}

pub fn query_status(input: &mut Input) {
    let ids = input.list();
    let (ids, count) = input.counted(&ids);
    operation(
        input,
        (koophone_call_take_instance_statuses, koophone_instance_status_list_free),
        |c, o, result, error| unsafe { koophone_client_query_status(c, ids, count, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_query_status(c, ids, count, o, call, error) },
    );
}

pub fn reset_instances(input: &mut Input) {
    let ids = input.list();
    let (ids, count) = input.counted(&ids);
    operation(
        input,
        (koophone_call_take_task, koophone_task_free),
        |c, o, result, error| unsafe { koophone_client_reset_instances(c, ids, count, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_reset_instances(c, ids, count, o, call, error) },
    );
}

/// Numbers instead of texts: structures that the caller filled in.
pub fn set_video_settings(input: &mut Input) {
    let mut settings = Vec::new();
    while input.has_more() {
        let mut spec = || koophone_video_spec { bitrate_kbps: input.number() as u32, fps: input.number() as u32 };
        let (p540, p720, p1080) = (spec(), spec(), spec());
        let (network, codec) = (input.number() as i32, input.number() as i32);
        settings.push(koophone_video_setting { network, codec, p540, p720, p1080 });
    }
    set_video(input, &settings);
}

/// A list read from JSON, which is then used.
pub fn video_settings_from_json(input: &mut Input) {
    let json = input.text_or_null();
    let list = make(input, REFUSED, koophone_video_setting_list_free, |list, error| unsafe {
        koophone_video_settings_from_json(json, list, error)
    });
    if let Some(list) = list.as_ref().and_then(|list| unsafe { list.pointer.as_ref() }) {
        let settings =
            if list.count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(list.items, list.count) } };
        set_video(input, settings);
    }
}

fn set_video(input: &Input, settings: &[koophone_video_setting]) {
    let (first, count) = input.counted(settings);
    let ids = [c"a44uhlf7".as_ptr()];
    operation(
        input,
        (koophone_call_take_instance_outcomes, koophone_instance_outcome_list_free),
        |c, o, result, error| unsafe {
            koophone_client_set_video_settings(c, ids.as_ptr(), 1, first, count, o, result, error)
        },
        |c, o, call, error| unsafe {
            koophone_client_begin_set_video_settings(c, ids.as_ptr(), 1, first, count, o, call, error)
        },
    );
}

pub fn get_task(input: &mut Input) {
    let id = input.text_or_null();
    operation(
        input,
        (koophone_call_take_task_status, koophone_task_status_free),
        |c, o, result, error| unsafe { koophone_client_get_task(c, id, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_get_task(c, id, o, call, error) },
    );
}

pub fn get_device_token(input: &mut Input) {
    let id = input.text_or_null();
    operation(
        input,
        (koophone_call_take_device_authorization, koophone_device_authorization_free),
        |c, o, result, error| unsafe { koophone_client_get_device_token(c, id, o, result, error) },
        |c, o, call, error| unsafe { koophone_client_begin_get_device_token(c, id, o, call, error) },
    );
}

/// A task, which is read, polled, and taken up once more from what it saves.
pub fn resume_task(input: &mut Input) {
    let saved = input.text_or_null();
    let Some(task) = resumed(input, saved) else { return };
    let first = unsafe { text(koophone_task_save(task.pointer)) }.expect("a task can be saved");
    let again = resumed(input, unsafe { koophone_task_save(task.pointer) }).expect("what was saved is taken");
    assert_eq!(unsafe { text(koophone_task_save(again.pointer)) }, Some(first));
    read(&task);
    let status = make(input, NOT_LOGGED_IN, koophone_task_status_free, |status, error| unsafe {
        koophone_task_poll(task.pointer, ptr::null(), status, error)
    });
    // Where there is nothing to follow, there is nothing to ask.
    drop(status);
}

fn resumed(input: &Input, saved: *const c_char) -> Option<Handle<koophone_task>> {
    let client = input.handle(CLIENT.pointer);
    make(input, REFUSED, koophone_task_free, |task, error| unsafe {
        koophone_client_resume_task(client, saved, task, error)
    })
}

fn read(task: &Handle<koophone_task>) {
    unsafe {
        text(koophone_task_operation(task.pointer)).expect("a task has an operation");
        koophone_task_can_be_followed(task.pointer);
        let mut count = 0;
        let ids = koophone_task_ids(task.pointer, &mut count);
        (0..count).for_each(|number| assert!(text(*ids.add(number)).is_some()));
        let phones = &*koophone_task_phones(task.pointer);
        for phone in (0..phones.count).map(|number| &*phones.items.add(number)) {
            text(phone.instance_id).expect("a phone has an id");
        }
    }
}
