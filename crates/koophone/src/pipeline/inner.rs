//! The state that every call of a client uses.

use std::sync::Arc;

use url::Url;

use crate::auth::Authorizer;
use crate::counters::Counters;
use crate::http::Http;
use crate::log::Log;
use crate::retry::Retries;
use crate::settings::Settings;

/// The state that all clones of a client share.
pub(crate) struct ClientInner {
    pub settings: Settings,
    /// The URLs of the operations, built once: building one costs more than the rest of a request's head.
    pub urls: Vec<(&'static str, Arc<Url>)>,
    pub http: Http,
    pub auth: Authorizer,
    pub retries: Arc<Retries>,
    pub counters: Arc<Counters>,
    /// Where the client's log records go; none if there is no log.
    pub log: Option<Log>,
}
