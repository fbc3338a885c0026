//! `koophone skus`

use clap::Args;
use koophone::{Sku, SkuImage, SkuList};

use crate::failure::RunResult;
use crate::session::Session;
use crate::table::{Cell, Table};

const EXAMPLES: &str = "\
Examples:
  koophone skus
  koophone skus --json";

/// List the specifications of phones that can be ordered (查询云手机规格), without prices
///
/// For every region, not only the client's. A row has the values that koophone create needs.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SkusArgs {}

pub(crate) fn run(session: &Session) -> RunResult {
    let skus = session.call(session.client()?.list_skus())?;
    Ok(session.output.show(&skus, || table(&skus))?)
}

fn table(list: &SkuList) -> Table {
    let mut table =
        Table::new(["SKU", "REGION", "NAME", "COMPUTE", "STORAGE", "SCREEN", "OS", "MBIT/S", "BANDWIDTH SKU", "PAID"]);
    for sku in &list.skus {
        let text = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or_default());
        table.row([
            sku.sku_id.as_str().into(),
            text(&sku.region),
            text(&sku.name),
            text(&sku.compute),
            text(&sku.storage),
            text(&sku.max_resolution),
            sku.images.iter().map(image).collect::<Vec<_>>().join(", ").into(),
            sku.bandwidths_mbps.join(", ").into(),
            text(&list.bandwidth_sku_id),
            paid(sku).into(),
        ]);
    }
    table
}

fn image(image: &SkuImage) -> String {
    let network = image.network.as_ref().map(|network| format!("/{network}")).unwrap_or_default();
    let sold = if image.on_sale { "" } else { " (not on sale)" };
    format!("{}{network}{sold}", image.os.as_deref().unwrap_or("?"))
}

fn paid(sku: &Sku) -> String {
    match sku.charge_mode {
        Some(0) => "by period".into(),
        Some(1) => "by use".into(),
        Some(2) => "by period or use".into(),
        other => other.map(|number| number.to_string()).unwrap_or_default(),
    }
}
