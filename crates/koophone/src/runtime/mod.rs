//! Runtimes: the only file that creates them, and the only entry points from blocking code into them.
//!
//! - Calls that are *started* (awaited in Rust, Python's asyncio or Node, or started from C) run on one shared runtime
//!   with two worker threads, or with one if a binding asks for it ([`use_one_thread`]) or there is only one processor.
//!   It is created at first use.
//! - A *blocking* call drives its own I/O on the calling thread, in a lane: a single-threaded runtime with its own
//!   connections, taken from a limited pool and returned. Switching to a worker thread and back would cost more CPU
//!   (docs/benchmarks.md).
//!
//! Both belong to one process: a forked child creates its own (see `per_process.rs`).

mod panic;
mod per_process;

use std::future::Future;
use std::io;
use std::ops::ControlFlow;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

pub use self::panic::{catch, catch_async, panic_error};
pub use self::per_process::PerProcess;
use socket2::{Domain, Socket, Type};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::model::{Error, ErrorKind, Result};

static SHARED: PerProcess<Runtime> = PerProcess::new();
static LANES: PerProcess<Mutex<Lanes>> = PerProcess::new();
static ONE_THREAD: AtomicBool = AtomicBool::new(false);

/// Maximum number of lanes, each of which has file descriptors; further threads use the shared runtime.
pub(crate) const MAX_LANES: usize = 64;
/// Descriptors that a new lane must leave for connections.
const SPARE_DESCRIPTORS: usize = 16;

/// Threads that must be left besides two workers; with fewer, there is one worker.
const SPARE_THREADS: usize = 2;

/// Maximum number of threads of [`on_own_thread`] at once.
const OWN_THREADS: usize = 16;

/// Makes one thread do the work of started calls instead of two. Two threads wake each other for every call, which
/// wastes CPU if calls mostly come one by one and one thread takes all results anyway, as in Node. Takes effect before
/// the first call is started.
pub fn use_one_thread() {
    ONE_THREAD.store(true, Ordering::Relaxed);
}

/// Creates the runtime of started calls.
fn make_shared() -> Result<Runtime> {
    let two = !ONE_THREAD.load(Ordering::Relaxed) && !one_processor() && can_start(2 + SPARE_THREADS).is_ok();
    let build =
        |threads| Builder::new_multi_thread().worker_threads(threads).thread_name("koophone").enable_all().build();
    let built = if two {
        build(2)
    } else {
        can_start(1).and_then(|()| {
            // If the last thread has been taken since then, tokio panics.
            catch_unwind(|| build(1)).unwrap_or_else(|_| Err(io::Error::other("a worker thread cannot be started")))
        })
    };
    built.map_err(|e| refused(&e))
}

fn refused(why: &io::Error) -> Error {
    let limits = "the process's threads (ulimit -u; in a container pids.max) or file descriptors (ulimit -n)";
    let message = format!("the system refuses to start the threads that carry out calls; raise the limit of {limits}");
    Error::new(ErrorKind::Configuration, message).caused_by(why)
}

/// Does `work`, which blocks, on a thread made for it.
///
/// # Errors
///
/// `configuration` when the system refuses a thread.
pub fn start_thread(work: impl FnOnce() + Send + 'static) -> Result<()> {
    thread::Builder::new().name("koophone-work".into()).spawn(work).map(drop).map_err(|e| refused(&e))
}

/// Whether that many threads can be started now: if one cannot, tokio panics, and then waits for ever for the previous
/// one.
fn can_start(threads: usize) -> io::Result<()> {
    let (gate, ids) = (Mutex::new(()), Mutex::new(Vec::new()));
    let wait = || {
        lock(&ids).push(own_thread::id());
        drop(lock(&gate));
    };
    let started = thread::scope(|scope| {
        // All of them wait here, so that they exist at the same time.
        let _closed = lock(&gate);
        (0..threads)
            .try_for_each(|_| thread::Builder::new().name("koophone".into()).spawn_scoped(scope, wait).map(drop))
    });
    // A finished thread counts towards the limits until the system has removed it.
    lock(&ids).drain(..).for_each(own_thread::wait_until_gone);
    started
}

