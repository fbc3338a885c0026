//! A call not yet made, whatever it answers: waited for by the calling thread, or started for an event loop.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use koophone::{CallOptions, Result, binding_support};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::convert;
use crate::drive;
use crate::logging;
use crate::mailbox::Mailbox;
use crate::progress::{Progressing, Reports};

/// What a call answers, still as Rust data. Only this function, called by a thread that holds the interpreter, makes
/// Python objects of it; so the core's threads can carry and drop answers freely.
pub type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub type Work = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;
type Make = Box<dyn FnOnce(CallOptions, Option<Progressing>) -> Work + Send>;

/// A call not yet made. It can be made once.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Call {
    make: Mutex<Option<Make>>,
}

impl Call {
    /// `convert` makes the Python object of the answer.
    pub fn new<T: Send + 'static>(
        call: koophone::Call<T>,
        convert: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        Self::reporting(move |_| call, convert)
    }

    /// A call that tells its progress.
    pub fn reporting<T: Send + 'static>(
        make: impl FnOnce(Option<Progressing>) -> koophone::Call<T> + Send + 'static,
        convert: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        let make: Make = Box::new(move |options, progress| {
            let call = make(progress).options(options);
            Box::pin(async move {
                let answer = binding_support::into_work(call).await?;
                Ok(Box::new(move |py: Python<'_>| convert(py, answer)) as Answer)
            })
        });
        Self { make: Mutex::new(Some(make)) }
    }

    fn take(&self) -> PyResult<Make> {
        let make = self.make.lock().unwrap_or_else(PoisonError::into_inner).take();
        make.ok_or_else(|| PyRuntimeError::new_err("this call was made already"))
    }
}

#[pymethods]
impl Call {
    /// Makes the call on the calling thread, without the interpreter's lock, and gives its answer.
    #[pyo3(signature = (timeout=None, repeatable=false, cancel=None, on_progress=None))]
    fn wait(
        &self,
        py: Python<'_>,
        timeout: Option<&Bound<'_, PyAny>>,
        repeatable: bool,
        cancel: Option<&CancelToken>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        let options = options(py, timeout, repeatable, cancel)?;
        let make = self.take()?;
        logging::refresh(py)?;
        let reports = on_progress.map(Reports::to);
        let work = make(options, reports.as_ref().map(Progressing::here));
        drive::block(py, work, reports.as_ref())
    }

    /// Starts the call on the core's threads. `mailbox` gets its progress, if wanted, and its answer, under `number`.
    #[allow(clippy::too_many_arguments, reason = "in Python they have names")]
    #[pyo3(signature = (mailbox, number, timeout=None, repeatable=false, cancel=None, progress=false))]
    fn start(
        &self,
        py: Python<'_>,
        mailbox: &Mailbox,
        number: u64,
        timeout: Option<&Bound<'_, PyAny>>,
        repeatable: bool,
        cancel: Option<&CancelToken>,
        progress: bool,
    ) -> PyResult<Running> {
        let options = options(py, timeout, repeatable, cancel)?;
        let make = self.take()?;
        logging::refresh(py)?;
        let post = mailbox.post();
        let progress = progress.then(|| Progressing::posted(post.clone(), number));
        let work = make(options, progress);
        let job = async move {
            let ended = AssertUnwindSafe(work).catch_unwind().await;
            post.done(number, ended.unwrap_or_else(|panic| Err(binding_support::panic_error(&*panic))));
        };
        let handle = py.detach(|| binding_support::spawn(job)).map_err(|error| convert::raised(py, &error))?;
        Ok(Running { stop: handle.abort_handle() })
    }
}

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running {
    stop: tokio::task::AbortHandle,
}

#[pymethods]
impl Running {
    /// Stops the call. Its mailbox hears nothing more of it unless it had ended.
    fn cancel(&self) {
        self.stop.abort();
    }
}

/// Cancels calls from another thread: give it to a call as `cancel`, keep it, and call ``cancel()``.
///
/// One token can belong to many calls. A cancelled call raises `CancelledError`.
#[pyclass(frozen, module = "koophone")]
#[derive(Default)]
pub struct CancelToken {
    token: koophone::CancelToken,
}

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Cancels every call that was given this token, now and later.
    fn cancel(&self) {
        self.token.cancel();
    }

    /// Whether ``cancel()`` was called.
    #[getter]
    fn cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("<CancelToken cancelled={}>", if self.cancelled() { "True" } else { "False" })
    }
}

fn options(
    py: Python<'_>,
    timeout: Option<&Bound<'_, PyAny>>,
    repeatable: bool,
    cancel: Option<&CancelToken>,
) -> PyResult<CallOptions> {
    let mut options = CallOptions::default();
    options.timeout = convert::seconds(py, "timeout", timeout)?;
    options.repeatable = repeatable;
    options.cancel = cancel.map(|cancel| cancel.token.clone());
    Ok(options)
}
