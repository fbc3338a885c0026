//! `koophone create`

use std::path::PathBuf;

use clap::Args;
use koophone::binding_support::check_order;
use koophone::{InstanceOrder, Order, PeriodUnit, Result};
use serde_json::{Map, Value, json};

use crate::confirm::{About, ConfirmArgs};
use crate::failure::RunResult;
use crate::json_file;
use crate::session::Session;
use crate::table::Table;

const EXAMPLES: &str = "\
Examples:
  koophone skus
  koophone create --os AOSP11 --sku-id kp.demo.large.1 --bandwidth-sku-id kp.demo.band \\
    --bandwidth-mbps 4 --in-region cn-north-4 --count 10 --months 1 --name-prefix grid-k3f9 \\
    --dry-run --json > order.json
  # asks for confirmation, unless --yes is given
  koophone create --order order.json";

/// Order phones (购买云手机). It costs money
///
/// Shows the order and asks for confirmation on a terminal; elsewhere --yes is required. Without --auto-pay the order
/// must be paid by hand. It is never sent twice: after exit code 11 look for the phones with koophone list --name
/// 'PREFIX*' and for the order in the console before you order again.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    order: OrderArgs,
    /// Validate the order and show it; send nothing. With --json the output is a file for --order
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    confirm: ConfirmArgs,
}

/// What to order. Options have the names of the core's fields, except where another name is clearer.
#[derive(Args, Debug)]
struct OrderArgs {
    /// JSON file with the order; options override it. - is standard input
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
    /// Android version: AOSP11, AOSP14, or another from koophone skus
    #[arg(long, required_unless_present = "order")]
    os: Option<String>,
    /// Specification
    #[arg(long, value_name = "ID", required_unless_present = "order")]
    sku_id: Option<String>,
    /// Bandwidth
    #[arg(long, value_name = "ID", required_unless_present = "order")]
    bandwidth_sku_id: Option<String>,
    /// Bandwidth in Mbit/s
    #[arg(long, value_name = "NUMBER", required_unless_present = "order", allow_negative_numbers = true)]
    bandwidth_mbps: Option<u32>,
    /// Region of the phones
    #[arg(long, value_name = "REGION", required_unless_present = "order")]
    in_region: Option<String>,
    /// Prefix of the phones' names, best unique to each order: at most 14 characters
    #[arg(long, value_name = "TEXT", required_unless_present = "order")]
    name_prefix: Option<String>,
    /// Number of phones: 1 to 1500
    #[arg(long, value_name = "NUMBER", required_unless_present = "order", allow_negative_numbers = true)]
    count: Option<u32>,
    /// Number of months: 1 to 9
    #[arg(
        long,
        value_name = "NUMBER",
        conflicts_with = "years",
        required_unless_present_any = ["order", "years"],
        allow_negative_numbers = true
    )]
    months: Option<u32>,
    /// Number of years: 1 to 3
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    years: Option<u32>,
    /// Pay from the account's balance at once
    #[arg(long)]
    auto_pay: bool,
    /// Renew the order, and pay again, at the end of each period
    #[arg(long)]
    auto_renew: bool,
    /// EIP, ADN, or a newer kind
    #[arg(long, value_name = "KIND")]
    network: Option<String>,
    /// Node group
    #[arg(long, value_name = "ID")]
    node_group: Option<String>,
}

impl OrderArgs {
    fn read(&self, session: &Session) -> Result<InstanceOrder> {
        let mut order = Map::from_iter([("auto_pay".into(), json!(false)), ("auto_renew".into(), json!(false))]);
        if let Some(path) = &self.order {
            order.extend(json_file::object(&session.input, path, "order", "the order")?);
        }
        let given = self.given().into_iter().filter(|(_, value)| !value.is_null());
        order.extend(given.map(|(field, value)| (field.to_owned(), value)));
        json_file::structure(order.into(), "order", "the order")
    }

    /// Fields of the order, null where no option is given.
    fn given(&self) -> [(&'static str, Value); 13] {
        let switch = |on: bool| if on { json!(true) } else { Value::Null };
        let unit = match (self.months, self.years) {
            (Some(_), _) => json!(PeriodUnit::Month),
            (None, Some(_)) => json!(PeriodUnit::Year),
            (None, None) => Value::Null,
        };
        [
            ("os", json!(self.os)),
            ("sku_id", json!(self.sku_id)),
            ("bandwidth_sku_id", json!(self.bandwidth_sku_id)),
            ("region", json!(self.in_region)),
            ("name_prefix", json!(self.name_prefix)),
            ("bandwidth_mbps", json!(self.bandwidth_mbps)),
            ("count", json!(self.count)),
            ("period_unit", unit),
            ("period_count", json!(self.months.or(self.years))),
            ("auto_pay", switch(self.auto_pay)),
            ("auto_renew", switch(self.auto_renew)),
            ("network", json!(self.network)),
            ("node_group_id", json!(self.node_group)),
        ]
    }
}

pub(crate) fn run(args: &CreateArgs, session: &Session) -> RunResult {
    let order = args.order.read(session)?;
    // Do not ask for confirmation of an invalid order.
    check_order(&order)?;
    if args.dry_run {
        session.output.show(&order, || summary(&order))?;
        session.output.note("nothing was ordered; run it without --dry-run to order");
        return Ok(());
    }
    let about = About::Order(summary(&order).render(false, None));
    let client = session.client_for("create_instances", &about, args.confirm)?;
    let waits = !order.auto_pay;
    let made = session.call(client.create_instances(order))?;
    session.output.show(&made, || table(&made))?;
    if waits {
        session.output.note("the order waits to be paid in the console; there are no phones until then");
    }
    Ok(())
}

fn summary(order: &InstanceOrder) -> Table {
    let (unit, many) = match order.period_unit {
        PeriodUnit::Year => ("year", order.period_count),
        _ => ("month", order.period_count),
    };
    let (pay, renew) = match (order.auto_pay, order.auto_renew) {
        (true, true) => ("at once, from the account's balance", "when the period ends, and paid again"),
        (true, false) => ("at once, from the account's balance", "no"),
        (false, true) => ("by hand", "when the period ends, and paid again"),
        (false, false) => ("by hand", "no"),
    };
    Table::of_fields([
        ("phones", Some(order.count.to_string())),
        ("paid for", Some(format!("{many} {unit}{}", if many == 1 { "" } else { "s" }))),
        ("paid", Some(pay.into())),
        ("renewed", Some(renew.into())),
        ("specification", Some(order.sku_id.clone())),
        ("system", Some(order.os.clone())),
        ("bandwidth", Some(format!("{} Mbit/s ({})", order.bandwidth_mbps, order.bandwidth_sku_id))),
        ("region", Some(order.region.clone())),
        ("names begin with", Some(order.name_prefix.clone())),
        ("network", order.network.clone()),
        ("node group", order.node_group_id.clone()),
    ])
}

fn table(order: &Order) -> Table {
    let mut table = Table::new(["ORDER", "PHONE", "NAME"]);
    if order.instances.is_empty() {
        table.row([order.order_id.as_str().into(), "".into(), "".into()]);
    }
    for phone in &order.instances {
        let name = phone.name.as_deref().unwrap_or_default();
        table.row([order.order_id.as_str().into(), phone.instance_id.as_str().into(), name.into()]);
    }
    table
}
