//! Common code of the operations that return pages of a list.

/// Maximum number of items per page.
pub(crate) const MAX_PAGE: i64 = 200;

/// A page of a list.
pub(crate) trait Page: Send + 'static {
    /// The type of its items.
    type Item: Send + 'static;

    /// Its items, and the total on all pages according to the service.
    fn into_parts(self) -> (Vec<Self::Item>, Option<i64>);

    /// Identifies an item that occurs a second time; empty if it has no id.
    fn id(item: &Self::Item) -> &str;
}
