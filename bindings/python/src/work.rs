//! A call under way, as the rest of the binding handles it, whatever it returns.

use std::future::Future;
use std::pin::Pin;

use koophone::{CallOptions, Result, binding_support};
use pyo3::prelude::*;

/// The value of a call that succeeded, still as Rust data. Only this function, called by a thread that holds the
/// interpreter, makes Python objects of it; so the core's threads can carry and drop values freely.
pub type Finish = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub type Work = Pin<Box<dyn Future<Output = Result<Finish>> + Send>>;

/// The work of a call, whose value `convert` turns into a Python object.
pub fn work<T: Send + 'static>(
    call: koophone::Call<T>,
    options: CallOptions,
    convert: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
) -> Work {
    let call = call.options(options);
    Box::pin(async move {
        let value = binding_support::into_work(call).await?;
        Ok(Box::new(move |py: Python<'_>| convert(py, value)) as Finish)
    })
}
