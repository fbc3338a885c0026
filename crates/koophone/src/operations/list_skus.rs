//! `sku`: what can be ordered.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::model::{Operation, Result, Returns, Target};
use crate::pipeline::{CallContext, Parts};
use crate::wire::envelope;

pub(crate) const OPERATION: Operation = Operation {
    name: "list_skus",
    service_name: "sku",
    method: Method::GET,
    path: "/v1/instances/sku",
    doc: "Lists the specifications of phones that the account can order with `create_instances`, of every region, \
        without prices.",
    idempotent: true,
    read_only: true,
    destructive: false,
    costs_money: false,
    target: Target::None,
    params: &[],
    returns: Returns::Value("SkuList"),
    payload: &["bandInfo", "skuSpecResponseList"],
};

/// The only product type: cloud phones.
const CLOUD_PHONES: &str = "0";

/// What can be ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SkuList {
    /// Id of the bandwidth, for `bandwidth_sku_id` of an order.
    pub bandwidth_sku_id: Option<String>,
    /// The specifications, in the service's order.
    pub skus: Vec<Sku>,
}

/// One specification of a phone in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Sku {
    /// Its id, for `sku_id` of an order.
    pub sku_id: String,
    /// The region it is sold in, for `region` of an order.
    pub region: Option<String>,
    /// `ENTERPRISE`, `PROFESSIONAL`, `PERSONAL`, or a newer kind (`type`).
    pub category: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// CPU and memory as text, such as `4vCPUs | 8GB`.
    pub compute: Option<String>,
    /// Storage as text, such as `32GB`.
    pub storage: Option<String>,
    /// The service's description.
    pub description: Option<String>,
    /// The bandwidths to choose from, in Mbit/s.
    pub bandwidths_mbps: Vec<String>,
    /// How it can be billed: 0 per month or year, 1 by usage, 2 both.
    pub charge_mode: Option<i64>,
    /// The highest resolution, such as `720p`.
    pub max_resolution: Option<String>,
    /// Probably the increment of the number of phones in an order (`resourceSize`, hardly documented).
    pub resource_size: Option<String>,
    /// The Android versions it offers.
    pub images: Vec<SkuImage>,
}

/// An Android version that a specification offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SkuImage {
    /// The version, for `os` of an order, such as `AOSP11`.
    pub os: Option<String>,
    /// Id of the pool of machines.
    pub pool_id: Option<String>,
    /// Id of the image.
    pub image_id: Option<String>,
    /// `EIP` or `ADN`, for `network` of an order.
    pub network: Option<String>,
    /// Whether it is on sale; true if the service does not say.
    pub on_sale: bool,
}

#[derive(Default, Deserialize)]
pub(crate) struct Data {
    #[serde(default, rename = "bandInfo", deserialize_with = "envelope::object")]
    bandwidth: WireBandwidth,
    #[serde(default, rename = "skuSpecResponseList", deserialize_with = "envelope::list")]
    regions: Vec<WireRegion>,
}

#[derive(Default, Deserialize)]
struct WireBandwidth {
    #[serde(default, rename = "cbcSkuId", deserialize_with = "envelope::text_or_number")]
    sku_id: Option<String>,
}

#[derive(Deserialize)]
struct WireRegion {
    #[serde(default, rename = "regionId", deserialize_with = "envelope::text_or_number")]
    region: Option<String>,
    #[serde(default, rename = "skuResponses", deserialize_with = "envelope::list")]
    skus: Vec<WireSku>,
}

// docs/spec/wire-notes.md#49, #68: numbers that became text, and text that became numbers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSku {
    #[serde(default, rename = "type", deserialize_with = "envelope::text_or_number")]
    category: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    cbc_sku_id: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    name: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    calc_spec: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    storage_spec: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    spec_desc: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    band_size: Option<String>,
    #[serde(default, deserialize_with = "envelope::number")]
    charge_mode: Option<i64>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    max_resolution: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    resource_size: Option<String>,
    #[serde(default, deserialize_with = "envelope::object")]
    pool_info: WirePools,
}

#[derive(Default, Deserialize)]
struct WirePools {
    #[serde(default, deserialize_with = "envelope::list")]
    aosp: Vec<WireImage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireImage {
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    version: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    res_pool_id: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    id: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    network: Option<String>,
    #[serde(default, deserialize_with = "envelope::text_or_number")]
    enable: Option<String>,
}

impl From<WireImage> for SkuImage {
    fn from(wire: WireImage) -> Self {
        Self {
            os: wire.version,
            pool_id: wire.res_pool_id,
            image_id: wire.id,
            network: wire.network,
            on_sale: wire.enable.is_none_or(|text| text != "false"),
        }
    }
}

impl Sku {
    fn from_wire(region: Option<String>, wire: WireSku) -> Self {
        let bandwidths = wire.band_size.unwrap_or_default();
        let bandwidths = bandwidths.split(',').map(str::trim).filter(|size| !size.is_empty());
        Self {
            sku_id: wire.cbc_sku_id.unwrap_or_default(),
            region,
            category: wire.category,
            name: wire.name,
            compute: wire.calc_spec,
            storage: wire.storage_spec,
            description: wire.spec_desc,
            bandwidths_mbps: bandwidths.map(str::to_owned).collect(),
            charge_mode: wire.charge_mode,
            max_resolution: wire.max_resolution,
            resource_size: wire.resource_size,
            images: wire.pool_info.aosp.into_iter().map(SkuImage::from).collect(),
        }
    }
}

/// Reads the list.
pub(crate) async fn list_skus(context: &CallContext) -> Result<SkuList> {
    let parts = Parts { query: vec![("type", CLOUD_PHONES.to_owned())], ..Parts::default() };
    let (data, _) = context.send::<Data>(&OPERATION, parts).await?;
    let data = data.unwrap_or_default();
    let of_region = |of: WireRegion| {
        let region = of.region;
        of.skus.into_iter().map(move |sku| Sku::from_wire(region.clone(), sku))
    };
    Ok(SkuList {
        bandwidth_sku_id: data.bandwidth.sku_id,
        skus: data.regions.into_iter().flat_map(of_region).collect(),
    })
}
