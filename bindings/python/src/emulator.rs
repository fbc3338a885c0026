//! The local service. Options, faults and what it tells cross as JSON text, so that they can grow without this file.

use std::collections::BTreeMap;
use std::time::Duration;

use koophone::Error;
use koophone_emulator::{Emulator, Fault, Options, Rule, StartError};
use pyo3::prelude::*;
use serde::Serialize;

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
        let options = Options::from_json(options).map_err(|error| refused(py, &error))?;
        let started = py.detach(|| Emulator::start(options));
        started.map(Self).map_err(|error| match error {
            StartError::System(_) => raised(py, &Error::configuration("emulator", error.to_string())),
            _ => refused(py, &error),
        })
    }

    #[getter]
    fn endpoint(&self) -> &str {
        self.0.endpoint()
    }

    #[getter]
    fn ids(&self) -> Vec<String> {
        self.0.instance_ids()
    }

    #[getter]
    fn is_running(&self) -> bool {
        self.0.is_running()
    }

    #[getter]
    fn now_ms(&self) -> i64 {
        self.0.now_ms()
    }

    #[getter]
    fn environment(&self) -> BTreeMap<String, String> {
        self.0.environment().into_iter().collect()
    }

    fn credentials(&self, py: Python<'_>) -> PyResult<String> {
        json(py, self.0.credentials())
    }

    /// `faults` is one JSON object or a list.
    fn add_faults(&self, py: Python<'_>, faults: &str) -> PyResult<()> {
        let faults = Fault::list_from_json(faults).map_err(|error| refused(py, &error))?;
        self.0.add_faults(faults).map_err(|error| refused(py, &error))
    }

    fn clear_faults(&self) {
        self.0.clear_faults();
    }

    fn pending_faults(&self, py: Python<'_>) -> PyResult<String> {
        json(py, &self.0.pending_faults())
    }

    /// `rules` is a JSON list.
    fn add_rules(&self, py: Python<'_>, rules: &str) -> PyResult<()> {
        let rules = Rule::list_from_json(rules).map_err(|error| refused(py, &error))?;
        self.0.add_rules(rules).map_err(|error| refused(py, &error))
    }

    fn clear_rules(&self) {
        self.0.clear_rules();
    }

    #[pyo3(signature = (instance_id=None))]
    fn journal(&self, py: Python<'_>, instance_id: Option<&str>) -> PyResult<String> {
        json(py, &instance_id.map_or_else(|| self.0.journal(), |id| self.0.journal_of(id)))
    }

    fn clear_journal(&self) {
        self.0.clear_journal();
    }

    fn requests(&self, py: Python<'_>) -> PyResult<String> {
        json(py, &self.0.requests())
    }

    fn clear_requests(&self) {
        self.0.clear_requests();
    }

    fn phone(&self, py: Python<'_>, instance_id: &str) -> PyResult<Option<String>> {
        self.0.phone(instance_id).map(|phone| json(py, &phone)).transpose()
    }

    fn start_stream(&self, instance_id: &str) -> bool {
        self.0.start_stream(instance_id)
    }

    fn set_frozen(&self, instance_id: &str, frozen: bool) -> bool {
        self.0.set_frozen(instance_id, frozen)
    }

    fn set_free_machines(&self, count: usize) {
        self.0.set_free_machines(count);
    }

    fn pay_order(&self, order_id: &str) -> bool {
        self.0.pay_order(order_id)
    }

    fn set_phone_state(&self, instance_id: &str, state: i64) -> bool {
        self.0.set_phone_state(instance_id, state)
    }

    fn advance(&self, seconds: &Bound<'_, PyAny>) -> PyResult<()> {
        let time: Option<Duration> = arguments::seconds("seconds", seconds)?;
        self.0.advance(time.unwrap_or_default());
        Ok(())
    }

    fn expire_tokens(&self) {
        self.0.expire_tokens();
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.0.stop());
    }
}

fn json(py: Python<'_>, value: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| raised(py, &Error::internal(error.to_string())))
}

fn refused(py: Python<'_>, error: &dyn std::error::Error) -> PyErr {
    raised(py, &Error::invalid("emulator", error.to_string()))
}
