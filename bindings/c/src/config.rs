//! Configuration and credentials: names and values, which the core validates.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use koophone::{Client, ClientBuilder, Credentials, Error, Result, Secret};

use crate::callback::{UserData, koophone_release_function};
use crate::generated::arguments::koophone_log_level;
use crate::generated::enums::koophone_kind;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::required;
use crate::log::{self, koophone_log_function};

/// Credentials: named fields (`KOOPHONE_CREDENTIAL_...`).
#[derive(Default)]
pub struct koophone_credentials {
    fields: Vec<(String, Secret)>,
}

impl koophone_credentials {
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), Secret::new(value)));
    }

    fn read(&self) -> Result<Credentials> {
        Credentials::from_fields(self.fields.iter().map(|(name, value)| (name.as_str(), value.expose())))
    }
}

/// The configuration of a client.
#[derive(Default)]
pub struct koophone_config {
    builder: ClientBuilder,
}

impl koophone_config {
    fn change(&mut self, how: impl FnOnce(ClientBuilder) -> ClientBuilder) {
        self.builder = how(std::mem::take(&mut self.builder));
    }

    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.change(|builder| builder.setting(name, value));
    }

    pub(crate) fn set_credentials(&mut self, credentials: &koophone_credentials) -> Result<()> {
        let credentials = credentials.read()?;
        self.change(|builder| builder.credentials(credentials));
        Ok(())
    }

    pub(crate) fn ignore_environment(&mut self) {
        self.change(|builder| builder.environment([]));
    }

    /// Creates a client; the core validates everything.
    pub(crate) fn build(&self) -> Result<Client> {
        self.builder.clone().build()
    }
}

/// Sets the log of clients: `function` is called with every record up to `level` (one of `koophone_log_level`).
///
/// `release` may be NULL; otherwise it is called once with `user_data` when neither this configuration, nor a client
/// created from it, nor a call of such a client will call `function` again, even if this function fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_config_set_log(
    config: Option<&mut koophone_config>,
    level: i32,
    function: koophone_log_function,
    user_data: *mut c_void,
    release: koophone_release_function,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    let user_data = UserData::new(user_data, release);
    guard(err, || {
        let config = required(config, "config")?;
        let level = koophone_log_level::read(level, "level")?;
        let function = function.ok_or_else(|| Error::invalid("function", "function is NULL"))?;
        config.change(|builder| builder.log(level, log::sink(function, user_data)));
        Ok(())
    })
}
