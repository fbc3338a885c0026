//! `koophone apps`

use std::str::FromStr;

use clap::Args;
use koophone::App;

use crate::failure::RunResult;
use crate::page_args::PageArgs;
use crate::session::Session;
use crate::table::{Cell, Table};

const EXAMPLES: &str = "\
Examples:
  koophone apps a44uhlf7
  koophone apps a44uhlf7 --type installed
  koophone apps a44uhlf7 --json > apps.json";

/// List the apps of one phone (查询应用列表)
///
/// An app appears once the job of its installation has succeeded. Icon URLs are signed: without --show-secrets they are
/// *** in JSON; the table omits them.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct AppsArgs {
    /// Instance id of the phone
    phone: String,
    /// Which apps: system, installed, all, or the service's number
    #[arg(
        long = "type",
        value_name = "TYPE",
        default_value = "all",
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    app_type: AppType,
    #[command(flatten)]
    pages: PageArgs,
    /// Show the URLs of icons
    #[arg(long)]
    show_secrets: bool,
}

/// The service's number for a kind of app.
#[derive(Clone, Copy, Debug)]
struct AppType(i64);

impl FromStr for AppType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = match text {
            "all" => 0,
            "system" => 1,
            "installed" => 2,
            number => number.parse().map_err(|_| "must be system, installed, all, or a number")?,
        };
        Ok(Self(number))
    }
}

pub(crate) fn run(args: &AppsArgs, session: &Session) -> RunResult {
    let (client, phone, AppType(app_type)) = (session.client()?, args.phone.as_str(), args.app_type);
    if let Some(page_no) = args.pages.page {
        let mut page = session.call(client.list_apps_page(phone, app_type, page_no, args.pages.page_size))?;
        page.items.iter_mut().for_each(|app| args.hide(app));
        return Ok(session.output.show(&page, || args.table(&page.items))?);
    }
    let mut apps = Vec::new();
    args.pages.each_page(client.list_apps(phone, app_type), session, |_| true, |page| apps.extend(page))?;
    apps.iter_mut().for_each(|app| args.hide(app));
    Ok(session.output.show(&apps, || args.table(&apps))?)
}

impl AppsArgs {
    fn hide(&self, app: &mut App) {
        if !self.show_secrets {
            app.icon_url.iter_mut().for_each(|url| *url = "***".into());
        }
    }

    fn table(&self, apps: &[App]) -> Table {
        let mut table = Table::new(["PACKAGE", "NAME", "VERSION", "ICON"]);
        for app in apps {
            let text = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or_default());
            let icon = if self.show_secrets { text(&app.icon_url) } else { "".into() };
            table.row([text(&app.package), text(&app.name), text(&app.version), icon]);
        }
        table
    }
}
