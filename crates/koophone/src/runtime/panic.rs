//! Catches panics.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;

use crate::model::{Error, ErrorKind, Result};

/// Runs `body`; a panic in it becomes an error of kind `internal`.
///
/// # Errors
///
/// For a panic.
pub fn catch<T>(body: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).map_err(caught)
}

/// Runs `work` to its end; a panic in it becomes an error of kind `internal`.
///
/// # Errors
///
/// Those of `work`, and for a panic.
pub async fn catch_async<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|payload| Err(caught(payload)))
}

fn caught(payload: Box<dyn Any + Send>) -> Error {
    let error = panic_error(&*payload);
    // Dropping the payload may panic as well; the payload of that panic is leaked.
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
    error
}

/// A caught panic as an error of kind `internal`.
pub fn panic_error(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into());
    Error::new(ErrorKind::Internal, format!("koophone panicked, which is a bug in it; please report it: {text}"))
}

#[cfg(test)]
mod tests {
    use std::panic::{panic_any, resume_unwind};

    use super::*;

    /// Panics when it is dropped.
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any("dropped");
        }
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let error = catch(|| resume_unwind(Box::new("on purpose"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(error.message().contains("on purpose"), "{error}");
        assert_eq!(catch(|| panic_any(Bomb)).unwrap_err().kind(), ErrorKind::Internal);
        assert_eq!(catch(|| 7), Ok(7));
    }

    #[tokio::test]
    async fn a_panic_of_a_future_becomes_an_error_too() {
        let error = catch_async::<()>(async { resume_unwind(Box::new("on purpose".to_owned())) }).await.unwrap_err();
        assert!(error.message().contains("on purpose"), "{error}");
        assert_eq!(catch_async(async { Ok(7) }).await, Ok(7));
    }
}
