//! Who drives the I/O: the only file that makes runtimes, and the only doors from blocking code into them.
//!
//! - Calls that are *started* (awaited in Rust, Python's asyncio or Node, or started from C) run on one shared runtime
//!   with two worker threads, or with one where a face asks for it ([`use_one_thread`]) or there is one processor only,
//!   made at first use.
//! - A *blocking* call drives its own I/O on the calling thread, in a lane: a single-threaded runtime with its own
//!   connections, taken from a pool and given back, as long as there are not too many. A hop to a worker thread and back
//!   would cost a third more CPU (measured: 38 microseconds for a blocking call over 32 statuses, 50 for an awaited one,
//!   28 for a raw socket).
//!
//! Both belong to one process: a forked child makes its own (see `per_process.rs`).

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use socket2::{Domain, Socket, Type};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::error::{Error, ErrorKind, Result};
pub use crate::per_process::PerProcess;

static SHARED: PerProcess<Runtime> = PerProcess::new();
static LANES: PerProcess<Mutex<Lanes>> = PerProcess::new();
static ONE_THREAD: AtomicBool = AtomicBool::new(false);

/// Lanes at most, each of which has file descriptors; more threads than that use the shared runtime.
pub(crate) const MAX_LANES: usize = 64;
/// Descriptors that a new lane must leave for connections.
const SPARE_DESCRIPTORS: usize = 16;

/// Makes one thread do the work of started calls instead of two. Two threads wake each other for every call; where calls
/// mostly come one by one, and one thread takes all results anyway, that costs a fifth of the CPU for nothing (measured
/// in Node: 95 microseconds a call instead of 120). Takes effect if said before the first call is started.
pub fn use_one_thread() {
    ONE_THREAD.store(true, Ordering::Relaxed);
}

/// Makes the runtime of started calls.
fn make_shared() -> Result<Runtime> {
    let one_thread = ONE_THREAD.load(Ordering::Relaxed) || one_processor();
    Builder::new_multi_thread()
        .worker_threads(if one_thread { 1 } else { 2 })
        .max_blocking_threads(8)
        .thread_name("koophone")
        .enable_all()
        .build()
        .map_err(|e| Error::internal("the runtime's threads cannot be started").caused_by(&e))
}

/// Whether this process may use one processor only, as in many a container: then a second worker is nothing but wake-ups
/// (measured in Rust: 41 microseconds a call instead of 54 one by one, the same with 64 in flight).
fn one_processor() -> bool {
    std::thread::available_parallelism().is_ok_and(|processors| processors.get() == 1)
}

#[derive(Default)]
struct Lanes {
    idle: Vec<Runtime>,
    in_use: usize,
}

/// A lane in use. Given back unless the call panicked: what a panic leaves behind is not used again.
struct Lane(Option<Runtime>);

impl Lane {
    /// A lane, unless too many are in use or the process is short of file descriptors.
    fn take() -> Option<Self> {
        let mut lanes = Self::all();
        if lanes.in_use >= MAX_LANES {
            return None;
        }
        lanes.in_use += 1;
        let idle = lanes.idle.pop();
        drop(lanes);
        let lane = Self(idle.or_else(Self::make));
        lane.0.is_some().then_some(lane)
    }

    fn make() -> Option<Runtime> {
        let lane = Builder::new_current_thread()
            .max_blocking_threads(4)
            .thread_name("koophone-dns")
            .enable_all()
            .build()
            .ok()?;
        let spare = || Socket::new(Domain::IPV4, Type::STREAM, None);
        let spares: Result<Vec<_>, _> = (0..SPARE_DESCRIPTORS).map(|_| spare()).collect();
        spares.is_ok().then_some(lane)
    }

    fn all() -> MutexGuard<'static, Lanes> {
        let made: Result<_, std::convert::Infallible> = LANES.get_or_try_init(|| Ok(Mutex::default()), drop);
        match made {
            Ok(lanes) => lanes.lock().unwrap_or_else(|poisoned| poisoned.into_inner()),
            Err(never) => match never {},
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut lanes = Self::all();
        lanes.in_use -= 1;
        match self.0.take() {
            Some(lane) if std::thread::panicking() => {
                drop(lanes);
                lane.shutdown_background();
            }
            Some(lane) => lanes.idle.push(lane),
            None => {}
        }
    }
}

/// Runs `future` to its end on the calling thread. Refused inside an async runtime, where blocking would stop it.
pub fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            "a blocking call was made inside an async runtime, which it would stop; use the async Client and .await",
        ));
    }
    let lane = Lane::take();
    match lane.as_ref().and_then(|lane| lane.0.as_ref()) {
        Some(runtime) => runtime.block_on(future),
        None => shared()?.block_on(future),
    }
}

/// Starts `future` on the shared runtime's own threads.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>> {
    Ok(shared()?.spawn(future))
}

fn shared() -> Result<&'static Runtime> {
    SHARED.get_or_try_init(make_shared, Runtime::shutdown_background)
}

/// The id of this process, for what must not be used in a forked child. On Linux it takes no system call.
pub fn process_id() -> u32 {
    crate::process_id::current()
}

/// Does `work` on the shared runtime once the tasks that are ready now have had their turn: for telling another thread of
/// results, once for all that come together. Where one processor serves both, each wake-up makes them take turns. Without a
/// runtime it is done at once.
pub fn after_ready_tasks(work: impl FnOnce() + Send + 'static) {
    match shared() {
        Ok(runtime) => drop(runtime.spawn(async move {
            tokio::task::yield_now().await;
            work();
        })),
        Err(_) => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocking_inside_a_runtime_is_an_error_not_a_panic() {
        let error = block_on(async { block_on(async { Ok(()) }) }).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert!(error.message.contains(".await"));
    }

    #[test]
    fn a_panic_gives_up_its_lane_and_nothing_else() {
        let panicked = std::panic::catch_unwind(|| block_on::<()>(async { panic!("on purpose") }));
        assert!(panicked.is_err());
        assert_eq!(block_on(async { Ok(7) }), Ok(7));
    }

    #[test]
    fn many_threads_block_at_once() {
        let threads: Vec<_> = (0..80)
            .map(|n| {
                std::thread::spawn(move || {
                    block_on(async move {
                        tokio::task::yield_now().await;
                        Ok(n)
                    })
                })
            })
            .collect();
        for (n, thread) in threads.into_iter().enumerate() {
            assert_eq!(thread.join().unwrap(), Ok(n));
        }
    }
}
