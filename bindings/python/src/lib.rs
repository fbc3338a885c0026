//! The native half of the Python package `koophone`: the core behind classes that know no product logic.
//!
//! Two rules keep it from deadlocks and from crashes at exit: no lock of ours is held while Python runs, and no thread
//! of the core ever attaches to the interpreter.

mod arguments;
mod blocking;
mod call;
mod cancel;
mod client;
mod convert;
mod credentials;
#[cfg(feature = "emulator")]
mod emulator;
mod inbox;
mod listing;
mod logging;
mod mailbox;
mod operations;
mod socket_pair;
mod types;
mod unwinding;
mod verbs;

use pyo3::prelude::*;

/// The `koophone` command: runs the command line, the program's name first, and gives the exit code.
#[cfg(feature = "cli")]
#[pyfunction]
#[pyo3(signature = (arguments, /))]
fn command(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| koophone_cli::run(arguments))
}

/// What the service may refuse in a command.
#[pyfunction]
#[pyo3(signature = (text, /))]
fn why_not(text: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    Ok(koophone::command::why_not(&arguments::text("text", text)?))
}

#[pymodule(gil_used = false)]
fn _koophone(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<cancel::CancelToken>()?;
    module.add_class::<mailbox::Running>()?;
    module.add_class::<operations::NativeClient>()?;
    module.add_class::<listing::NativeListing>()?;
    module.add_class::<verbs::NativePhones>()?;
    module.add_class::<operations::NativeTask>()?;
    module.add_class::<operations::NativeDeviceToken>()?;
    module.add_class::<credentials::Credentials>()?;
    module.add_class::<mailbox::Mailbox>()?;
    #[cfg(feature = "emulator")]
    module.add_class::<emulator::NativeEmulator>()?;
    #[cfg(feature = "cli")]
    module.add_function(wrap_pyfunction!(command, module)?)?;
    module.add_function(wrap_pyfunction!(why_not, module)?)?;
    types::add_to(module)?;
    module.add_function(wrap_pyfunction!(types::_raise_for_errors, module)?)?;
    Ok(())
}
