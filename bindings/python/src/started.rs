//! Calls started for an event loop: they run on the core's threads, and their outcome goes to the loop's mailbox.

use koophone::binding_support;
use pyo3::prelude::*;

use crate::logging;
use crate::mailbox::Mailbox;
use crate::types;
use crate::work::Work;

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running(tokio::task::AbortHandle);

#[pymethods]
impl Running {
    /// Stops the call. Its mailbox gets nothing more of it unless it had ended.
    fn cancel(&self) {
        self.0.abort();
    }
}

/// Starts a call. `mailbox` gets its outcome, under `number`.
pub fn start(py: Python<'_>, work: Work, mailbox: &Mailbox, number: u64) -> PyResult<Running> {
    logging::refresh(py)?;
    let sender = mailbox.sender();
    let job = async move {
        sender.ended(number, binding_support::catch_async(work).await);
    };
    let handle = py.detach(|| binding_support::spawn(job)).map_err(|error| types::raised(py, &error))?;
    Ok(Running(handle.abort_handle()))
}
