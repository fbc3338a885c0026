//! Video settings: validated as documented, and kept on each phone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::journal::JournalKind;
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, targets};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

const NETWORKS: [&str; 3] = ["MOBILE_NETWORK", "WIFI", "WIRED"];
const CODECS: [&str; 2] = ["H264", "H265"];
const DEFINITIONS: [&str; 3] = ["definition_540P", "definition_720P", "definition_1080P"];

/// docs/spec/wire-notes.md#32. The limit of 10 settings needs no check: no pair may occur twice, and there are six.
const MOST_GROUPS: usize = 3;

/// Network and codec, and the groups for them.
type Settings = BTreeMap<(String, String), Value>;

pub(super) fn set_video_settings(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let body = json_object(received)?;
    let settings = read_settings(&body, world.has(Quirk::StrictVideo)).map_err(Refusal::parameter)?;
    let targets = targets(world, &body, "instance_ids", MOST_PHONES)?;
    for id in &targets.unique {
        if let Some(phone) = world.fleet.get_mut(id) {
            phone.data.video.extend(settings.clone());
        }
        world.record(JournalKind::VideoSettings, id, None, None, received.x_request_id());
    }
    Ok(success(world.quirks, None))
}

fn read_settings(body: &Value, strict: bool) -> Result<Settings, String> {
    let list = body.get("instance_settings").and_then(Value::as_array).ok_or("instance_settings is not a list")?;
    let mut settings = Settings::new();
    for (number, setting) in list.iter().enumerate() {
        let place = format!("instance_settings[{number}]");
        let network = one_of(setting, "network_type", &NETWORKS, &place)?;
        let codec = one_of(setting, "encoding_type", &CODECS, &place)?;
        let groups = setting.get("video_spec_groups").and_then(Value::as_array);
        let groups = groups
            .filter(|groups| !groups.is_empty())
            .ok_or_else(|| format!("{place}.video_spec_groups is empty or not a list"))?;
        let most = if strict { 1 } else { MOST_GROUPS };
        if groups.len() > most {
            return Err(format!("{place}.video_spec_groups has {} elements; the limit is {most}", groups.len()));
        }
        for group in groups {
            check_group(group, strict, &place)?;
        }
        if settings.insert((network, codec), Value::Array(groups.clone())).is_some() {
            return Err(format!("{place} repeats a pair of network_type and encoding_type"));
        }
    }
    let fewest = if strict { NETWORKS.len() * CODECS.len() } else { 1 };
    if settings.len() < fewest {
        return Err(format!("instance_settings has {} pairs, at least {fewest} are needed", settings.len()));
    }
    Ok(settings)
}

fn one_of(setting: &Value, key: &str, allowed: &[&str], place: &str) -> Result<String, String> {
    match setting.get(key).and_then(Value::as_str) {
        Some(value) if allowed.contains(&value) => Ok(value.to_owned()),
        _ => Err(format!("{place}.{key} must be one of {}", allowed.join(", "))),
    }
}

fn check_group(group: &Value, strict: bool, place: &str) -> Result<(), String> {
    let lowest = if strict { 100 } else { 0 };
    for definition in DEFINITIONS {
        let spec = group.get(definition).ok_or_else(|| format!("{place}: {definition} is missing"))?;
        let rate = spec.get("code_rate").and_then(Value::as_i64);
        if !rate.is_some_and(|rate| (lowest..=10_000).contains(&rate) && rate % 100 == 0) {
            return Err(format!("{place}: {definition}.code_rate must be a multiple of 100 from {lowest} to 10000"));
        }
        if !matches!(spec.get("fps").and_then(Value::as_i64), Some(30 | 60)) {
            return Err(format!("{place}: {definition}.fps must be 30 or 60"));
        }
    }
    Ok(())
}
