//! `create`: orders phones. Costs money.

use http::Method;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::validate;
use crate::model::{Error, ErrorKind, Operation, Param, ParamKind, Result, Returns, Target};
use crate::pipeline::{CallContext, Parts};
use crate::wire::{envelope, json};

pub(crate) const OPERATION: Operation = Operation {
    name: "create_instances",
    service_name: "create",
    method: Method::POST,
    path: "/v1/instances/create",
    doc: "Orders phones, paid by the month or year. The service has no idempotency key for orders, so give \
          each order a unique `name_prefix`: after a lost response look for it with `list_instances` before you order \
          again. An order without `auto_pay` waits to be paid by hand, and has no phones until then.",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: true,
    target: Target::None,
    params: &[Param {
        name: "order",
        kind: ParamKind::Struct("InstanceOrder"),
        doc: "What to order, for how long, and how to pay",
        default: None,
        secret: false,
    }],
    returns: Returns::Value("Order"),
    payload: &["orderId", "instanceInfos"],
};

/// Maximum number of phones per order. Newer documents say 2,000, but the service may still enforce the older figure.
const MAX_COUNT: i64 = 1500;
/// The only way to pay: per month or year.
const BY_PERIOD: u8 = 1;

/// The unit of the billing period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PeriodUnit {
    /// Months.
    Month,
    /// Years.
    Year,
}

/// An order of phones. Its values come from one entry of `list_skus`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InstanceOrder {
    /// Android version: `AOSP11`, `AOSP14`, or another one that the specification offers.
    pub os: String,
    /// The specification: `sku_id` of a `Sku`.
    pub sku_id: String,
    /// The bandwidth: `bandwidth_sku_id` of the `SkuList`.
    pub bandwidth_sku_id: String,
    /// The region: `region` of the `Sku`.
    pub region: String,
    /// Prefix of the phones' names: 1 to 14 characters, ideally unique to each order.
    pub name_prefix: String,
    /// Bandwidth in Mbit/s: one of the `Sku`'s `bandwidths_mbps`.
    pub bandwidth_mbps: u32,
    /// How many phones: 1 to 1,500.
    pub count: u32,
    /// The unit of the billing period.
    pub period_unit: PeriodUnit,
    /// The number of units: 1 to 9 months, or 1 to 3 years.
    pub period_count: u32,
    /// Whether the order is paid from the account's balance at once. Otherwise it must be paid by hand.
    #[serde(default)]
    pub auto_pay: bool,
    /// Whether it is renewed, and paid again, at the end of each period.
    #[serde(default)]
    pub auto_renew: bool,
    /// `EIP` (the service's default), `ADN`, or a newer kind of network.
    pub network: Option<String>,
    /// The node group, if any: at most 32 characters.
    pub node_group_id: Option<String>,
}

/// An order that the service accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Order {
    /// Its id.
    pub order_id: String,
    /// The phones that it creates.
    pub instances: Vec<OrderedInstance>,
}

/// A phone of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OrderedInstance {
    /// Its id.
    pub instance_id: String,
    /// Its name.
    pub name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    os: &'a str,
    instance_sku_id: &'a str,
    band_sku_id: &'a str,
    region_id: &'a str,
    instance_name_prefix: &'a str,
    band_size: u32,
    count: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_group_id: Option<&'a str>,
    charge_param: Charge,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Charge {
    charging_mode: u8,
    period_type: u8,
    period_num: u32,
    is_auto_pay: u8,
    is_auto_renew: u8,
}

#[derive(Deserialize)]
pub(crate) struct Data {
    #[serde(default, rename = "orderId", deserialize_with = "envelope::opaque_id")]
    order_id: Option<String>,
    #[serde(default, rename = "instanceInfos", deserialize_with = "instances")]
    instances: Vec<WireInstance>,
}

#[derive(Deserialize)]
struct WireInstance {
    #[serde(default, rename = "instanceId", deserialize_with = "envelope::opaque_id")]
    instance_id: Option<String>,
    #[serde(default, rename = "instanceName", deserialize_with = "envelope::text_or_number")]
    name: Option<String>,
}

