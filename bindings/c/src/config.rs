//! Configuration and credentials: names and values, which the core checks.

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

use koophone::{Client, Credentials, Error, LogLevel, Result, Secret};

use crate::callback::{UserData, koophone_release_function};
use crate::generated::arguments::koophone_log_level;
use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::{Out, required, text};
use crate::log::{self, koophone_log_function};
use crate::panic::quietly;

/// Who calls: named fields (`KOOPHONE_CREDENTIAL_...`).
#[derive(Default)]
pub struct koophone_credentials {
    fields: Vec<(String, Secret)>,
}

impl koophone_credentials {
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(other, _)| other != name);
        self.fields.push((name.to_owned(), Secret::new(value)));
    }

    fn read(&self) -> Result<Credentials> {
        Credentials::from_fields(self.fields.iter().map(|(name, value)| (name.as_str(), value.expose())))
    }
}

/// Makes empty credentials. Fill them with `koophone_credentials_set`: a token; or username, password and domain; or
/// access_key and secret_key. Free them with `koophone_credentials_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_credentials_new(
    credentials: Option<&mut MaybeUninit<*mut koophone_credentials>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        Out::new(credentials, "credentials")?.set_box(koophone_credentials::default());
        Ok(())
    })
}

/// Sets one field (`KOOPHONE_CREDENTIAL_...`); a second value for a field takes the first one's place. Both texts are copied.
/// Whether the fields go together is checked by `koophone_config_set_credentials`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_credentials_set(
    credentials: Option<&mut koophone_credentials>,
    field: *const c_char,
    value: *const c_char,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let credentials = required(credentials, "credentials")?;
        // SAFETY: by the conventions, texts end with NUL.
        let (field, value) = unsafe { (text(field, "field")?, text(value, "value")?) };
        credentials.set(field, value);
        Ok(())
    })
}

/// Frees credentials and wipes their secrets from memory. NULL is fine. A configuration that they were set in keeps its copy.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_credentials_free(credentials: Option<Box<koophone_credentials>>) {
    quietly((), || drop(credentials))
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
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_credentials(&mut self, credentials: &koophone_credentials) -> Result<()> {
        self.credentials = Some(credentials.read()?);
        Ok(())
    }

    pub(crate) fn ignore_environment(&mut self) {
        self.without_environment = true;
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

/// Makes a configuration with every setting at its default. Free it with `koophone_config_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_config_new(
    config: Option<&mut MaybeUninit<*mut koophone_config>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        Out::new(config, "config")?.set_box(koophone_config::default());
        Ok(())
    })
}

/// Sets one setting (`KOOPHONE_SETTING_...`) to a value as text, such as `"30s"`, `"8"`, `"true"`; a second value takes the
/// first one's place. Both texts are copied. Names and values are checked by `koophone_client_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_config_set(
    config: Option<&mut koophone_config>,
    setting: *const c_char,
    value: *const c_char,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let config = required(config, "config")?;
        // SAFETY: by the conventions, texts end with NUL.
        let (setting, value) = unsafe { (text(setting, "setting")?, text(value, "value")?) };
        config.set(setting, value);
        Ok(())
    })
}

/// Sets who calls. Without it the provider chain looks: environment, profile file, metadata service. The credentials are
/// checked and copied.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` where fields contradict each other or lack their partner.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_config_set_credentials(
    config: Option<&mut koophone_config>,
    credentials: Option<&koophone_credentials>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let config = required(config, "config")?;
        config.set_credentials(required(credentials, "credentials")?)
    })
}

/// Takes nothing from the process's environment: neither settings nor credentials.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_config_ignore_environment(
    config: Option<&mut koophone_config>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        required(config, "config")?.ignore_environment();
        Ok(())
    })
}

/// Has clients tell what they do: `function` is called with every record up to `level` (one of `koophone_log_level`).
///
/// `release` may be NULL; otherwise it is called once with `user_data` when neither this configuration nor a client made from
/// it, nor a call of such a client, will call `function` again, also where this function fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_config_set_log(
    config: Option<&mut koophone_config>,
    level: i32,
    function: koophone_log_function,
    user_data: *mut c_void,
    release: koophone_release_function,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
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

/// Frees a configuration. NULL is fine. Clients made from it go on.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_config_free(config: Option<Box<koophone_config>>) {
    quietly((), || drop(config))
}
