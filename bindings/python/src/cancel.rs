//! The token that cancels calls.

use pyo3::prelude::*;

/// Cancels calls from another thread: pass it to a call as ``cancel``, keep it, and call ``cancel()``.
///
/// One token can be passed to many calls. A cancelled call raises `CancelledError`.
#[pyclass(frozen, module = "koophone")]
#[derive(Default)]
pub struct CancelToken(pub koophone::CancelToken);

#[pymethods]
impl CancelToken {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// Cancels every call that has this token, and every later one.
    fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether ``cancel()`` was called.
    #[getter]
    fn cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn __repr__(&self) -> String {
        format!("<CancelToken cancelled={}>", if self.cancelled() { "True" } else { "False" })
    }
}
