//! A call that is made repeatedly: for the next page of a list, for a device token.

use std::sync::Arc;

use koophone::binding_support::next_items;
use koophone::{Call, Listing};
use napi_derive::napi;
use serde::Serialize;

use crate::calls::Header;
use crate::client::NativeClient;
use crate::{crossing, json};

/// Starts the same call every time.
#[napi]
pub struct NativeSource(pub(crate) Box<dyn Fn(Header) -> napi::Result<()> + Send + Sync>);

impl NativeClient {
    /// Returns the new items of the next page, none after the end, and the number of the page after it.
    pub(crate) fn listing<T: Serialize + Send + Sync + 'static>(&self, listing: Listing<T>) -> NativeSource {
        let (open, listing) = (self.open.clone(), Arc::new(listing));
        NativeSource(Box::new(move |header| {
            let pages = listing.clone();
            let cross = move |items, _| Ok(json::text(&(items, pages.page_no())).into());
            open.start(next_items(&listing), header, cross)
        }))
    }

    /// Returns the value of the call of `handle`.
    pub(crate) fn source<H, T>(&self, handle: H, ask: fn(&H) -> Call<T>) -> NativeSource
    where
        H: Send + Sync + 'static,
        T: Serialize + Send + 'static,
    {
        let open = self.open.clone();
        NativeSource(Box::new(move |header| open.start(ask(&handle), header, crossing::value)))
    }
}
