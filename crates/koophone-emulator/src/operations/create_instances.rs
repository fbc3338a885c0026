//! Orders phones.

use serde_json::{Value, json};

use crate::ids::IdKind;
use crate::journal::JournalKind;
use crate::operations::envelope::success;
use crate::operations::fields::{integer, json_object, text};
use crate::operations::list_skus::BANDWIDTH_SKU;
use crate::phone::contract::Contract;
use crate::sku::Sku;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// docs/spec/wire-notes.md#33
const MOST_PHONES: i64 = 2000;
/// Maximum length in characters of the id of an SKU or a region.
const LONGEST_ID: usize = 64;
const LONGEST_PREFIX: usize = 14;
const BY_USE_ONLY: i64 = 1;
const BY_MONTH: i64 = 2;

pub(super) fn create_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let order = Order::read(world, &json_object(received)?)?;
    let order_id = format!("CS{}", world.ids.hex32(IdKind::Order)[..14].to_ascii_uppercase());
    let created_ms = world.clock.now_ms();
    let mut phones = Vec::new();
    for number in 1..=order.count {
        let contract = Contract {
            name: format!("{}-{number:05}", order.prefix),
            region: order.region.clone(),
            specification: Some(order.specification.clone()),
            order_id: Some(order_id.clone()),
            is_yearly: true,
            created_ms,
        };
        phones.push((world.new_phone_id(), contract));
    }
    let infos: Vec<Value> =
        phones.iter().map(|(id, contract)| json!({"instanceId": id, "instanceName": contract.name})).collect();
    for (id, _) in &phones {
        world.record(JournalKind::Create, id, Some(&order_id), None, received.x_request_id());
    }
    let data = json!({"orderId": order_id, "instanceInfos": infos});
    world.order(order_id, phones, order.is_paid);
    Ok(success(world.quirks, Some(data)))
}

/// An order that can be carried out.
struct Order {
    prefix: String,
    region: String,
    specification: String,
    count: i64,
    is_paid: bool,
}

impl Order {
    fn read(world: &World, body: &Value) -> Result<Self, Refusal> {
        let system = match body.get("os") {
            None | Some(Value::Null) => "",
            Some(_) => &text(body, "os", LONGEST_ID)?,
        };
        if system.is_empty() {
            return Err(Refusal::service(200, "KOOPHONE.API.3003", "os is missing"));
        }
        let (sku_id, band) = (text(body, "instanceSkuId", LONGEST_ID)?, text(body, "bandSkuId", LONGEST_ID)?);
        let (region, prefix) = (text(body, "regionId", LONGEST_ID)?, text(body, "instanceNamePrefix", LONGEST_PREFIX)?);
        let size = body.get("bandSize");
        let size = size.and_then(|size| size.as_f64().or_else(|| size.as_str()?.parse().ok()));
        let size = size.ok_or_else(|| Refusal::parameter("bandSize is not a number"))?;
        let count = integer(body, "count", 1, MOST_PHONES)?;
        let network = match body.get("network") {
            None | Some(Value::Null) => "EIP".to_owned(),
            Some(_) => text(body, "network", LONGEST_ID)?,
        };
        if body.get("nodeGroupId").is_some_and(|id| !id.is_null()) {
            text(body, "nodeGroupId", 32)?;
        }
        let is_paid = is_paid(body)?;
        let skus = world.options.skus.iter();
        let sku = skus.filter(|sku| sku.region(&world.options.region) == region).find(|sku| sku.id == sku_id);
        let sku = sku.filter(|sku| sku.enabled && sku.charge_mode != BY_USE_ONLY && band == BANDWIDTH_SKU);
        let sku = sku.ok_or_else(|| {
            let text = format!("{sku_id} with {band} is not on sale in {region}");
            Refusal::service(200, "KOOPHONE.API.3002", text)
        })?;
        fits(sku, system, &network, size)?;
        Ok(Self { prefix, region, specification: sku.specification(), count, is_paid })
    }
}

/// Validates the choices that the SKU allows.
fn fits(sku: &Sku, system: &str, network: &str, bandwidth: f64) -> Result<(), Refusal> {
    let has = |list: &[String], wanted: &str| list.iter().any(|one| one == wanted);
    if !has(&sku.systems, system) {
        return Err(Refusal::parameter(format!("os {system} is not one of {}", sku.systems.join(", "))));
    }
    if !has(&sku.networks, network) {
        return Err(Refusal::parameter(format!("network {network} is not one of {}", sku.networks.join(", "))));
    }
    if !sku.bandwidths.iter().any(|one| f64::from(*one) == bandwidth) {
        return Err(Refusal::parameter(format!("bandSize {bandwidth} is not one of {:?}", sku.bandwidths)));
    }
    Ok(())
}

