//! Configuration and credentials: names and values, which the core checks.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use koophone::{Client, Credentials, Error, LogLevel, Result, Secret};

use crate::callback::{UserData, koophone_release_function};
use crate::generated::arguments::koophone_log_level;
use crate::generated::enums::koophone_kind;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::required;
use crate::log::{self, koophone_log_function};

/// Who calls: named fields (`KOOPHONE_CREDENTIAL_...`).
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
    credentials: Option<Credentials>,
    settings: Vec<(String, String)>,
    without_environment: bool,
    log: Option<(LogLevel, Log)>,
}

/// A log callback, shared by every client of a configuration.
type Log = std::sync::Arc<dyn Fn(&koophone::LogRecord) + Send + Sync>;

impl koophone_config {
    pub(crate) fn put(&mut self, name: &str, value: &str) {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_credentials(&mut self, credentials: &koophone_credentials) -> Result<()> {
        self.credentials = Some(credentials.read()?);
        Ok(())
    }

    pub(crate) fn ignore_environment(&mut self) -> Result<()> {
        self.without_environment = true;
        Ok(())
    }

    /// Makes a client; the core checks everything.
    pub(crate) fn build(&self) -> Result<Client> {
        let mut builder = Client::builder();
        for (name, value) in &self.settings {
            builder = builder.setting(name, value);
        }
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        if self.without_environment {
            builder = builder.environment([]);
        }
        if let Some((level, sink)) = &self.log {
            let sink = sink.clone();
            builder = builder.log(*level, move |record| sink(record));
        }
        builder.build()
    }
}

/// Has clients tell what they do: `function` is called with every record up to `level` (one of `koophone_log_level`).
///
/// `release` may be NULL; otherwise it is called once with `user_data` when neither this configuration nor a client
/// made from it, nor a call of such a client, will call `function` again, also where this function fails.
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
        let sink = log::sink(function, user_data);
        config.log = Some((level, std::sync::Arc::new(sink)));
        Ok(())
    })
}
