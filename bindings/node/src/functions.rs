//! Functions that need no client.

use koophone::binding_support;
use napi_derive::napi;
use serde::Serialize;

use crate::json;

/// The parameters of the vendor's player for browsers, under its names, as JSON.
#[napi]
pub fn h5_parameters(
    device_id: Option<String>,
    token: String,
    signaling_url: Option<String>,
    uuid: Option<String>,
) -> napi::Result<String> {
    let (device_id, signaling_url) = (device_id.as_deref(), signaling_url.as_deref());
    serialised(binding_support::h5_parameters(device_id, &token, signaling_url, uuid.as_deref()))
}

/// The parameters of the vendor's player for Android, under its names, as JSON.
#[napi]
pub fn android_parameters(
    address: Option<String>,
    port: Option<i64>,
    token: String,
    userid: Option<String>,
) -> napi::Result<String> {
    serialised(binding_support::android_parameters(address.as_deref(), port, &token, userid.as_deref()))
}

fn serialised(parameters: koophone::Result<impl Serialize>) -> napi::Result<String> {
    let parameters = parameters.map_err(|error| json::exception(&error))?;
    // Texts and numbers can always be serialised.
    Ok(serde_json::to_string(&parameters).unwrap_or_default())
}

/// The name that was probably meant, whatever its case.
#[napi]
pub fn nearest(name: String, known: Vec<String>) -> Option<String> {
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    binding_support::nearest(&name.to_lowercase(), lower.iter().map(String::as_str).zip(known))
}
