//! The only way from C into Rust: no panic passes it, and it is where errors are handed out.

use std::mem::MaybeUninit;

use koophone::Result;

use crate::generated::enums::koophone_kind;
use crate::generated::structs::koophone_error;
use crate::panic::{catch, quietly};

/// Runs the body of a function that can fail: `*err` becomes NULL or the error, and its kind is returned.
pub(crate) fn guard(
    mut err: Option<&mut MaybeUninit<*mut koophone_error>>,
    body: impl FnOnce() -> Result<()>,
) -> koophone_kind {
    if let Some(err) = &mut err {
        err.write(std::ptr::null_mut());
    }
    let result = catch(|| {
        #[cfg(feature = "panic-injection")]
        injection::panic_if_wanted();
        body()
    });
    let Err(error) = result.unwrap_or_else(Err) else { return koophone_kind::KOOPHONE_OK };
    let kind = koophone_kind::of(error.kind());
    if let Some(err) = err {
        // Making the C form of an error only copies text; a failure there leaves `*err` NULL.
        quietly((), || {
            err.write(koophone_error::boxed(&error));
        });
    }
    kind
}

/// For tests: a panic in the next function that passes the guard on this thread.
#[cfg(feature = "panic-injection")]
mod injection {
    use std::cell::Cell;

    use crate::panic::quietly;

    thread_local!(static WANTED: Cell<bool> = const { Cell::new(false) });

    /// Makes the next function that can fail panic, on this thread.
    #[unsafe(no_mangle)]
    pub extern "C" fn koophone_test_panic_next() {
        quietly((), || WANTED.set(true));
    }

    pub fn panic_if_wanted() {
        if WANTED.take() {
            // Like a panic, but without the message on standard error.
            std::panic::resume_unwind(Box::new("injected by a test"));
        }
    }
}

#[cfg(test)]
mod tests {
    use koophone::Error;

    use super::*;

    #[test]
    fn a_panic_is_an_internal_error_and_its_payload_may_panic_too() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("second");
            }
        }
        let mut error = MaybeUninit::uninit();
        let kind = guard(Some(&mut error), || std::panic::panic_any(Bomb));
        assert_eq!(kind, koophone_kind::KOOPHONE_INTERNAL);
        // SAFETY: the guard wrote a pointer, which is NULL or was handed out in a box.
        let error = unsafe { Box::from_raw(error.assume_init()) };
        crate::generated::errors::koophone_error_free(Some(error));
        assert_eq!(quietly(7, || panic!("third")), 7);
    }

    #[test]
    fn without_a_place_for_the_error_the_kind_is_enough() {
        let kind = guard(None, || Err(Error::invalid("x", "wrong")));
        assert_eq!(kind, koophone_kind::KOOPHONE_INVALID_ARGUMENT);
    }
}
