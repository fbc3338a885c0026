//! A list of the core's, whose items cross page by page.

use koophone::Listing;
use koophone::binding_support::next_items;
use napi_derive::napi;
use serde::Serialize;

use crate::calls::Options;
use crate::client::NativeClient;
use crate::json;

/// A list, and where its reader is in it.
#[napi]
pub struct NativeListing {
    next: Box<dyn Fn(Options) -> napi::Result<()> + Send + Sync>,
    page_no: Box<dyn Fn() -> i64 + Send + Sync>,
}

#[napi]
impl NativeListing {
    /// Reads what is new on the next page; nothing after the end.
    #[napi]
    pub fn next_items(
        &self,
        id: u32,
        timeout_ms: Option<f64>,
        flags: u32,
        traceparent: Option<String>,
    ) -> napi::Result<()> {
        (self.next)(Options { id, timeout_ms, flags, traceparent })
    }

    /// The page that is read next.
    #[napi(getter)]
    pub fn page_no(&self) -> i64 {
        (self.page_no)()
    }
}

impl NativeClient {
    /// The list as the facade reads it.
    pub(crate) fn listing<T: Serialize + Send + Sync + 'static>(&self, listing: Listing<T>) -> NativeListing {
        let (open, listing) = (self.open().clone(), std::sync::Arc::new(listing));
        let pages = listing.clone();
        NativeListing {
            next: Box::new(move |options| {
                open.start(next_items(&pages), options, |items| Ok(json::text(&items).into()))
            }),
            page_no: Box::new(move || listing.page_no()),
        }
    }
}
