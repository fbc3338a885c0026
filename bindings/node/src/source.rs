//! What is asked again and again, and knows where it is: a list for its next page, a device token.

use std::sync::Arc;

use koophone::binding_support::next_items;
use koophone::{DeviceToken, Listing};
use napi_derive::napi;
use serde::Serialize;

use crate::calls::{Header, NativeCancelToken};
use crate::client::NativeClient;
use crate::{crossing, json};

/// Starts the same call whenever it is asked.
#[napi]
pub struct NativeSource(Box<dyn Fn(Header) -> napi::Result<()> + Send + Sync>);

#[napi]
impl NativeSource {
    /// Starts the call.
    #[napi]
    pub fn ask(
        &self,
        id: u32,
        timeout_ms: Option<f64>,
        repeatable: bool,
        check: bool,
        traceparent: Option<String>,
        cancel: Option<&NativeCancelToken>,
    ) -> napi::Result<()> {
        (self.0)(Header::new(id, timeout_ms, repeatable, check, traceparent, cancel))
    }
}

impl NativeClient {
    /// Gives what is new on the next page, nothing after the end, and the number of the page after it.
    pub(crate) fn listing<T: Serialize + Send + Sync + 'static>(&self, listing: Listing<T>) -> NativeSource {
        let (open, listing) = (self.open.clone(), Arc::new(listing));
        NativeSource(Box::new(move |header| {
            let pages = listing.clone();
            let cross = move |items, _| Ok(json::text(&(items, pages.page_no())).into());
            open.start(next_items(&listing), header, cross)
        }))
    }

    /// Gives the kept authorization or a new one.
    pub(crate) fn token(&self, token: DeviceToken) -> NativeSource {
        let open = self.open.clone();
        NativeSource(Box::new(move |header| open.start(token.get(), header, crossing::value)))
    }
}
