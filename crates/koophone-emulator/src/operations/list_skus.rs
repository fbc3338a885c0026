//! What can be ordered.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::ids::Generator;
use crate::operations::envelope::success;
use crate::quirk::{Quirk, Quirks};
use crate::sku::Sku;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// What an order names for its bandwidth.
pub(super) const BANDWIDTH_SKU: &str = "kp.demo.band";

pub(super) fn list_skus(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    if received.query("type").as_deref() != Some("0") {
        return Err(Refusal::parameter("type must be 0"));
    }
    let mut regions = BTreeMap::<&str, Vec<Value>>::new();
    for (number, sku) in world.options.skus.iter().enumerate() {
        regions.entry(sku.region(&world.options.region)).or_default().push(to_json(world.quirks, sku, number));
    }
    let regions: Vec<Value> =
        regions.into_iter().map(|(region, skus)| json!({"regionId": region, "skuResponses": skus})).collect();
    let data = json!({"bandInfo": {"cbcSkuId": BANDWIDTH_SKU}, "skuSpecResponseList": regions});
    Ok(success(world.quirks, Some(data)))
}

fn to_json(quirks: Quirks, sku: &Sku, number: usize) -> Value {
    let as_sample = quirks.has(Quirk::SampleTypes);
    let mut pools = Vec::new();
    for system in &sku.systems {
        for network in &sku.networks {
            let id = number * 100 + pools.len() + 1;
            // 19 digits, as in the service: more than a float holds.
            let pool_id = 1_600_000_000_000_000_000 + Generator::new(1, id as u64).below(1_000_000_000_000);
            let (version, pool_id) = (system, pool_id.to_string());
            pools.push(match as_sample {
                true => json!({"version": version, "resPoolId": pool_id, "id": id.to_string()}),
                false => json!({
                    "version": version, "resPoolId": pool_id, "id": id, "network": network, "enable": sku.enabled,
                }),
            });
        }
    }
    let bandwidths: Vec<String> = sku.bandwidths.iter().map(u32::to_string).collect();
    json!({
        "type": sku.kind, "cbcSkuId": sku.id, "name": sku.name, "calcSpec": sku.calc_spec,
        "storageSpec": sku.storage_spec, "specDesc": sku.specification(), "bandSize": bandwidths.join(","),
        "chargeMode": sku.charge_mode, "maxResolution": sku.max_resolution,
        "resourceSize": if as_sample { json!(1) } else { json!("1") },
        "poolInfo": {"aosp": pools},
    })
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::operations::test_support::{call, world};

    #[test]
    fn skus_are_grouped_by_region() {
        let mut world = world(1, |_| {});
        let (status, body) = call(&mut world, "GET", "/v1/instances/sku?type=0", &Value::Null);
        assert_eq!(status, 200);
        let regions = &body["data"]["skuSpecResponseList"];
        assert_eq!((&regions[0]["regionId"], &regions[1]["regionId"]), (&json!("cn-north-4"), &json!("cn-south-1")));
        let large = &regions[0]["skuResponses"][0];
        assert_eq!(
            (&large["bandSize"], &large["resourceSize"], &large["chargeMode"]),
            (&json!("4,8"), &json!("1"), &json!(2))
        );
        let pools = large["poolInfo"]["aosp"].as_array().unwrap();
        assert_eq!(pools.len(), 4);
        assert!(pools.iter().all(|pool| pool["resPoolId"].as_str().unwrap().len() == 19 && pool["id"].is_i64()));
        assert_eq!(regions[1]["skuResponses"][0]["poolInfo"]["aosp"][0]["enable"], false);
        for query in ["", "?type=1"] {
            let (status, body) = call(&mut world, "GET", &format!("/v1/instances/sku{query}"), &Value::Null);
            assert_eq!((status, &body["error_code"]), (400, &json!("KOOPHONE.API.1000")));
        }
    }
}