/// The phones of an order. An unreadable entry must not cost the order's id, which is needed to pay for it.
fn instances<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<WireInstance>, D::Error> {
    let list = match Value::deserialize(deserializer)? {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    Ok(list.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}

impl InstanceOrder {
    pub(crate) fn validate(&self) -> Result<()> {
        for (name, value, most) in [
            ("os", &self.os, 64),
            ("sku_id", &self.sku_id, 64),
            ("bandwidth_sku_id", &self.bandwidth_sku_id, 64),
            ("region", &self.region, 64),
            ("name_prefix", &self.name_prefix, 14),
        ] {
            validate::text(name, value, most)?;
        }
        for (name, value) in [("network", &self.network), ("node_group_id", &self.node_group_id)] {
            value.as_ref().map_or(Ok(()), |value| validate::text(name, value, 32))?;
        }
        let most = match self.period_unit {
            PeriodUnit::Month => 9,
            PeriodUnit::Year => 3,
        };
        validate::number("count", self.count.into(), 1, MAX_COUNT)?;
        validate::number("period_count", self.period_count.into(), 1, most)?;
        validate::number("bandwidth_mbps", self.bandwidth_mbps.into(), 1, i64::from(u32::MAX))
    }

    fn request(&self) -> Request<'_> {
        Request {
            os: &self.os,
            instance_sku_id: &self.sku_id,
            band_sku_id: &self.bandwidth_sku_id,
            region_id: &self.region,
            instance_name_prefix: &self.name_prefix,
            band_size: self.bandwidth_mbps,
            count: self.count,
            network: self.network.as_deref(),
            node_group_id: self.node_group_id.as_deref(),
            charge_param: Charge {
                charging_mode: BY_PERIOD,
                period_type: match self.period_unit {
                    PeriodUnit::Month => 2,
                    PeriodUnit::Year => 3,
                },
                period_num: self.period_count,
                is_auto_pay: self.auto_pay.into(),
                is_auto_renew: self.auto_renew.into(),
            },
        }
    }
}

/// Sends the order.
pub(crate) async fn create_instances(context: &CallContext, order: InstanceOrder) -> Result<Order> {
    order.validate()?;
    let parts = Parts { body: Some(json::to_bytes(&order.request())?), ..Parts::default() };
    let (data, trace) = context.send::<Data>(&OPERATION, parts).await?;
    let Some((order_id, instances)) = data.and_then(|data| Some((data.order_id?, data.instances))) else {
        let message = "the response of create has no order id; look for the order's name_prefix with list_instances, \
            and in the list of orders, before you order again";
        let error = Error::new(ErrorKind::OutcomeUnknown, message).with(|error| error.maybe_executed = true);
        return Err(trace.attach_to(error));
    };
    let instance = |wire: WireInstance| Some(OrderedInstance { instance_id: wire.instance_id?, name: wire.name });
    Ok(Order { order_id, instances: instances.into_iter().filter_map(instance).collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order() -> InstanceOrder {
        InstanceOrder {
            os: "AOSP11".into(),
            sku_id: "kp.demo.large.1".into(),
            bandwidth_sku_id: "kp.demo.band".into(),
            region: "cn-north-4".into(),
            name_prefix: "grid-k3f9".into(),
            bandwidth_mbps: 4,
            count: 1,
            period_unit: PeriodUnit::Month,
            period_count: 1,
            auto_pay: false,
            auto_renew: false,
            network: None,
            node_group_id: None,
        }
    }

    #[test]
    fn an_order_has_the_names_of_the_wire() {
        let expected = json!({
            "os": "AOSP11", "instanceSkuId": "kp.demo.large.1", "bandSkuId": "kp.demo.band", "regionId": "cn-north-4",
            "instanceNamePrefix": "grid-k3f9", "bandSize": 4, "count": 1,
            "chargeParam": {"chargingMode": 1, "periodType": 2, "periodNum": 1, "isAutoPay": 0, "isAutoRenew": 0},
        });
        assert_eq!(serde_json::to_value(order().request()).unwrap(), expected);
    }

    #[test]
    fn an_order_has_an_id_whatever_the_response_says_about_its_phones() {
        let read = |data: &Value| serde_json::from_value::<Data>(data.clone()).unwrap();
        for infos in [json!("x"), json!({}), json!(7), json!(null), json!([1, "a", [], {"instanceId": ""}])] {
            let data = read(&json!({"orderId": "CS1", "instanceInfos": infos}));
            assert_eq!(data.order_id.as_deref(), Some("CS1"));
            assert!(data.instances.iter().all(|one| one.instance_id.is_none()));
        }
        for none in [json!(""), json!(null), json!({"a": 1}), json!([])] {
            assert_eq!(read(&json!({"orderId": none})).order_id, None);
        }
    }

    #[test]
    fn every_limit_is_checked() {
        assert!(order().validate().is_ok());
        let argument = |order: InstanceOrder| order.validate().unwrap_err().argument().unwrap_or_default().to_owned();
        assert_eq!(argument(InstanceOrder { name_prefix: "fifteen-letters".into(), ..order() }), "name_prefix");
        assert_eq!(argument(InstanceOrder { count: 0, ..order() }), "count");
        assert_eq!(argument(InstanceOrder { count: 1501, ..order() }), "count");
        assert_eq!(argument(InstanceOrder { period_count: 10, ..order() }), "period_count");
        let years = InstanceOrder { period_unit: PeriodUnit::Year, period_count: 4, ..order() };
        assert_eq!(argument(years), "period_count");
        assert_eq!(argument(InstanceOrder { bandwidth_mbps: 0, ..order() }), "bandwidth_mbps");
        assert_eq!(argument(InstanceOrder { node_group_id: Some(String::new()), ..order() }), "node_group_id");
    }
}
