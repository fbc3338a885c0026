//! The client and its tasks: one line per operation.

use koophone::Client as Core;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::call::Call;
use crate::convert::{self, ids, raised};
use crate::credentials::Credentials;
use crate::logging;
use crate::progress::Progressing;
use crate::types::{
    CommandResult, DeviceAuthorization, Identity, InstanceOutcome, InstanceStatus, JobResult, TaskPhone, TaskStatus,
};
use crate::video::VideoSettings;

/// The core's client. Its methods give calls not yet made; the package's classes make them.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeClient {
    core: Core,
}

#[pymethods]
impl NativeClient {
    /// `settings` are texts by name. `environment` stands in for the process's.
    #[new]
    #[pyo3(signature = (credentials, settings, environment=None))]
    fn new(
        py: Python<'_>,
        credentials: Option<&Credentials>,
        settings: Vec<(String, String)>,
        environment: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let mut builder = logging::attach(Core::builder());
        for (name, value) in settings {
            builder = builder.setting(name, value);
        }
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials.core());
        }
        if let Some(environment) = environment {
            let variables = environment.iter().map(|(name, value)| Ok((name.extract()?, value.extract()?)));
            builder = builder.environment(variables.collect::<PyResult<Vec<(String, String)>>>()?);
        }
        logging::refresh(py)?;
        let built = py.detach(|| builder.build());
        logging::deliver(py)?;
        built.map(|core| Self { core }).map_err(|error| raised(py, &error))
    }

    fn run_command(&self, instance_ids: &Bound<'_, PyAny>, command: String) -> PyResult<Call> {
        Ok(Call::new(self.core.run_command(ids(instance_ids)?, command), convert::results::<CommandResult, _>))
    }

    fn start_command(&self, instance_ids: &Bound<'_, PyAny>, command: String) -> PyResult<Call> {
        Ok(Call::new(self.core.start_command(ids(instance_ids)?, command), task))
    }

    fn get_task(&self, task_id: String) -> Call {
        Call::new(self.core.get_task(task_id), object::<TaskStatus, _>)
    }

    fn set_video_settings(&self, instance_ids: &Bound<'_, PyAny>, video: &VideoSettings) -> PyResult<Call> {
        let call = self.core.set_video_settings(ids(instance_ids)?, video.0.clone());
        Ok(Call::new(call, convert::results::<InstanceOutcome, _>))
    }

    fn query_status(&self, instance_ids: &Bound<'_, PyAny>) -> PyResult<Call> {
        Ok(Call::new(self.core.query_status(ids(instance_ids)?), convert::results::<InstanceStatus, _>))
    }

    fn reset_instances(&self, instance_ids: &Bound<'_, PyAny>) -> PyResult<Call> {
        Ok(Call::new(self.core.reset_instances(ids(instance_ids)?), task))
    }

    fn get_device_token(&self, instance_id: String) -> Call {
        Call::new(self.core.get_device_token(instance_id), object::<DeviceAuthorization, _>)
    }

    fn login(&self) -> Call {
        Call::new(self.core.login(), object::<Identity, _>)
    }

    fn resume_task(&self, py: Python<'_>, saved: &str) -> PyResult<NativeTask> {
        self.core.resume_task(saved).map(NativeTask).map_err(|error| raised(py, &error))
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.core)
    }
}

/// The core's task.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeTask(koophone::Task);

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

    fn poll(&self) -> Call {
        Call::new(self.0.poll(), object::<TaskStatus, _>)
    }

    /// The call's own timeout is how long to wait.
    fn wait(&self) -> Call {
        let task = self.0.clone();
        let make = move |progress: Option<Progressing>| {
            // The timeout is the call's.
            let mut wait = koophone::WaitOptions::new();
            wait.on_progress = progress.map(Progressing::into_callback);
            task.wait(wait)
        };
        Call::reporting(make, convert::results::<JobResult, _>)
    }
}

fn task(py: Python<'_>, task: koophone::Task) -> PyResult<Py<PyAny>> {
    Ok(Py::new(py, NativeTask(task))?.into_any())
}

fn object<C, T>(py: Python<'_>, value: T) -> PyResult<Py<PyAny>>
where
    C: From<T> + pyo3::PyClass + Into<PyClassInitializer<C>>,
{
    Ok(Py::new(py, C::from(value))?.into_any())
}
