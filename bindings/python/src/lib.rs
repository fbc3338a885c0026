//! The native half of the Python package `koophone`: the core behind classes that contain no product logic.
//!
//! Two rules prevent deadlocks, and crashes at exit: no lock of ours is held while Python runs, and no thread of the
//! core ever attaches to the interpreter.

mod arguments;
mod blocking;
mod call;
mod client;
mod convert;
#[cfg(feature = "emulator")]
mod emulator;
mod listing;
mod logging;
mod mailbox;
mod operations;
mod types;
mod unwinding;
mod verbs;

#[pyo3::pymodule(gil_used = false)]
mod _koophone {
    use pyo3::prelude::*;

    #[cfg(feature = "emulator")]
    #[pymodule_export]
    use crate::emulator::NativeEmulator;
    #[pymodule_export]
    use crate::{
        blocking::Listener,
        call::CancelToken,
        client::Credentials,
        listing::NativeListing,
        mailbox::{Mailbox, Running},
        operations::{NativeClient, NativeDeviceToken, NativeTask},
        types::{_raise_for_errors, why_not},
        verbs::NativePhones,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::types::add_to(module)
    }

    /// Runs the `koophone` command, and returns its exit code. The first argument is the program's name.
    #[cfg(feature = "cli")]
    #[pyfunction]
    #[pyo3(signature = (arguments, /))]
    fn command(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
        py.detach(|| koophone_cli::run(arguments))
    }
}
