//! The state that the handle of a started call, the running call and its queue share.

use std::any::TypeId;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use koophone::{CancelToken, Error, Result, binding_support};

use crate::owned::{Owned, View};

/// A started call. Free it with `koophone_call_free`, which cancels it if it has not finished.
pub struct koophone_call {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tag: *mut c_void,
}

impl koophone_call {
    /// The result, if the call has finished, returns a `V`, and its result was not taken before.
    pub(crate) fn take<V: View + 'static>(&self) -> Result<*mut V> {
        if self.shared.is_inherited() {
            return Err(Error::invalid("call", "this call belongs to the process that forked this one"));
        }
        let mut state = self.shared.state();
        match &*state {
            State::Open => Err(Error::invalid("call", "the call is not finished; poll it or wait for it first")),
            State::Taken => Err(Error::invalid("call", "the result of this call was taken before")),
            State::Done(Ok(handed)) if handed.view != TypeId::of::<V>() => {
                let name = handed.name.rsplit("::").next().unwrap_or_default();
                let message = format!("the call returns a {name}; take it with the function for that");
                Err(Error::invalid("call", message))
            }
            // A failure can be taken again.
            State::Done(Err(error)) => Err(error.clone()),
            State::Done(Ok(_)) => match std::mem::replace(&mut *state, State::Taken) {
                State::Done(Ok(handed)) => {
                    let pointer = handed.pointer.cast();
                    std::mem::forget(handed);
                    Ok(pointer)
                }
                _ => Err(Error::internal("the state of a call changed under its lock")),
            },
        }
    }
}

impl Drop for koophone_call {
    fn drop(&mut self) {
        if self.shared.is_inherited() {
            return;
        }
        self.shared.cancel.cancel();
        match &self.shared.line {
            Some(line) => line.forget(&self.shared),
            None => self.shared.handle.store(ptr::null_mut(), Ordering::Release),
        }
    }
}

/// What the handle and the running call share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Rung when the call has finished and `awaited` says that a thread waits for it.
    changed: Condvar,
    awaited: AtomicBool,
    finished: AtomicBool,
    pub cancel: CancelToken,
    line: Option<Arc<Line>>,
    /// The handle, until it is freed.
    pub handle: AtomicPtr<koophone_call>,
    process: u32,
}

enum State {
    Open,
    Done(Result<Handed>),
    Taken,
}

impl Shared {
    /// For a call that starts now.
    pub fn new(cancel: CancelToken, line: Option<Arc<Line>>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::Open),
            changed: Condvar::new(),
            awaited: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            cancel,
            line,
            handle: AtomicPtr::new(ptr::null_mut()),
            process: std::process::id(),
        })
    }

    pub fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Acquire)
    }

    pub fn finish(self: &Arc<Self>, result: Result<Handed>) {
        let mut state = self.state();
        *state = State::Done(result);
        // Set under the lock: a thread that returns from `wait` must see it.
        self.finished.store(true, Ordering::Release);
        drop(state);
        // Waking no thread would still cost a system call for every call. A waiter has registered under the lock.
        if self.awaited.load(Ordering::Relaxed) {
            self.changed.notify_all();
        }
        if let Some(line) = &self.line {
            line.push(self.clone());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After a fork the threads that would finish the call do not exist, and the mutex may be locked for ever.
    pub fn is_inherited(&self) -> bool {
        self.process != std::process::id()
    }

    pub fn wait(&self, limit: Option<Instant>) -> bool {
        let mut state = self.state();
        while matches!(*state, State::Open) {
            self.awaited.store(true, Ordering::Relaxed);
            if is_over(limit) {
                return false;
            }
            state = rest(&self.changed, state, limit);
        }
        true
    }
}

/// A result that waits to be taken.
pub(crate) struct Handed {
    pointer: *mut (),
    view: TypeId,
    /// With its path, which is shortened only when an error is reported.
    name: &'static str,
    free: unsafe fn(*mut ()),
}

// SAFETY: what it points to belongs to it alone, and nothing in it is bound to a thread.
unsafe impl Send for Handed {}

impl Handed {
    pub fn new<V: View + 'static>(source: V::Source) -> Self {
        // SAFETY: it is called once, by `drop`, with the pointer below.
        let free = |pointer: *mut ()| unsafe { Owned::free(pointer.cast::<V>()) };
        Self {
            pointer: Owned::<V>::hand_out(source).cast(),
            view: TypeId::of::<V>(),
            name: std::any::type_name::<V>(),
            free,
        }
    }
}

impl Drop for Handed {
    fn drop(&mut self) {
        // SAFETY: the pointer is what this function frees, and has not been handed out.
        unsafe { (self.free)(self.pointer) }
    }
}

/// Finished calls that have not been returned yet.
pub(crate) struct Line {
    ready: Mutex<Ready>,
    arrived: Condvar,
    process: u32,
}

#[derive(Default)]
struct Ready {
    calls: VecDeque<Arc<Shared>>,
    /// Threads in [`Line::next`] that have found nothing; without them, no system call is needed to wake one.
    waiting: usize,
    /// Whether they will be woken soon.
    bell: bool,
}

impl Default for Line {
    fn default() -> Self {
        Self { ready: Mutex::default(), arrived: Condvar::new(), process: std::process::id() }
    }
}

impl Line {
    /// After a fork its calls belong to the parent.
    pub fn is_inherited(&self) -> bool {
        self.process != std::process::id()
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(self: &Arc<Self>, call: Arc<Shared>) {
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

    /// Removes a call whose handle is being freed.
    fn forget(&self, call: &Arc<Shared>) {
        let mut ready = self.ready();
        call.handle.store(ptr::null_mut(), Ordering::Release);
        ready.calls.retain(|other| !Arc::ptr_eq(other, call));
    }

    pub fn next(&self, limit: Option<Instant>) -> *mut koophone_call {
        let mut ready = self.ready();
        loop {
            if let Some(call) = ready.calls.pop_front() {
                return call.handle.load(Ordering::Acquire);
            }
            if is_over(limit) {
                return ptr::null_mut();
            }
            ready.waiting += 1;
            ready = rest(&self.arrived, ready, limit);
            ready.waiting -= 1;
        }
    }
}

fn is_over(limit: Option<Instant>) -> bool {
    limit.is_some_and(|limit| limit <= Instant::now())
}

/// Waits for the bell, at most until the limit.
fn rest<'a, T>(bell: &Condvar, guard: MutexGuard<'a, T>, limit: Option<Instant>) -> MutexGuard<'a, T> {
    match limit.map(|limit| limit.saturating_duration_since(Instant::now())) {
        None => bell.wait(guard).unwrap_or_else(PoisonError::into_inner),
        Some(left) => bell.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0,
    }
}

/// When to stop waiting; none: never.
pub(crate) fn limit(timeout_ms: u64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(timeout_ms)).filter(|_| timeout_ms != u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_without_end_is_none() {
        assert!(limit(u64::MAX).is_none());
        assert!(limit(1000).is_some_and(|limit| limit > Instant::now()));
    }
}
