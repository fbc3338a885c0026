//! Device tokens that are renewed in time, and what players take.

use std::sync::Arc;

use koophone::{DeviceToken, binding_support};
use napi_derive::napi;

use crate::calls::{Open, Options};
use crate::client::NativeClient;
use crate::json;

/// A device token that is renewed before it ends.
#[napi]
pub struct NativeDeviceToken {
    open: Arc<Open>,
    token: DeviceToken,
}

#[napi]
impl NativeDeviceToken {
    /// Gives the kept authorization or a new one.
    #[napi]
    pub fn get(&self, id: u32, timeout_ms: Option<f64>, flags: u32, traceparent: Option<String>) -> napi::Result<()> {
        let options = Options { id, timeout_ms, flags, traceparent };
        self.open.start(self.token.get(), options, |authorization| Ok(json::text(&authorization).into()))
    }
}

#[napi]
impl NativeClient {
    /// Nothing is sent yet.
    #[napi]
    pub fn device_token(&self, instance_id: String) -> NativeDeviceToken {
        NativeDeviceToken { open: self.open().clone(), token: self.client().device_token(instance_id) }
    }
}

/// What the vendor's player for browsers takes, under the names that it has there.
#[napi]
pub fn h5_parameters(
    device_id: Option<String>,
    token: String,
    signaling_url: Option<String>,
    uuid: Option<String>,
) -> napi::Result<String> {
    let parameters =
        binding_support::h5_parameters(device_id.as_deref(), &token, signaling_url.as_deref(), uuid.as_deref());
    let parameters = parameters.map_err(|error| json::exception(&error))?;
    serde_json::to_string(&parameters).map_err(|error| napi::Error::from_reason(error.to_string()))
}
