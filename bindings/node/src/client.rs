//! The client. Its methods for operations are in `operations.rs`, which is generated.

use std::collections::BTreeMap;
use std::sync::Arc;

use koophone::binding_support::client_builder;
use koophone::{Credentials, LogLevel, LogSwitch};
use napi_derive::napi;
use serde_json::json;

use crate::calls::{Calls, EventKind, Open};
use crate::json;

/// Who calls. Its fields remain on this side: JavaScript cannot read them.
#[napi]
pub struct NativeCredentials(Credentials);

#[napi]
impl NativeCredentials {
    /// From names and values.
    #[napi(constructor)]
    pub fn new(fields: Vec<(String, String)>) -> napi::Result<Self> {
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Credentials::from_fields(fields).map(Self).map_err(|error| json::exception(&error))
    }

    /// The provider chain.
    #[napi(factory)]
    pub fn chain() -> Self {
        Self(Credentials::chain())
    }

    /// Its kind, in one word.
    #[napi(getter)]
    pub fn method(&self) -> String {
        self.0.to_string()
    }
}

/// A client. The first arguments of a method that starts a call are a [`Header`]. Lists and structures arrive as JSON
/// text: one string crosses faster than many.
#[napi]
pub struct NativeClient {
    pub(crate) client: koophone::Client,
    pub(crate) open: Arc<Open>,
    log: LogSwitch,
}

#[napi]
impl NativeClient {
    /// The lines of the log have the number `log_id`.
    #[napi(constructor)]
    pub fn new(
        calls: &Calls,
        settings: Vec<(String, String)>,
        credentials: Option<&NativeCredentials>,
        environment: BTreeMap<String, String>,
        log_id: u32,
        log_level: Option<String>,
    ) -> napi::Result<Self> {
        let (open, log) = (calls.0.clone(), LogSwitch::default());
        log.set(level_of(log_level));
        let sender = open.clone();
        let builder =
            client_builder(credentials.map(|of| &of.0), settings, Some(environment)).log(log.clone(), move |record| {
                let line = json!({"level": record.level.name(), "message": record.message});
                sender.send(log_id, EventKind::Log, line.to_string().into());
            });
        let client = builder.build().map_err(|error| json::exception(&error))?;
        Ok(Self { client, open, log })
    }

    /// Reports the log's lines up to a level from now on, or none.
    #[napi]
    pub fn set_log_level(&self, level: Option<String>) {
        self.log.set(level_of(level));
    }
}

fn level_of(name: Option<String>) -> Option<LogLevel> {
    LogLevel::ALL.into_iter().find(|level| name.as_deref() == Some(level.name()))
}