/// Reads how the order is paid, and whether at once.
fn is_paid(body: &Value) -> Result<bool, Refusal> {
    let charge = body.get("chargeParam").filter(|charge| charge.is_object());
    let charge = charge.ok_or_else(|| Refusal::parameter("chargeParam is not an object"))?;
    integer(charge, "chargingMode", 1, 1)?;
    let (most, code, unit) = match integer(charge, "periodType", BY_MONTH, 3)? {
        BY_MONTH => (9, "KOOPHONE.API.3006", "months"),
        _ => (3, "KOOPHONE.API.3007", "years"),
    };
    let periods = integer(charge, "periodNum", i64::MIN, i64::MAX)?;
    if !(1..=most).contains(&periods) {
        return Err(Refusal::service(200, code, format!("periodNum must be 1 to {most} {unit}")));
    }
    let switch = |name: &str| match charge.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(_) => integer(charge, name, 0, 1).map(|number| number == 1),
    };
    switch("isAutoRenew")?;
    switch("isAutoPay")
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::operations::test_support::{good, journal, refused, states, world};

    fn order(change: impl FnOnce(&mut Value)) -> Value {
        let charge = json!({"chargingMode": 1, "periodType": 2, "periodNum": 1, "isAutoPay": 1, "isAutoRenew": 0});
        let mut order = json!({
            "os": "AOSP11", "instanceSkuId": "kp.demo.large.1", "bandSkuId": BANDWIDTH_SKU, "regionId": "cn-north-4",
            "instanceNamePrefix": "grid-k3f9", "bandSize": 4.0, "count": 2, "chargeParam": charge,
        });
        change(&mut order);
        order
    }

    #[test]
    fn a_paid_order_creates_its_phones_at_once() {
        let mut world = world(1, |_| {});
        let data = good(&mut world, "create", &order(|_| {}));
        let (order_id, infos) = (data["orderId"].as_str().unwrap(), data["instanceInfos"].as_array().unwrap());
        assert_eq!((order_id.len(), infos.len(), &infos[1]["instanceName"]), (16, 2, &json!("grid-k3f9-00002")));
        let ids: Vec<&str> = infos.iter().map(|info| info["instanceId"].as_str().unwrap()).collect();
        assert_eq!(
            (world.fleet.ids(), states(&world, &ids)),
            (&["a", ids[0], ids[1]].map(str::to_owned)[..], vec![2, 2])
        );
        let contract = world.fleet.contract(ids[0]).unwrap();
        assert_eq!((contract.billing_mode(), contract.order_id.as_deref()), ("1", Some(order_id)));
        let entry = |id: &str| (JournalKind::Create, id.to_owned(), Some(order_id.to_owned()));
        assert_eq!(journal(&world), [entry(ids[0]), entry(ids[1])]);
    }

    #[test]
    fn an_unpaid_order_has_no_phones_until_it_is_paid() {
        let mut world = world(1, |_| {});
        let data = good(&mut world, "create", &order(|order| order["chargeParam"]["isAutoPay"] = 0.into()));
        let other = good(&mut world, "create", &order(|order| order["chargeParam"]["isAutoPay"] = Value::Null));
        assert_ne!(data["orderId"], other["orderId"], "a repeat is another order");

        assert_eq!(world.fleet.ids().len(), 1);
        let order_id = data["orderId"].as_str().unwrap();
        assert!(world.pay_order(order_id) && !world.pay_order(order_id) && !world.pay_order("CS"));
        assert_eq!(
            world.fleet.ids()[1..],
            ["instanceInfos"]
                .map(|_| data["instanceInfos"][0]["instanceId"].as_str().unwrap().to_owned())
                .into_iter()
                .chain([data["instanceInfos"][1]["instanceId"].as_str().unwrap().to_owned()])
                .collect::<Vec<_>>()
        );
    }

    // docs/spec/wire-notes.md#68
    #[test]
    fn numbers_may_be_written_as_text() {
        let mut world = world(1, |_| {});
        let as_text = order(|order| (order["count"], order["bandSize"]) = ("2".into(), "4".into()));
        assert_eq!(good(&mut world, "create", &as_text)["instanceInfos"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn an_order_that_cannot_be_carried_out_is_refused() {
        let mut world = world(1, |_| {});
        let cases: [(&str, Value, (u16, &str)); 15] = [
            ("/instanceSkuId", json!("kp.demo.huge.1"), (200, "3002")),
            ("/regionId", json!("cn-east-3"), (200, "3002")),
            ("/bandSkuId", json!("kp.other"), (200, "3002")),
            ("/os", Value::Null, (200, "3003")),
            ("/os", json!("AOSP99"), (400, "1000")),
            ("/bandSize", json!(5), (400, "1000")),
            ("/network", json!("LAN"), (400, "1000")),
            ("/count", json!(0), (400, "1000")),
            ("/count", json!(2001), (400, "1000")),
            ("/instanceNamePrefix", json!("fifteen-letters"), (400, "1000")),
            ("/chargeParam", json!(1), (400, "1000")),
            ("/chargeParam/periodNum", json!(10), (200, "3006")),
            ("/chargeParam/periodType", json!(4), (400, "1000")),
            ("/chargeParam/chargingMode", json!(2), (400, "1000")),
            ("/chargeParam/isAutoPay", json!(2), (400, "1000")),
        ];
        for (place, value, refusal) in cases {
            let body = order(|order| match order.pointer_mut(place) {
                Some(field) => *field = value.clone(),
                None => order[&place[1..]] = value.clone(),
            });
            let (status, code) = refused(&mut world, "create", &body);
            assert_eq!((status, code.as_str()), refusal, "{place} {value}");
        }
        let years = order(|order| order["chargeParam"] = json!({"chargingMode": 1, "periodType": 3, "periodNum": 4}));
        assert_eq!(refused(&mut world, "create", &years), (200, "3007".to_owned()));
        assert!(journal(&world).is_empty() && world.fleet.ids().len() == 1);
    }
}
