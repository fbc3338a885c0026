//! The local emulator: options, faults, rules, journal cross the border as JSON text. Its functions are generated.

use std::ffi::{CString, c_char};

use ::koophone_emulator::{Emulator, Fault, Options, OptionsError, Rule, StartError};
use koophone::settings::SETTINGS;
use koophone::{CREDENTIAL_FIELDS, Error, ErrorKind, Result};

use crate::config::{koophone_config, koophone_credentials};
use crate::owned::c_string;

/// A local KooPhone service with phones that keep state. Free to use from many threads at once.
pub struct koophone_emulator {
    pub(crate) inner: Emulator,
    pub(crate) endpoint: CString,
    _instance_ids: Vec<CString>,
    pub(crate) pointers: Vec<*const c_char>,
}

fn refused(name: &'static str) -> impl Fn(OptionsError) -> Error {
    move |error| Error::invalid(name, error.to_string())
}

fn no_phone(id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the emulator has no phone {id}"))
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::internal(error.to_string()))
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
        config.ignore_environment()?;
        config.set_credentials(&self.credentials())
    }

    pub(crate) fn add_faults(&self, faults: &str) -> Result<()> {
        let faults = Fault::list_from_json(faults).map_err(refused("faults"))?;
        self.inner.add_faults(faults).map_err(refused("faults"))
    }

    pub(crate) fn add_rules(&self, rules: &str) -> Result<()> {
        let rules = Rule::list_from_json(rules).map_err(refused("rules"))?;
        self.inner.add_rules(rules).map_err(refused("rules"))
    }

    pub(crate) fn phone(&self, id: &str) -> Result<String> {
        json(&self.inner.phone(id).ok_or_else(|| no_phone(id))?)
    }

    pub(crate) fn journal(&self, id: Option<&str>) -> Result<String> {
        json(&id.map_or_else(|| self.inner.journal(), |id| self.inner.journal_of(id)))
    }

    pub(crate) fn requests(&self) -> Result<String> {
        json(&self.inner.requests())
    }

    pub(crate) fn clear_journal(&self) {
        self.inner.clear_journal();
        self.inner.clear_requests();
    }

    pub(crate) fn start_stream(&self, id: &str) -> Result<()> {
        if self.inner.start_stream(id) { Ok(()) } else { Err(no_phone(id)) }
    }

    pub(crate) fn set_frozen(&self, id: &str, frozen: bool) -> Result<()> {
        if self.inner.set_frozen(id, frozen) { Ok(()) } else { Err(no_phone(id)) }
    }

    pub(crate) fn pay_order(&self, id: &str) -> Result<()> {
        let no_order = || Error::new(ErrorKind::NotFound, format!("the emulator has no unpaid order {id}"));
        if self.inner.pay_order(id) { Ok(()) } else { Err(no_order()) }
    }

    pub(crate) fn set_phone_state(&self, id: &str, state: i64) -> Result<()> {
        if self.inner.set_phone_state(id, state) { Ok(()) } else { Err(no_phone(id)) }
    }
}
