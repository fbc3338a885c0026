//! The core's device token that is renewed in time.

use pyo3::prelude::*;

use crate::blocking;
use crate::mailbox::Mailbox;
use crate::options::Options;
use crate::started::{self, Running};
use crate::types::DeviceAuthorization;

#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeDeviceToken(pub koophone::DeviceToken);

#[pymethods]
impl NativeDeviceToken {
    fn get(
        &self,
        py: Python<'_>,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let options = Options::new(timeout, cancel, traceparent)?;
        blocking::wait(py, options.value::<DeviceAuthorization, _>(self.0.get()), None)
    }

    fn begin_get(
        &self,
        py: Python<'_>,
        mailbox: &Mailbox,
        number: u64,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Running> {
        let options = Options::new(timeout, cancel, traceparent)?;
        started::start(py, options.value::<DeviceAuthorization, _>(self.0.get()), mailbox, number)
    }
}
