//! A list of the service, whose items cross page by page.

use std::sync::Arc;

use koophone::Listing;
use koophone::binding_support::next_items;
use pyo3::PyClass;
use pyo3::prelude::*;

use crate::blocking;
use crate::call::{Options, Work};
use crate::convert;
use crate::mailbox::{Mailbox, Running};

#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeListing {
    next: Box<dyn Fn() -> Work + Send + Sync>,
    page_no: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl NativeListing {
    pub fn new<C, T>(listing: Listing<T>, options: Options) -> Self
    where
        C: From<T> + PyClass + Into<PyClassInitializer<C>>,
        T: Send + Sync + 'static,
    {
        let listing = Arc::new(listing);
        let pages = listing.clone();
        let items = |py: Python<'_>, items| Ok(convert::tuple::<C, T>(py, items)?.into_any().unbind());
        let next = move || options.clone().work(next_items(&pages), items);
        Self { next: Box::new(next), page_no: Box::new(move || listing.page_no()) }
    }
}

#[pymethods]
impl NativeListing {
    /// The new items of the next page; none after the end.
    fn next(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        blocking::wait(py, (self.next)(), None)
    }

    fn begin_next(&self, py: Python<'_>, mailbox: &Mailbox, number: u64) -> PyResult<Running> {
        mailbox.start(py, (self.next)(), number)
    }

    #[getter]
    fn page_no(&self) -> i64 {
        (self.page_no)()
    }
}
