//! A call that is made repeatedly: for the next page of a list, for a device token.

use koophone::Call;
use napi_derive::napi;
use serde::Serialize;

use crate::calls::Header;
use crate::client::NativeClient;
use crate::crossing;

/// Starts the same call every time.
#[napi]
pub struct NativeSource(pub(crate) Box<dyn Fn(Header) -> napi::Result<()> + Send + Sync>);

impl NativeClient {
    /// Returns the value of the call that `ask` makes.
    pub(crate) fn source<H, T>(&self, handle: H, ask: fn(&H) -> Call<T>) -> NativeSource
    where
        H: Send + Sync + 'static,
        T: Serialize + Send + 'static,
    {
        let open = self.open.clone();
        NativeSource(Box::new(move |header| open.start(ask(&handle), header, crossing::value)))
    }
}
