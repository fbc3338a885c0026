//! Credentials from named fields. Nothing can be read back.

use koophone::Credentials as Core;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments;
use crate::types::raised;

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

impl Credentials {
    pub fn core(&self) -> Core {
        self.0.clone()
    }
}

#[pymethods]
impl Credentials {
    #[new]
    #[pyo3(signature = (**fields))]
    fn new(py: Python<'_>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut given: Vec<(String, String)> = Vec::new();
        for (name, value) in fields.into_iter().flatten().filter(|(_, value)| !value.is_none()) {
            let name: String = name.extract()?;
            let value = arguments::text(&name, &value)?;
            given.push((name, value));
        }
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
