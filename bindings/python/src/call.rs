//! A call: its options, its cancellation, and the work that makes a Python object of its value.

use std::future::Future;
use std::pin::Pin;

use koophone::{Call, CallOptions, CancelToken as Core, Result, Task, binding_support};
use pyo3::prelude::*;

use crate::arguments;
use crate::convert::{self, ClassOf};

/// The value of a call that succeeded, still as Rust data. Only this function makes Python objects of it, on a thread
/// that is attached to the interpreter; so the core's threads can carry and drop values freely.
pub type Finish = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub type Work = Pin<Box<dyn Future<Output = Result<Finish>> + Send>>;

/// Cancels calls from another thread: pass it to a call as ``cancel``, keep it, and call ``cancel()``.
///
/// One token can be passed to many calls. A cancelled call raises `CancelledError`.
#[pyclass(frozen, module = "koophone")]
pub struct CancelToken(Core);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self(Core::default())
    }

    /// Cancels every call that has this token, and every later one.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether ``cancel()`` was called.
    #[getter]
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("<CancelToken cancelled={}>", if self.cancelled() { "True" } else { "False" })
    }
}

/// The arguments that every call has.
#[derive(Clone, Default)]
pub struct Options {
    call: CallOptions,
    /// Whether the first error of a phone is raised.
    check: bool,
}

impl Options {
    pub fn new<'p>(
        timeout: &Bound<'p, PyAny>,
        cancel: &Bound<'p, PyAny>,
        traceparent: &Bound<'p, PyAny>,
        check: Option<&Bound<'p, PyAny>>,
        repeatable: Option<&Bound<'p, PyAny>>,
    ) -> PyResult<Self> {
        let token = |name: &str, token: &_| Ok(arguments::object::<CancelToken>(name, token)?.get().0.clone());
        let mut call = CallOptions::new();
        call.timeout = arguments::optional("timeout", timeout, arguments::duration)?;
        call.cancel = arguments::optional("cancel", cancel, token)?;
        call.traceparent = arguments::optional("traceparent", traceparent, arguments::text)?;
        call.repeatable = repeatable.map_or(Ok(false), |value| arguments::flag("repeatable", value))?;
        Ok(Self { call, check: check.map_or(Ok(false), |value| arguments::flag("check", value))? })
    }

    /// The work of a call, whose value `convert` turns into a Python object.
    pub fn work<T: Send + 'static>(
        self,
        call: Call<T>,
        convert: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Work {
        let call = call.options(self.call);
        Box::pin(async move {
            let value = binding_support::into_work(call).await?;
            Ok(Box::new(move |py: Python<'_>| convert(py, value)) as Finish)
        })
    }

    /// A call that returns one value.
    pub fn value<C: ClassOf<T>, T: Send + 'static>(self, call: Call<T>) -> Work {
        self.work(call, |py, value| Ok(Py::new(py, C::from(value))?.into_any()))
    }

    /// A call that returns one value per phone.
    pub fn results<C: ClassOf<T>, T: Send + 'static>(self, call: Call<Vec<T>>) -> Work {
        let check = self.check;
        self.work(call, move |py, values| {
            let results = convert::results::<C, T>(py, values)?;
            if check { results.call_method0(py, "raise_for_errors") } else { Ok(results) }
        })
    }

    /// A call that starts a task. With `check`, if nothing was started on some phone, its error is raised and has the
    /// task of the others.
    pub fn task<C: ClassOf<Task>>(self, call: Call<Task>) -> Work {
        let check = self.check;
        self.work(call, move |py, task| {
            let saved = task.save();
            let task = Bound::new(py, C::from(task))?.into_any();
            if check && let Err(raised) = task.getattr("phones")?.call_method0("raise_for_errors") {
                raised.value(py).setattr("saved_task", saved)?;
                return Err(raised);
            }
            Ok(task.unbind())
        })
    }
}
