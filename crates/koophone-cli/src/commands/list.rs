//! `koophone list`

use clap::Args;
use glob::Pattern;
use koophone::{Instance, InstanceFilter, InstanceState};

use crate::failure::RunResult;
use crate::output::word;
use crate::page_args::PageArgs;
use crate::phone_args::{fits, pattern, with_ids};
use crate::session::Session;
use crate::table::{Cell, Table, Tone};

const EXAMPLES: &str = "\
Examples:
  koophone list
  # the first ten whose name matches
  koophone list --name 'grid-*' --limit 10
  # ids for another command
  koophone list --ids --pool-scene CLOUD_PHONE | koophone exec -- getprop ro.product.model
  koophone list --json > phones.json";

/// List the phones of the account (查询云手机列表)
///
/// Reads all pages and shows every phone once. The word in STATE is as defined by the original API reference; see
/// koophone status.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// Only phones whose name matches, with * and ? as in a shell. No match is not an error here; commands that act on
    /// phones need at least one
    #[arg(long, value_name = "PATTERN", value_parser = pattern, conflicts_with = "page")]
    name: Option<Pattern>,
    /// Print only ids, one per line, as the pages arrive
    #[arg(long, conflicts_with_all = ["json", "page"])]
    ids: bool,
    #[command(flatten)]
    pages: PageArgs,
}

/// Filters that the service applies.
#[derive(Args, Debug)]
#[command(next_help_heading = "Filters of the service")]
struct FilterArgs {
    /// The phone with this id
    #[arg(long, value_name = "ID")]
    instance_id: Option<String>,
    /// Phones with this name
    #[arg(long, value_name = "NAME")]
    instance_name: Option<String>,
    /// Start of a period in UTC, yyyy-MM-dd HH:mm:ss. The service does not say which time of a phone it compares
    #[arg(long, value_name = "TIME")]
    start_time: Option<String>,
    /// End of the period
    #[arg(long, value_name = "TIME")]
    end_time: Option<String>,
    /// CLOUD_APP, CLOUD_PHONE, or a newer kind
    #[arg(long, value_name = "KIND")]
    pool_scene: Option<String>,
    /// Phones of this node group
    #[arg(long, value_name = "NAME")]
    pool_name: Option<String>,
    /// asc or desc
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// The field to sort by; the service does not document the names
    #[arg(long, value_name = "FIELD")]
    order_by: Option<String>,
}

impl FilterArgs {
    fn filter(&self) -> InstanceFilter {
        InstanceFilter {
            instance_id: self.instance_id.clone(),
            instance_name: self.instance_name.clone(),
            start_time: self.start_time.clone(),
            end_time: self.end_time.clone(),
            pool_scene: self.pool_scene.clone(),
            pool_name: self.pool_name.clone(),
            order: self.order.clone(),
            order_by: self.order_by.clone(),
        }
    }
}

pub(crate) fn run(args: &ListArgs, session: &Session) -> RunResult {
    let (client, filter) = (session.client()?, args.filter.filter());
    if let Some(page_no) = args.pages.page {
        let page = session.call(client.list_instances_page(filter, page_no, args.pages.page_size))?;
        return Ok(session.output.show(&page, || table(&page.items))?);
    }
    let (mut phones, mut found) = (Vec::new(), false);
    let wanted = |phone: &Instance| fits(args.name.as_ref(), phone);
    args.pages.each_page(client.list_instances(filter), session, wanted, |page| match args.ids {
        true => with_ids(page, session).for_each(|phone| {
            found = true;
            session.output.text(&format!("{}\n", phone.instance_id));
        }),
        false => phones.extend(page),
    })?;
    if let (Some(name), true) = (&args.name, phones.is_empty() && !found) {
        session.output.note(&format!("no phone of the account has a name that matches {name}"));
    }
    if args.ids {
        return Ok(());
    }
    Ok(session.output.show(&phones, || table(&phones))?)
}

fn table(phones: &[Instance]) -> Table {
    let mut table = Table::new(["PHONE", "NAME", "STATE", "NUMBER", "REGION", "USER", "SKU"]);
    for phone in phones {
        let tone = if phone.state == InstanceState::Running { Tone::Good } else { Tone::Plain };
        let text = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or_default());
        table.row([
            phone.instance_id.as_str().into(),
            text(&phone.name),
            Cell::toned(word(&phone.state), tone),
            phone.status.map(|number| number.to_string()).unwrap_or_default().into(),
            text(&phone.region),
            text(&phone.assigned_user),
            text(&phone.sku),
        ]);
    }
    table
}
