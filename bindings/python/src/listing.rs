//! A list of the service, whose items cross page by page.

use koophone::Listing;
use koophone::binding_support::next_page;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;

use crate::blocking;
use crate::call::{Options, Work};
use crate::convert::{self, ClassOf};
use crate::mailbox::{Mailbox, Running};

#[pyclass(frozen, module = "koophone._koophone")]
pub struct NativeListing(Box<dyn Fn() -> Work + Send + Sync>);

impl NativeListing {
    pub fn new<C: ClassOf<T>, T: Send + Sync + 'static>(listing: Listing<T>, options: Options) -> Self {
        Self(Box::new(move || {
            options.clone().work(next_page(&listing), |py, (items, page_no)| {
                (convert::tuple::<C, T>(py, items)?, page_no).into_py_any(py)
            })
        }))
    }
}

#[pymethods]
impl NativeListing {
    /// The new items of the next page, none after the end, and the number of the page after it.
    fn next(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        blocking::wait(py, self.0(), None)
    }

    fn begin_next(&self, py: Python<'_>, mailbox: &Mailbox, number: u64) -> PyResult<Running> {
        mailbox.start(py, self.0(), number)
    }
}
