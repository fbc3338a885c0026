//! `{id}/auth`: the credential and addresses to stream from one phone.

use std::time::SystemTime;

use http::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::device::{life, moment};
use crate::model::{
    DeviceAuthorization, Error, ErrorKind, InstanceId, Operation, Result, Returns, StreamAddress, Target,
};
use crate::pipeline::{CallContext, Parts};
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "get_device_token",
    service_name: "the request for a device token",
    method: Method::POST,
    path: "/v1/instances/{}/auth",
    doc: "Gets the credential and addresses to stream from one phone. The result holds secrets: do not print it. A \
        new token does not invalidate an earlier one.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::Phone,
    params: &[],
    returns: Returns::Value("DeviceAuthorization"),
    payload: &["device_token"],
};

#[derive(Deserialize)]
pub(crate) struct Data {
    device_token: String,
    #[serde(default, rename = "streamingId", alias = "streaming_id")]
    streaming_id: Option<String>,
    #[serde(default)]
    resource: Option<Resource>,
}

#[derive(Default, Deserialize)]
struct Resource {
    #[serde(default)]
    sdk: Option<Sdk>,
    #[serde(default)]
    rtc: Option<Rtc>,
    #[serde(default)]
    device_id: Option<String>,
}

#[derive(Default, Deserialize)]
struct Sdk {
    #[serde(default)]
    internal: Option<Address>,
    #[serde(default)]
    external: Option<Address>,
}

#[derive(Default, Deserialize)]
struct Address {
    #[serde(default)]
    address: Option<String>,
    #[serde(default, deserialize_with = "envelope::number")]
    aport: Option<i64>,
    #[serde(default, deserialize_with = "envelope::number")]
    atype: Option<i64>,
    #[serde(default)]
    address_ipv6: Option<String>,
    #[serde(default)]
    address_adn: Option<String>,
}

#[derive(Default, Deserialize)]
struct Rtc {
    #[serde(default)]
    ice_signaling: Option<IceSignaling>,
}

#[derive(Default, Deserialize)]
struct IceSignaling {
    #[serde(default)]
    signaling_url: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    expired_time: Option<String>,
    // docs/spec/wire-notes.md#44: no example has an element, so the JSON is passed on unchanged.
    #[serde(default)]
    ice_servers: Option<Box<RawValue>>,
}

/// Sends the request and reads the credential.
pub(crate) async fn get_device_token(context: &CallContext, instance_id: InstanceId) -> Result<DeviceAuthorization> {
    let parts = Parts { id: Some(instance_id.as_str()), ..Parts::default() };
    let (data, trace) = context.send::<Data>(&OPERATION, parts).await.map_err(|error| {
        // A successful response contains the device token, wherever it is.
        let granted = error.http_status().is_some_and(|status| (200..300).contains(&status));
        if granted { error.with(|details| details.excerpt = None) } else { error }
    })?;
    let Some(data) = data else {
        let message = "the response to the request for a device token has no data";
        return Err(trace.attach_to(Error::new(ErrorKind::Protocol, message)));
    };
    let resource = data.resource.unwrap_or_default();
    let sdk = resource.sdk.unwrap_or_default();
    let signaling = resource.rtc.unwrap_or_default().ice_signaling.unwrap_or_default();
    // The response's own time, because this machine's clock may be wrong.
    let begun = trace.date().unwrap_or_else(SystemTime::now);
    let ends = life(signaling.expired_time.as_deref()).and_then(|life| begun.checked_add(life));
    Ok(DeviceAuthorization {
        instance_id,
        device_id: resource.device_id,
        token: data.device_token,
        streaming_id: data.streaming_id,
        signaling_url: signaling.signaling_url,
        expired_time: signaling.expired_time,
        expires_at: ends.and_then(moment),
        ice_servers: signaling.ice_servers.map_or_else(|| "[]".to_owned(), |raw| raw.get().to_owned()),
        internal: sdk.internal.unwrap_or_default().into(),
        external: sdk.external.unwrap_or_default().into(),
    })
}

impl From<Address> for StreamAddress {
    fn from(wire: Address) -> Self {
        Self {
            address: wire.address,
            port: wire.aport,
            access_type: wire.atype,
            address_ipv6: wire.address_ipv6,
            address_adn: wire.address_adn,
        }
    }
}
