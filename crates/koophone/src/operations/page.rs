//! What the operations that return pages of a list have in common.

/// Most items of one page.
pub(crate) const MAX_PAGE: i64 = 200;

/// A page of a list, by which all of the list can be read.
pub(crate) trait Page: Send + 'static {
    /// What it lists.
    type Item: Send + 'static;

    /// Its items, and how many there are on all pages as far as the service says.
    fn into_parts(self) -> (Vec<Self::Item>, Option<i64>);

    /// By what an item is recognised when it comes a second time; empty if it has no id.
    fn id(item: &Self::Item) -> &str;
}
