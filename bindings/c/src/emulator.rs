//! The local emulator: options, faults, rules and journal are passed as JSON text. Its functions are generated.

use std::ffi::{CString, c_char};

use ::koophone_emulator::{Emulator, Options, OptionsError, StartError};
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, Error, ErrorKind, Result};

use crate::config::{koophone_config, koophone_credentials};
use crate::owned::c_string;

/// A local KooPhone service with phones that keep state. May be used from many threads at once.
pub struct koophone_emulator {
    pub(crate) inner: Emulator,
    pub(crate) endpoint: CString,
    _instance_ids: Vec<CString>,
    pub(crate) pointers: Vec<*const c_char>,
}

/// A refusal in the emulator's own words.
pub(crate) fn refused(name: &'static str) -> impl Fn(OptionsError) -> Error {
    move |error| Error::invalid(name, error.to_string())
}

impl koophone_emulator {
    pub(crate) fn start(options: Option<&str>) -> Result<Self> {
        let options = options.map_or_else(|| Ok(Options::default()), Options::from_json).map_err(refused("options"))?;
        let inner = Emulator::start(options).map_err(|error| match error {
            StartError::Options(error) => refused("options")(error),
            StartError::System(_) => Error::configuration("emulator", error.to_string()),
            other => Error::new(ErrorKind::Network, other.to_string()),
        })?;
        let instance_ids: Vec<CString> = inner.instance_ids().iter().map(|id| c_string(id)).collect();
        let pointers = instance_ids.iter().map(|id| id.as_ptr()).collect();
        Ok(Self { endpoint: c_string(inner.endpoint()), inner, _instance_ids: instance_ids, pointers })
    }

    pub(crate) fn credentials(&self) -> koophone_credentials {
        let mut credentials = koophone_credentials::default();
        for (variable, value) in self.inner.environment() {
            if let Some(field) = CREDENTIAL_FIELDS.iter().find(|field| field.variable == variable) {
                credentials.put(field.name, &value);
            }
        }
        credentials
    }

    pub(crate) fn configure(&self, config: &mut koophone_config) -> Result<()> {
        for (variable, value) in self.inner.environment() {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable == variable) {
                config.put(setting.name, &value);
            }
        }
        config.ignore_environment();
        config.set_credentials(&self.credentials())
    }
}

/// Data from the emulator, as JSON text.
pub(crate) fn as_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::internal(error.to_string()))
}

/// The complete state of a phone.
pub(crate) fn phone(emulator: &koophone_emulator, id: &str) -> Result<String> {
    let phone = emulator.inner.phone(id);
    found(phone.is_some(), "phone", id)?;
    as_json(&phone)
}

/// An error if the emulator does not have `what`.
pub(crate) fn found(is_there: bool, what: &str, id: &str) -> Result<()> {
    let missing = || Error::new(ErrorKind::NotFound, format!("the emulator has no {what} {id}"));
    if is_there { Ok(()) } else { Err(missing()) }
}
