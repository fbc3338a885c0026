//! The one runtime of the process, and the only doors from blocking code into it.

use std::future::Future;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::error::{Error, Result};
use crate::per_process::PerProcess;

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

fn shared() -> Result<&'static Runtime> {
    RUNTIME.get_or_try_init(
        || {
            Builder::new_multi_thread()
                .worker_threads(2)
                .max_blocking_threads(8)
                .thread_name("koophone")
                .enable_all()
                .build()
                .map_err(|e| Error::internal("the runtime's threads cannot be started").caused_by(&e))
        },
        Runtime::shutdown_background,
    )
}

/// Runs `future` to its end on the calling thread. Refused inside an async runtime, where blocking would stop it.
pub fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            crate::ErrorKind::InvalidArgument,
            "a blocking call was made inside an async runtime, which it would stop; use the async Client and .await",
        ));
    }
    shared()?.block_on(future)
}

/// Starts `future` on the runtime's own threads.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>> {
    Ok(shared()?.spawn(future))
}
