//! A call: its options, and the work that makes a Python object of its value.

use std::future::Future;
use std::pin::Pin;

use koophone::{Call, CallOptions, PhoneResult, Result, Task, binding_support};
use pyo3::PyClass;
use pyo3::prelude::*;

use crate::cancel::CancelToken;
use crate::operations::NativeTask;
use crate::{arguments, convert};

/// The value of a call that succeeded, still as Rust data. Only this function, which is called by a thread that holds the
/// interpreter, makes Python objects of it; so the core's threads can carry and drop values freely.
pub type Finish = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub type Work = Pin<Box<dyn Future<Output = Result<Finish>> + Send>>;

/// What every call takes besides its own arguments.
#[derive(Clone, Default)]
pub struct Options {
    call: CallOptions,
    /// Whether the first error of a phone is raised.
    check: bool,
}

impl Options {
    pub fn new(
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let mut options = Self::default();
        options.call.timeout = arguments::seconds("timeout", timeout)?;
        if !cancel.is_none() {
            options.call.cancel = Some(arguments::object::<CancelToken>("cancel", cancel)?.get().0.clone());
        }
        if !traceparent.is_none() {
            options.call.traceparent = Some(arguments::text("traceparent", traceparent)?);
        }
        Ok(options)
    }

    pub fn check(mut self, check: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.check = arguments::flag("check", check)?;
        Ok(self)
    }

    pub fn repeatable(mut self, repeatable: &Bound<'_, PyAny>) -> PyResult<Self> {
        self.call.repeatable = arguments::flag("repeatable", repeatable)?;
        Ok(self)
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
    pub fn value<C, T>(self, call: Call<T>) -> Work
    where
        C: From<T> + PyClass + Into<PyClassInitializer<C>>,
        T: Send + 'static,
    {
        self.work(call, |py, value| Ok(Py::new(py, C::from(value))?.into_any()))
    }

    /// A call that returns one value per phone.
    pub fn results<C, T>(self, call: Call<Vec<T>>) -> Work
    where
        C: From<T> + PyClass + Into<PyClassInitializer<C>>,
        T: PhoneResult + Send + 'static,
    {
        let check = self.check;
        self.work(call, move |py, values| {
            let results = convert::results::<C, T>(py, values)?;
            if check { results.call_method0(py, "raise_for_errors") } else { Ok(results) }
        })
    }

    /// A call that starts a task. If it is to check, and nothing was started on some phone, the error that is raised has
    /// the task of the others.
    pub fn task(self, call: Call<Task>) -> Work {
        let check = self.check;
        self.work(call, move |py, task| {
            let saved = task.save();
            let task = Bound::new(py, NativeTask(task))?;
            if check && let Err(raised) = task.getattr("phones")?.call_method0("raise_for_errors") {
                raised.value(py).setattr("saved_task", saved)?;
                return Err(raised);
            }
            Ok(task.into_any().unbind())
        })
    }
}
