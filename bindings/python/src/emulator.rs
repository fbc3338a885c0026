//! The local service. Options, arguments and results cross as JSON text, so that new ones need no change here.

use koophone::Error;
use koophone_emulator::{Emulator, Options, StartError};
use pyo3::prelude::*;

use crate::arguments;
use crate::types::raised;

/// A running emulator.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeEmulator(Emulator);

#[pymethods]
impl NativeEmulator {
    /// `options` is a JSON object.
    #[new]
    fn new(py: Python<'_>, options: &str) -> PyResult<Self> {
        let options = Options::from_json(options).map_err(StartError::Options);
        py.detach(|| options.and_then(Emulator::start)).map(Self).map_err(|error| {
            let refused = if let StartError::System(_) = error { Error::configuration } else { Error::invalid };
            raised(py, &refused("emulator", error.to_string()))
        })
    }

    /// Calls a method by its name in Rust, with a JSON list of arguments.
    fn call(&self, py: Python<'_>, method: &str, arguments: &str) -> PyResult<String> {
        py.detach(|| self.0.call(method, arguments))
            .map_err(|error| raised(py, &Error::invalid("emulator", error.to_string())))
    }

    #[staticmethod]
    fn milliseconds(seconds: &Bound<'_, PyAny>) -> PyResult<f64> {
        Ok(arguments::duration("seconds", seconds)?.as_secs_f64() * 1000.0)
    }
}
