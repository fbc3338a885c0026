//! Lists: the structures of one page, which the handle keeps until the next page is read.

use std::ptr;

use koophone::binding_support::next_items;
use koophone::{Listing, Result};

use crate::options::koophone_call_options;
use crate::owned::{Keep, View};

/// The position of a caller in a list.
pub(crate) struct Cursor<V: View> {
    listing: Listing<V::Source>,
    /// The items of the page that was read last; what they point to is in `keep`.
    items: Vec<V>,
    keep: Keep,
    /// How many of them were returned.
    given: usize,
}

impl<V: View> Cursor<V>
where
    V::Source: Send + 'static,
{
    /// Before the first item. Nothing is read yet.
    ///
    /// # Safety
    ///
    /// The pointers in `options` are NULL or valid.
    pub unsafe fn new(listing: Listing<V::Source>, options: Option<&koophone_call_options>) -> Result<Self> {
        // SAFETY: as the caller says.
        let options = unsafe { koophone_call_options::or_none(options).of_blocking()? };
        Ok(Self { listing: listing.options(options), items: Vec::new(), keep: Keep::default(), given: 0 })
    }

    /// The next item, or NULL after the last. It is valid until the next call.
    pub fn next(&mut self) -> Result<*const V> {
        if self.given == self.items.len() {
            let sources = next_items(&self.listing).wait()?;
            (self.items, self.keep, self.given) = (Vec::new(), Keep::default(), 0);
            self.items = sources.iter().map(|source| V::of(source, &mut self.keep)).collect();
        }
        let item = self.items.get(self.given);
        self.given += usize::from(item.is_some());
        Ok(item.map_or(ptr::null(), ptr::from_ref))
    }

    /// The page that is read next.
    pub fn page_no(&self) -> i64 {
        self.listing.page_no()
    }
}