#[cfg(target_os = "linux")]
mod own_thread {
    use std::thread;
    use std::time::{Duration, Instant};

    const AT_MOST: Duration = Duration::from_secs(1);

    /// The system's id of the calling thread.
    pub fn id() -> libc::c_long {
        // SAFETY: a system call without arguments. The function of that name needs a newer C library.
        unsafe { libc::syscall(libc::SYS_gettid) }
    }

    pub fn wait_until_gone(id: libc::c_long) {
        let begin = Instant::now();
        // SAFETY: sends nothing, but says whether that thread of this process is there.
        while unsafe { libc::syscall(libc::SYS_tgkill, std::process::id(), id, 0) } == 0 && begin.elapsed() < AT_MOST {
            thread::yield_now();
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod own_thread {
    pub fn id() {}
    pub fn wait_until_gone((): ()) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work`, which blocks, on its own thread. Fails if none can be started, where tokio's `spawn_blocking` would
/// panic or wait for ever.
pub(crate) async fn on_own_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    static TURNS: PerProcess<Arc<Semaphore>> = PerProcess::new();
    let turns = TURNS.get_or_try_init(|| Ok::<_, io::Error>(Arc::new(Semaphore::new(OWN_THREADS))), drop)?;
    let turn = turns.clone().acquire_owned().await.map_err(io::Error::other)?;
    let (sender, receiver) = oneshot::channel();
    let run = move || {
        // The caller may no longer be waiting.
        let _ = sender.send(work());
        drop(turn);
    };
    thread::Builder::new().name("koophone-dns".into()).spawn(run)?;
    receiver.await.map_err(|_| io::Error::other("the thread panicked"))
}

/// Whether this process may use only one processor, as in many containers: a second worker would only add wake-ups.
fn one_processor() -> bool {
    thread::available_parallelism().is_ok_and(|processors| processors.get() == 1)
}

#[derive(Default)]
struct Lanes {
    idle: Vec<Runtime>,
    in_use: usize,
}

/// A lane in use. Returned to the pool unless the call panicked: its state after a panic is not trusted.
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
        let lane = Builder::new_current_thread().enable_all().build().ok()?;
        let spare = || Socket::new(Domain::IPV4, Type::STREAM, None);
        let spares: Result<Vec<_>, _> = (0..SPARE_DESCRIPTORS).map(|_| spare()).collect();
        spares.is_ok().then_some(lane)
    }

    fn all() -> MutexGuard<'static, Lanes> {
        lock(LANES.get_or_init(Mutex::default))
    }
}

/// The runtime of a blocking call, from its beginning to its end: the call's timers and sockets belong to it.
enum Driver {
    Lane(Lane),
    /// If there are no more lanes.
    Shared(&'static Runtime),
}

impl Driver {
    fn block_on<T>(&self, future: impl Future<Output = Result<T>>) -> Result<T> {
        match self {
            Self::Lane(Lane(Some(runtime))) => runtime.block_on(future),
            Self::Lane(Lane(None)) => Err(Error::internal("a lane without a runtime")),
            Self::Shared(runtime) => runtime.block_on(future),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut lanes = Self::all();
        lanes.in_use -= 1;
        match self.0.take() {
            Some(lane) if thread::panicking() => {
                drop(lanes);
                lane.shutdown_background();
            }
            Some(lane) => lanes.idle.push(lane),
            None => {}
        }
    }
}

/// Runs `future` to its end on the calling thread. Refused inside an async runtime, where blocking would stop it.
///
/// # Errors
///
/// That of `future`; `invalid_argument` inside an async runtime.
pub fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    enter()?.block_on(future)
}

/// As [`block_on`], with breaks: every `tick` the calling thread leaves the runtime and calls `in_break`, which may
/// itself make blocking calls. If that returns a break, `future` is dropped.
///
/// # Errors
///
/// As [`block_on`]; `cancelled` in a child process that `in_break` forks.
pub fn block_on_with_breaks<T, B>(
    future: impl Future<Output = Result<T>> + Unpin,
    tick: Duration,
    mut in_break: impl FnMut() -> ControlFlow<B>,
) -> Result<ControlFlow<B, T>> {
    let driver = enter()?;
    let mut future = future;
    let process = std::process::id();
    loop {
        let ended = driver.block_on(async {
            tokio::select! {
                biased;
                ended = &mut future => ended.map(Some),
                () = tokio::time::sleep(tick) => Ok(None),
            }
        })?;
        match ended {
            Some(value) => return Ok(ControlFlow::Continue(value)),
            None => match in_break() {
                broken if std::process::id() != process => {
                    // The sockets and the lane are the parent's: nothing of them is used or closed here.
                    std::mem::forget((future, driver));
                    return match broken {
                        ControlFlow::Continue(()) => Err(forked()),
                        ControlFlow::Break(reason) => Ok(ControlFlow::Break(reason)),
                    };
                }
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(reason) => {
                    // Dropped inside the runtime that its timers and sockets belong to.
                    driver.block_on(async {
                        drop(future);
                        Ok(())
                    })?;
                    return Ok(ControlFlow::Break(reason));
                }
            },
        }
    }
}

fn forked() -> Error {
    let message = "this process was forked while the call was in progress; the call continues in the parent only";
    Error::new(ErrorKind::Cancelled, message)
}

/// A runtime that the calling thread can block on.
fn enter() -> Result<Driver> {
    if Handle::try_current().is_ok() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            "a blocking call was made inside an async runtime, which it would stop; await the call instead, or make it \
             on a thread that runs nothing asynchronous",
        ));
    }
    Ok(match Lane::take() {
        Some(lane) => Driver::Lane(lane),
        None => Driver::Shared(shared()?),
    })
}

/// Starts `future` on the shared runtime's own threads.
///
/// # Errors
///
/// `configuration` if the system cannot start a thread.
pub fn spawn<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>> {
    Ok(shared()?.spawn(future))
}

fn shared() -> Result<&'static Runtime> {
    SHARED.get_or_try_init(make_shared, Runtime::shutdown_background)
}

/// Runs `work` on the shared runtime after the tasks that are ready now: to notify another thread once for all results
/// that come together. On a single processor every wake-up costs a context switch. Without a runtime it runs at once.
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
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("inside an async runtime"), "{error}");
    }

    #[test]
    fn a_panic_gives_up_its_lane_and_nothing_else() {
        let panicked = catch_unwind(|| block_on::<()>(async { panic!("on purpose") }));
        assert!(panicked.is_err());
        assert_eq!(block_on(async { Ok(7) }), Ok(7));
    }

    #[test]
    fn in_a_break_blocking_calls_work_and_can_end_the_one_that_waits() {
        let mut breaks = 0;
        let in_break = || {
            breaks += 1;
            assert_eq!(block_on(async { Ok(7) }), Ok(7));
            if breaks < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break("enough") }
        };
        let tick = Duration::from_millis(1);
        let ended = block_on_with_breaks(Box::pin(std::future::pending::<Result<()>>()), tick, in_break);
        assert_eq!((ended, breaks), (Ok(ControlFlow::Break("enough")), 3));
        let soon = Box::pin(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(8)
        });
        let ended = block_on_with_breaks(soon, tick, || ControlFlow::<()>::Continue(()));
        assert_eq!(ended, Ok(ControlFlow::Continue(8)));
    }

    #[test]
    fn many_threads_block_at_once() {
        let threads: Vec<_> = (0..80)
            .map(|n| {
                thread::spawn(move || {
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
