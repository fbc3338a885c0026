//! A list of the core's, whose items cross page by page.

use koophone::Listing;
use koophone::binding_support::next_items;
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::blocking;
use crate::mailbox::Mailbox;
use crate::options::Options;
use crate::started::{self, Running};
use crate::work::{Work, work};

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
        let listing = std::sync::Arc::new(listing);
        let pages = listing.clone();
        let next = move || {
            work(next_items(&pages), options.call.clone(), |py, items: Vec<T>| {
                let items = items.into_iter().map(|item| Py::new(py, C::from(item)));
                Ok(PyTuple::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any().unbind())
            })
        };
        Self { next: Box::new(next), page_no: Box::new(move || listing.page_no()) }
    }
}

#[pymethods]
impl NativeListing {
    /// What is new on the next page; nothing after the end.
    fn next(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        blocking::wait(py, (self.next)(), None)
    }

    fn begin_next(&self, py: Python<'_>, mailbox: &Mailbox, number: u64) -> PyResult<Running> {
        started::start(py, (self.next)(), mailbox, number)
    }

    #[getter]
    fn page_no(&self) -> i64 {
        (self.page_no)()
    }
}
