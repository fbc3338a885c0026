//! The core's task.

use koophone::WaitOptions;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::mailbox::Mailbox;
use crate::options::Options;
use crate::progress::{ProgressSink, Reports};
use crate::started::{self, Running};
use crate::types::{JobResult, TaskPhone, TaskStatus};
use crate::work::{Work, work};
use crate::{arguments, blocking, convert};

#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeTask(pub koophone::Task);

/// A call that starts a task. Where it is asked to check, and nothing was started on some phone, the error that is
/// raised has the task of the others.
pub fn work_of_start(call: koophone::Call<koophone::Task>, options: Options) -> Work {
    work(call, options.call, move |py, task| {
        let task = NativeTask(task);
        if options.check
            && let Err(raised) = task.phones(py)?.call_method0(py, "raise_for_errors")
        {
            raised.value(py).setattr("saved_task", task.save())?;
            return Err(raised);
        }
        Ok(Py::new(py, task)?.into_any())
    })
}

impl NativeTask {
    fn work_of_wait(&self, options: Options, progress: Option<ProgressSink>) -> Work {
        // The timeout is the call's.
        let mut wait = WaitOptions::new();
        wait.on_progress = progress.map(ProgressSink::into_callback);
        options.results::<JobResult, _>(self.0.wait(wait))
    }
}

#[pymethods]
impl NativeTask {
    #[getter]
    fn operation(&self) -> &str {
        self.0.operation()
    }

    #[getter]
    fn task_ids<'p>(&self, py: Python<'p>) -> PyResult<Bound<'p, PyTuple>> {
        PyTuple::new(py, self.0.task_ids())
    }

    #[getter]
    fn phones(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        convert::results::<TaskPhone, _>(py, self.0.phones().to_vec())
    }

    #[getter]
    fn can_be_followed(&self) -> bool {
        self.0.can_be_followed()
    }

    fn save(&self) -> String {
        self.0.save()
    }

    fn poll(
        &self,
        py: Python<'_>,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        blocking::wait(py, Options::new(timeout, cancel, traceparent)?.value::<TaskStatus, _>(self.0.poll()), None)
    }

    fn begin_poll(
        &self,
        py: Python<'_>,
        mailbox: &Mailbox,
        number: u64,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Running> {
        started::start(
            py,
            Options::new(timeout, cancel, traceparent)?.value::<TaskStatus, _>(self.0.poll()),
            mailbox,
            number,
        )
    }

    fn wait(
        &self,
        py: Python<'_>,
        on_progress: &Bound<'_, PyAny>,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        check: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Py<PyAny>> {
        let options = Options::new(timeout, cancel, traceparent)?.check(check)?;
        let reports = arguments::callable("on_progress", on_progress)?.map(Reports::to);
        let work = self.work_of_wait(options, reports.as_ref().map(ProgressSink::here));
        blocking::wait(py, work, reports.as_ref())
    }

    /// The mailbox gets the progress too, where `on_progress` is not None; the loop calls it.
    #[allow(clippy::too_many_arguments, reason = "they are those of Python")]
    fn begin_wait(
        &self,
        py: Python<'_>,
        mailbox: &Mailbox,
        number: u64,
        on_progress: &Bound<'_, PyAny>,
        timeout: &Bound<'_, PyAny>,
        cancel: &Bound<'_, PyAny>,
        check: &Bound<'_, PyAny>,
        traceparent: &Bound<'_, PyAny>,
    ) -> PyResult<Running> {
        let options = Options::new(timeout, cancel, traceparent)?.check(check)?;
        let progress = arguments::callable("on_progress", on_progress)?;
        let sink = progress.map(|_| ProgressSink::sent(mailbox.sender(), number));
        started::start(py, self.work_of_wait(options, sink), mailbox, number)
    }
}
