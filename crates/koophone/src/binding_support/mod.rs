//! Internals for the bindings, the command line and the generators. Not part of the public API: anything here may
//! change in any version.

mod inbox;
mod log_queue;
mod notices;

use std::future::Future;
use std::time::Duration;

pub use self::inbox::{Bell, Inbox};
pub use self::log_queue::LogQueue;
pub use self::notices::{
    Notice, NoticeList, OnProgress, Question, each_text, on_progress, page_options, predicate, wait_options,
};

use crate::auth::Credentials;
use crate::call::Call;
use crate::client::{Client, ClientBuilder};
use crate::listing::Listing;
#[cfg(feature = "describe")]
pub use crate::operations::types::describe_arguments;
pub use crate::runtime::{
    PerProcess, after_ready_tasks, block_on, block_on_with_breaks, catch, catch_async, panic_error, spawn,
    start_thread, use_one_thread,
};

pub use crate::settings::environment::APP_URL_VARIABLE;
pub use crate::settings::nearest::nearest;

/// All result types, as JSON Schemas by name, for the generator of the language bindings.
#[cfg(feature = "describe")]
pub fn describe() -> Vec<(&'static str, serde_json::Value)> {
    let mut types = crate::operations::types::describe();
    types.extend(crate::verbs::describe());
    types
}

/// A builder from what a binding is given: credentials, or the provider chain; settings, each a text by its name; and
/// the variables to use instead of the process's environment.
pub fn client_builder(
    credentials: Option<&Credentials>,
    settings: impl IntoIterator<Item = (String, String)>,
    environment: Option<impl IntoIterator<Item = (String, String)>>,
) -> ClientBuilder {
    let mut builder = Client::builder();
    for (name, value) in settings {
        builder = builder.setting(name, value);
    }
    if let Some(credentials) = credentials {
        builder = builder.credentials(credentials.clone());
    }
    match environment {
        Some(environment) => builder.environment(environment),
        None => builder,
    }
}

/// A call as a future that runs wherever it is polled, which must be inside a runtime of the core: for bindings that
/// drive it themselves with [`block_on`] or [`spawn`].
pub fn into_work<T: Send + 'static>(call: Call<T>) -> impl Future<Output = crate::Result<T>> + Send {
    call.into_work()
}

/// Reads the next page of a list: what is new in it, and nothing after the end of the list. For bindings, which cross
/// the language boundary once per page and not for every item.
pub fn next_items<T: Send + 'static>(listing: &Listing<T>) -> Call<Vec<T>> {
    listing.next_items()
}

/// The same, with the number of the page after it.
pub fn next_page<T: Send + 'static>(listing: &Listing<T>) -> Call<(Vec<T>, i64)> {
    listing.next_page()
}

/// [`DeviceAuthorization::h5_parameters`](crate::DeviceAuthorization::h5_parameters), from its parts.
pub fn h5_parameters(
    device_id: Option<&str>,
    token: &str,
    signaling_url: Option<&str>,
    uuid: Option<&str>,
) -> crate::Result<crate::H5Parameters> {
    crate::H5Parameters::of(device_id, token, signaling_url, uuid)
}

/// [`DeviceAuthorization::android_parameters`](crate::DeviceAuthorization::android_parameters), from its parts.
pub fn android_parameters(
    address: Option<&str>,
    port: Option<i64>,
    token: &str,
    userid: Option<&str>,
) -> crate::Result<crate::AndroidParameters> {
    crate::AndroidParameters::of(address, port, token, userid)
}

/// Checks an order as `create_instances` does before it sends it.
pub fn check_order(order: &crate::InstanceOrder) -> crate::Result<()> {
    order.validate()
}

/// Reads a time limit as the setting `timeout` has it: a number of seconds, a text like `2m`, or `none` for no limit.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(koophone::binding_support::time_limit("1.5"), Ok(Some(Duration::from_millis(1500))));
/// assert_eq!(koophone::binding_support::time_limit("none"), Ok(None));
/// assert!(koophone::binding_support::time_limit("soon").is_err());
/// ```
pub fn time_limit(text: &str) -> crate::Result<Option<Duration>> {
    crate::settings::time_limit(text)
}
