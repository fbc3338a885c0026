//! Panics that were caught.

use std::any::Any;

use crate::model::{Error, ErrorKind};

/// A caught panic as an error of kind `internal`.
pub fn panic_error(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into());
    Error::new(ErrorKind::Internal, format!("koophone panicked, which is a bug in it; please report it: {text}"))
}
