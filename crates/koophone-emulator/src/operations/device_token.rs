//! Device tokens: the credential and the addresses for streaming.

use serde_json::{Value, json};

use crate::ids::{IdKind, fixed_hex32};
use crate::operations::envelope::success;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn get_device_token(world: &mut World, received: &Received, instance_id: &str) -> Result<Reply, Refusal> {
    check_body(world, received)?;
    let Some(number) = world.fleet.number(instance_id) else {
        return Err(Refusal::no_permission());
    };
    let quirks = world.quirks;
    let nulls = quirks.has(Quirk::NullFields);
    let swapped = quirks.has(Quirk::SwappedAportTypes);
    // According to the table: text under `internal` and a number under `external` (docs/spec/wire-notes.md#43).
    let typed = |value: usize, as_text: bool| if as_text != swapped { json!(value.to_string()) } else { json!(value) };
    let last = number % 250 + 1;
    let mut internal = if nulls {
        Value::Null
    } else if quirks.has(Quirk::InternalAddress) {
        json!({"address": format!("192.168.0.{last}"), "aport": typed(10_030, true),
        "atype": typed(1, true), "address_ipv6": null})
    } else {
        json!({"address": null, "aport": null, "atype": null, "address_ipv6": null})
    };
    let mut external = if nulls {
        json!({"address": null, "aport": null, "atype": null, "address_ipv6": null})
    } else {
        json!({
            "address": format!("10.83.71.{last}"), "aport": typed(10_030 + number % 50_000, false),
        "atype": typed(1, false),
            "address_ipv6": null
        })
    };
    let ice_servers = if quirks.has(Quirk::IceServersPresent) {
        json!(["stun:10.83.71.1:3478", {"urls": ["turn:10.83.71.1:3478"]}])
    } else {
        json!([])
    };
    let ice_signaling = json!({
        "signaling_url": if nulls { Value::Null } else { "http://100.93.2.248:18082".into() },
        "expired_time": if quirks.has(Quirk::ExpiredTimePresent) && !nulls { json!("86400") } else { Value::Null },
        "ice_servers": ice_servers,
    });
    let mut resource = json!({
        "rtc": {"ice_signaling": ice_signaling},
        "device_id": fixed_hex32(world.options.seed, instance_id),
        "kp_id": instance_id,
    });
    let device_token = world.ids.hex32(IdKind::DeviceToken);
    let mut data = json!({"device_token": device_token});
    if quirks.has(Quirk::NewerFields) {
        external["address_adn"] = "adn.example".into();
        if internal.is_object() {
            internal["address_adn"] = Value::Null;
        }
        for field in ["app_ip_synchronize_list", "fingerprint_id", "ip_proxy"] {
            resource[field] = Value::Null;
        }
        data["streamingId"] = fixed_hex32(world.options.seed, &device_token).into();
    }
    resource["sdk"] = json!({"internal": internal, "external": external});
    data["resource"] = resource;
    Ok(success(quirks, Some(data)))
}

/// No body, an empty one and `{}` are all accepted (docs/spec/wire-notes.md#30).
fn check_body(world: &World, received: &Received) -> Result<(), Refusal> {
    let is_object = || received.json().is_some_and(|body| body.is_object());
    let good = if world.has(Quirk::AuthNeedsBody) { is_object() } else { received.body.is_empty() || is_object() };
    if good { Ok(()) } else { Err(Refusal::parameter("the body must be {}")) }
}
