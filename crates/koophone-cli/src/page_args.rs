//! Options for lists: all of it, the beginning, or one page.

use clap::Args;
use koophone::binding_support::next_items;
use koophone::{Listing, Result};

use crate::session::Session;

/// How much of a list to read.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PageArgs {
    /// Maximum number of entries
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Only this page, counted from 1; with --json including the total number
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit", allow_negative_numbers = true)]
    pub page: Option<i64>,
    /// Entries per request: 1 to 200
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 200,
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    pub page_size: i64,
}

impl PageArgs {
    /// Passes the wanted part of each page to `take`, until the list or the limit ends.
    pub fn each_page<T: Send + 'static>(
        self,
        listing: Listing<T>,
        session: &Session,
        wanted: impl Fn(&T) -> bool,
        mut take: impl FnMut(Vec<T>),
    ) -> Result<()> {
        let listing = listing.page_size(self.page_size);
        let mut left = self.limit.unwrap_or(usize::MAX);
        while left > 0 && !session.output.is_closed() {
            let mut items = session.call(next_items(&listing))?;
            if items.is_empty() {
                break;
            }
            items.retain(&wanted);
            items.truncate(left);
            left -= items.len();
            take(items);
        }
        Ok(())
    }
}
