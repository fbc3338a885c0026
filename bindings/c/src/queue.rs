//! One place where many started calls appear as they finish.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use koophone::binding_support;

use crate::call::{Shared, koophone_call, limit};
use crate::callback;
use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::guard::{guard, quietly};
use crate::input::Out;

/// Collects started calls as they finish; see `queue` in `koophone_call_options`.
pub struct koophone_queue {
    pub(crate) line: Arc<Line>,
}

/// Finished calls that nobody has seen yet.
pub(crate) struct Line {
    ready: Mutex<Ready>,
    arrived: Condvar,
    process: u32,
}

#[derive(Default)]
struct Ready {
    calls: VecDeque<Arc<Shared>>,
    /// Threads in [`Line::next`] that have found nothing: waking nobody is a system call too, for every call.
    waiting: usize,
    /// Whether they will be woken soon.
    bell: bool,
}

impl Line {
    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(self: &Arc<Self>, call: Arc<Shared>) {
        let mut ready = self.ready();
        if call.handle.load(Ordering::Acquire).is_null() {
            return;
        }
        ready.calls.push_back(call);
        if ready.waiting > 0 && !std::mem::replace(&mut ready.bell, true) {
            drop(ready);
            let line = self.clone();
            binding_support::after_ready_tasks(move || line.ring());
        }
    }

    /// Wakes as many as there are calls.
    fn ring(&self) {
        let mut ready = self.ready();
        ready.bell = false;
        let calls = ready.calls.len().min(ready.waiting);
        drop(ready);
        for _ in 0..calls {
            self.arrived.notify_one();
        }
    }

    /// Takes a call out whose handle is being freed.
    pub fn forget(&self, call: &Arc<Shared>) {
        let mut ready = self.ready();
        call.handle.store(ptr::null_mut(), Ordering::Release);
        ready.calls.retain(|other| !Arc::ptr_eq(other, call));
    }

    fn next(&self, limit: Option<Instant>) -> *mut koophone_call {
        let mut ready = self.ready();
        loop {
            if let Some(call) = ready.calls.pop_front() {
                return call.handle.load(Ordering::Acquire);
            }
            let left = limit.map(|limit| limit.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return ptr::null_mut();
            }
            ready.waiting += 1;
            ready = match left {
                None => self.arrived.wait(ready).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.arrived.wait_timeout(ready, left).unwrap_or_else(PoisonError::into_inner).0,
            };
            ready.waiting -= 1;
        }
    }
}

/// Makes an empty queue. Free it with `koophone_queue_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_queue_new(
    queue: Option<&mut MaybeUninit<*mut koophone_queue>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let line = Line { ready: Mutex::default(), arrived: Condvar::new(), process: binding_support::process_id() };
        Out::new(queue, "queue")?.set_box(koophone_queue { line: Arc::new(line) });
        Ok(())
    })
}

/// A call of this queue that has finished, each once, in the order they finished; NULL when none has within `timeout_ms`
/// milliseconds (0: does not block; `UINT64_MAX`: without limit). The call remains the caller's: take its result, then free it.
///
/// NULL for NULL, in a forked child, and inside a callback when none is finished.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_queue_next(queue: Option<&koophone_queue>, timeout_ms: u64) -> *mut koophone_call {
    quietly(ptr::null_mut(), || {
        let line = queue.map(|queue| &queue.line);
        let Some(line) = line.filter(|line| line.process == binding_support::process_id()) else {
            return ptr::null_mut();
        };
        line.next(if callback::inside() { limit(0) } else { limit(timeout_ms) })
    })
}

/// Frees a queue. Its calls go on and remain the caller's. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_queue_free(queue: Option<Box<koophone_queue>>) {
    quietly((), || drop(queue))
}
