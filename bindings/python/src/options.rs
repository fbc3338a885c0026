//! The options of one call.

use koophone::{CallOptions, PhoneResult};
use pyo3::PyClass;
use pyo3::prelude::*;

use crate::arguments;
use crate::cancel::CancelToken;
use crate::convert;
use crate::work::{Work, work};

/// What every call takes besides its own arguments.
#[derive(Default)]
pub struct Options {
    pub call: CallOptions,
    /// Whether the first error of a phone is raised.
    pub check: bool,
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

    /// A call that returns one value per phone.
    pub fn results<C, T>(self, call: koophone::Call<Vec<T>>) -> Work
    where
        C: From<T> + PyClass + Into<PyClassInitializer<C>>,
        T: PhoneResult + Send + 'static,
    {
        work(call, self.call, move |py, values| {
            let results = convert::results::<C, T>(py, values)?;
            if self.check { results.call_method0(py, "raise_for_errors") } else { Ok(results) }
        })
    }

    /// A call that returns one value.
    pub fn value<C, T>(self, call: koophone::Call<T>) -> Work
    where
        C: From<T> + PyClass + Into<PyClassInitializer<C>>,
        T: Send + 'static,
    {
        work(call, self.call, |py, value| Ok(Py::new(py, C::from(value))?.into_any()))
    }
}
