//! Credentials, and how a client is made of them.

use std::collections::HashMap;

use koophone::{Client, Credentials as Core, binding_support};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::types::raised;
use crate::{arguments, logging};

/// Who calls (凭证): an IAM user's name and password, an access key, or a ready-made token.
///
/// Pass the fields of one kind by name. Fields of two kinds are refused, and a field without its partner:
///
/// >>> import koophone
/// >>> koophone.Credentials(username="iam-user", password="secret", domain="account")
/// Credentials(password)
/// >>> koophone.Credentials(access_key="AK", secret_key="SK")
/// Credentials(access_key)
/// >>> koophone.Credentials(token="MIIF...")
/// Credentials(token)
///
/// Secrets are in no ``repr``, cannot be read back, and are not pickled. A wrong field raises `InvalidArgumentError` or
/// `ConfigurationError`; nothing is sent.
#[pyclass(frozen, module = "koophone")]
pub struct Credentials(Core);

#[pymethods]
impl Credentials {
    #[new]
    #[pyo3(signature = (**fields))]
    fn new(py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let given = fields.into_iter().flatten().filter(|(_, value)| !value.is_none()).map(|(name, value)| {
            let name: String = name.extract()?;
            arguments::text(&name, &value).map(|text| (name, text))
        });
        let given = given.collect::<PyResult<Vec<_>>>()?;
        let fields = given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Core::from_fields(fields).map(Self).map_err(|error| raised(py, &error))
    }

    /// The provider chain: the environment, then the profile file, then the metadata service of a cloud server. A
    /// client uses it when it has no credentials.
    #[staticmethod]
    fn chain() -> Self {
        Self(Core::chain())
    }

    fn __repr__(&self) -> String {
        format!("Credentials({})", self.0)
    }
}

/// `settings` are texts by name. `environment` replaces that of the process.
pub fn new(
    py: Python<'_>,
    credentials: Option<&Credentials>,
    settings: Vec<(String, String)>,
    environment: Option<HashMap<String, String>>,
) -> PyResult<Client> {
    let builder =
        logging::LOGS.attach(binding_support::client_builder(credentials.map(|of| &of.0), settings, environment));
    logging::refresh(py)?;
    let built = py.detach(|| builder.build());
    logging::deliver(py)?;
    built.map_err(|error| raised(py, &error))
}
