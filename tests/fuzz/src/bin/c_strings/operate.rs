//! What the operations have in common, and the functions of lists and tasks.

use std::ffi::{CStr, c_char};
use std::ptr;

use crate::configure::CLIENT;
use crate::functions::*;
use crate::handle::{Free, Handle};
use crate::input::Input;
use crate::refusal::{ErrorPlace, Kind, make, text};

pub const REFUSED: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT];
pub const NOT_LOGGED_IN: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT, Kind::KOOPHONE_CONFIGURATION];
/// Far longer than a call that sends nothing takes.
pub const LONG_MS: u64 = 5000;

/// The phone for calls whose fuzzed argument is another one.
pub const PHONE: &CStr = c"a44uhlf7";

pub type Client = *const koophone_client;
pub type Options = *const koophone_call_options;
pub type Begun = *mut *mut koophone_call;
type Take<T> = unsafe extern "C" fn(*mut koophone_call, *mut *mut T, ErrorPlace) -> Kind;

/// Makes a call as the flags say; it must end in an error.
pub fn operation<T>(
    input: &Input,
    (take, free): (Take<T>, Free<T>),
    wait: impl FnOnce(Client, Options, *mut *mut T, ErrorPlace) -> Kind,
    begin: impl FnOnce(Client, Options, Begun, ErrorPlace) -> Kind,
) {
    let (client, options) = (input.handle(CLIENT.pointer), ptr::null());
    if !input.is_started() {
        let result = make(input, NOT_LOGGED_IN, free, |result, error| wait(client, options, result, error));
        return assert!(result.is_none(), "the call succeeded without a credential");
    }
    let call = make(input, REFUSED, koophone_call_free, |call, error| begin(client, options, call, error));
    if let Some(call) = call {
        assert!(unsafe { koophone_call_wait(call.pointer, LONG_MS) }, "the call does not finish");
        let result = make(input, NOT_LOGGED_IN, free, |result, error| unsafe { take(call.pointer, result, error) });
        assert!(result.is_none(), "the call succeeded without a credential");
    }
}

/// A list read from JSON, then used in a call.
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
    let ids = [PHONE.as_ptr()];
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

/// A resumed task, which is read, polled, saved and resumed again.
pub fn resume_task(input: &mut Input) {
    let saved = input.text_or_null();
    let Some(task) = resumed(input, saved) else { return };
    let first = unsafe { text(koophone_task_save(task.pointer)) }.expect("a task can be saved");
    let again = resumed(input, unsafe { koophone_task_save(task.pointer) }).expect("a saved task can be resumed");
    assert_eq!(unsafe { text(koophone_task_save(again.pointer)) }, Some(first));
    read(&task);
    let status = make(input, NOT_LOGGED_IN, koophone_task_status_free, |status, error| unsafe {
        koophone_task_poll(task.pointer, ptr::null(), status, error)
    });
    // Polling succeeds without a request if there is nothing to follow.
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
