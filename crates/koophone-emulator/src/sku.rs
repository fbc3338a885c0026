//! What can be ordered.

use serde::{Deserialize, Serialize};

/// A specification that can be ordered in a region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
// Clients have a type of the name Sku.
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema), schemars(rename = "EmulatorSku"))]
#[serde(deny_unknown_fields, default)]
pub struct Sku {
    /// Its id.
    pub id: String,
    /// Region; that of the emulator by default.
    pub region: Option<String>,
    /// Its name.
    pub name: String,
    /// `ENTERPRISE`, `PROFESSIONAL`, `PERSONAL`, or a newer kind.
    pub kind: String,
    /// Processors and memory.
    pub calc_spec: String,
    /// Storage.
    pub storage_spec: String,
    /// The bandwidths it offers, in Mbit/s.
    pub bandwidths: Vec<u32>,
    /// The operating systems it is sold with.
    pub systems: Vec<String>,
    /// The networks it is sold with: `EIP`, `ADN`.
    pub networks: Vec<String>,
    /// Highest resolution.
    pub max_resolution: String,
    /// 0: sold per month or year, 1: by usage, 2: both.
    pub charge_mode: i64,
    /// Whether it is on sale.
    pub enabled: bool,
}

impl Default for Sku {
    fn default() -> Self {
        Self {
            id: "kp.demo.large.1".to_owned(),
            region: None,
            name: "large".to_owned(),
            kind: "ENTERPRISE".to_owned(),
            calc_spec: "4vCPUs | 8GB".to_owned(),
            storage_spec: "32GB".to_owned(),
            bandwidths: vec![4, 8],
            systems: vec!["AOSP11".to_owned(), "AOSP14".to_owned()],
            networks: vec!["EIP".to_owned(), "ADN".to_owned()],
            max_resolution: "720p".to_owned(),
            charge_mode: 2,
            enabled: true,
        }
    }
}

impl Sku {
    /// The one of docs/spec/newer-operations.md, a small one, and one in another region that is no longer sold.
    pub(crate) fn defaults() -> Vec<Self> {
        let large = Self::default();
        let small = Self {
            id: "kp.demo.small.1".to_owned(),
            name: "small".to_owned(),
            kind: "PROFESSIONAL".to_owned(),
            calc_spec: "2vCPUs | 4GB".to_owned(),
            storage_spec: "16GB".to_owned(),
            bandwidths: vec![2, 4],
            systems: vec!["AOSP11".to_owned()],
            networks: vec!["EIP".to_owned()],
            ..Self::default()
        };
        let old = Self {
            id: "kp.demo.old.1".to_owned(),
            region: Some("cn-south-1".to_owned()),
            name: "old".to_owned(),
            systems: vec!["AOSP9".to_owned()],
            enabled: false,
            ..small.clone()
        };
        vec![large, small, old]
    }

    /// Its description.
    pub(crate) fn specification(&self) -> String {
        format!("{} | {}", self.calc_spec, self.storage_spec)
    }

    /// Its region, given that of the emulator.
    pub(crate) fn region<'a>(&'a self, own: &'a str) -> &'a str {
        self.region.as_deref().unwrap_or(own)
    }
}
