//! How a client is made.

use koophone::Client;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::credentials::Credentials;
use crate::logging;
use crate::types::raised;

/// `settings` are texts by name. `environment` replaces the process's.
pub fn new(
    py: Python<'_>,
    credentials: Option<&Credentials>,
    settings: Vec<(String, String)>,
    environment: Option<&Bound<'_, PyDict>>,
) -> PyResult<Client> {
    let mut builder = logging::LOGS.attach(Client::builder());
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
    built.map_err(|error| raised(py, &error))
}
