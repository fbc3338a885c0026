//! What every function must guarantee: either a result or an error, and meaningful errors.

use std::ffi::{CStr, c_char};
use std::ptr::{self, NonNull};


use crate::functions::*;
use crate::handle::{Free, Handle};
use crate::input::Input;

pub type Kind = koophone_kind;
pub type ErrorPlace = *mut *mut koophone_error;

/// Calls a function without a result. Returns whether it succeeded; otherwise it must fail with one of `kinds`.
pub fn check(input: &Input, kinds: &[Kind], function: impl FnOnce(ErrorPlace) -> Kind) -> bool {
    // The function must overwrite whatever was there before.
    let mut error = NonNull::dangling().as_ptr();
    let place = input.error(&mut error);
    let kind = function(place);
    if place.is_null() {
        assert!(kind == Kind::KOOPHONE_OK || kinds.contains(&kind), "{kind:?}");
    } else if kind == Kind::KOOPHONE_OK {
        assert!(error.is_null(), "the call succeeded, but there is an error");
    } else {
        let error = Handle::new(error, koophone_error_free);
        judge(error.pointer, kind, kinds);
        let copy = Handle::new(unsafe { koophone_error_clone(error.pointer) }, koophone_error_free);
        judge(copy.pointer, kind, kinds);
    }
    kind == Kind::KOOPHONE_OK
}

/// Calls a function that returns a result.
pub fn make<T>(
    input: &Input,
    kinds: &[Kind],
    free: Free<T>,
    function: impl FnOnce(*mut *mut T, ErrorPlace) -> Kind,
) -> Option<Handle<T>> {
    let mut result = NonNull::dangling().as_ptr();
    let place = input.result(&mut result);
    let done = check(input, kinds, |error| function(place, error));
    assert!(!(done && place.is_null()), "the call succeeded without a place for the result");
    assert!(place.is_null() || done != result.is_null(), "there must be a result if and only if the call succeeded");
    done.then(|| Handle::new(result, free))
}

fn judge(error: *const koophone_error, kind: Kind, kinds: &[Kind]) {
    unsafe {
        assert_eq!(koophone_error_kind(error), kind);
        let said = text(koophone_error_text(error)).expect("an error has a text");
        assert!(kinds.contains(&kind), "{said}");
        assert!(text(koophone_error_message(error)).is_some_and(|message| !message.is_empty()), "{said}");
        assert!(!said.contains('\n'), "one line: {said}");
        for getter in [koophone_error_argument, koophone_error_code, koophone_error_request_id] {
            text(getter(error));
        }
        for getter in [koophone_error_server_request_id, koophone_error_excerpt] {
            assert!(text(getter(error)).is_none(), "no response was received: {said}");
        }
        assert_eq!((koophone_error_http_status(error), koophone_error_attempts(error)), (0, 0), "{said}");
        koophone_error_retryable(error);
        let mut count = usize::MAX;
        let causes = koophone_error_causes(error, &mut count);
        (0..count).for_each(|number| assert!(text(*causes.add(number)).is_some(), "a cause is a text: {said}"));
        koophone_error_last_jobs(error, &mut count);
        assert_eq!(count, 0, "{said}");
    }
}

/// A text from the library: UTF-8, or NULL.
pub unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a str> {
    let text = unsafe { pointer.as_ref() }.map(|_| unsafe { CStr::from_ptr(pointer) });
    text.map(|text| text.to_str().expect("the library returns UTF-8"))
}

/// Calls a function that cannot fail here.
pub fn must<T>(free: Free<T>, function: impl FnOnce(*mut *mut T, ErrorPlace) -> Kind) -> Handle<T> {
    let mut result = ptr::null_mut();
    assert_eq!(function(&mut result, ptr::null_mut()), Kind::KOOPHONE_OK);
    Handle::new(result, free)
}
