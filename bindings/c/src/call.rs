//! The two ways to make a call: blocking, and started with a handle to poll, wait for, cancel and take the result from.

use std::any::TypeId;
use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use koophone::{Call, CancelToken, Error, Result, binding_support};

use crate::callback;
use crate::guard::{catch, quietly};
use crate::input::Out;
use crate::options::koophone_call_options;
use crate::owned::{Owned, View};
use crate::queue::Line;

/// Makes the call and waits for its end on this thread.
///
/// # Safety
///
/// The pointers in `options` are NULL or valid.
pub(crate) unsafe fn wait<V: View>(
    out: Out<V>,
    call: Call<V::Source>,
    options: Option<&koophone_call_options>,
) -> Result<()>
where
    V::Source: Send + 'static,
{
    let options = koophone_call_options::or_none(options);
    options.check_blocking()?;
    let call = options.apply(call);
    // SAFETY: as the caller says.
    let call = match unsafe { options.cancel() } {
        Some(cancel) => call.cancel_with(cancel),
        None => call,
    };
    out.set(Owned::<V>::hand_out(call.wait()?));
    Ok(())
}

/// Starts the call on the library's own threads.
///
/// # Safety
///
/// The pointers in `options` are NULL or valid.
pub(crate) unsafe fn begin<V: View + 'static>(
    out: Out<koophone_call>,
    call: Call<V::Source>,
    options: Option<&koophone_call_options>,
) -> Result<()>
where
    V::Source: Send + 'static,
{
    let options = koophone_call_options::or_none(options);
    // SAFETY: as the caller says.
    let (token, line) = unsafe { (options.cancel(), options.line()) };
    // A child: cancelling this call must not cancel the others that share the caller's token.
    let cancel = token.map_or_else(CancelToken::new, |token| token.child_token());
    let shared = Arc::new(Shared {
        state: Mutex::new(State::Open),
        changed: Condvar::new(),
        awaited: AtomicBool::new(false),
        finished: AtomicBool::new(false),
        cancel: cancel.clone(),
        line,
        handle: AtomicPtr::new(ptr::null_mut()),
        process: binding_support::process_id(),
    });
    // The handle is known before the call starts: it may end before this function does.
    let handle = Box::into_raw(Box::new(koophone_call { shared: shared.clone(), tag: options.tag }));
    shared.handle.store(handle, Ordering::Release);
    let work = binding_support::into_work(options.apply(call).cancel_with(cancel));
    let started = binding_support::spawn(async move { shared.finish(end_of::<V>(work).await) });
    if let Err(error) = started {
        // SAFETY: it was boxed above, and nobody else has seen it.
        drop(unsafe { Box::from_raw(handle) });
        return Err(error);
    }
    out.set(handle);
    Ok(())
}

/// Runs the work to its end, panics included, and makes the C form of its result where nobody waits for it.
async fn end_of<V: View + 'static>(work: impl Future<Output = Result<V::Source>>) -> Result<Handed> {
    let mut work = pin!(work);
    let result = poll_fn(|context| match catch(|| work.as_mut().poll(context)) {
        Ok(poll) => poll,
        Err(panicked) => Poll::Ready(Err(panicked)),
    });
    let source = result.await?;
    catch(|| Handed::new::<V>(source))
}

/// A call under way or finished. Free it with `koophone_call_free`, which cancels it if it is still under way.
pub struct koophone_call {
    shared: Arc<Shared>,
    tag: *mut c_void,
}

/// What the handle and the running call share.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Rung when the call has finished and `awaited` says that a thread waits for it.
    changed: Condvar,
    awaited: AtomicBool,
    finished: AtomicBool,
    cancel: CancelToken,
    line: Option<Arc<Line>>,
    /// The handle, until it is freed.
    pub(crate) handle: AtomicPtr<koophone_call>,
    process: u32,
}

enum State {
    Open,
    Done(Result<Handed>),
    Taken,
}

impl Shared {
    fn finish(self: &Arc<Self>, result: Result<Handed>) {
        let mut state = self.state();
        *state = State::Done(result);
        // Under the lock: whoever was told by `wait` must find it set.
        self.finished.store(true, Ordering::Release);
        drop(state);
        // Waking nobody is a system call too, for every call. A waiter has said so under the lock.
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

    /// After a fork the threads that would finish the call are not there, and the mutex may be locked for ever.
    fn is_inherited(&self) -> bool {
        self.process != binding_support::process_id()
    }

    fn wait(&self, limit: Option<Instant>) -> bool {
        let mut state = self.state();
        while matches!(*state, State::Open) {
            self.awaited.store(true, Ordering::Relaxed);
            state = match limit.map(|limit| limit.saturating_duration_since(Instant::now())) {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        true
    }
}

/// A result that waits to be taken.
struct Handed {
    pointer: *mut (),
    view: TypeId,
    /// With its path: what to leave out is looked for when there is a mistake to be explained.
    name: &'static str,
    free: unsafe fn(*mut ()),
}

// SAFETY: what it points to belongs to it alone, and nothing in it is bound to a thread.
unsafe impl Send for Handed {}

impl Handed {
    fn new<V: View + 'static>(source: V::Source) -> Self {
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

impl koophone_call {
    /// The result, if the call is finished, gives a `V`, and was not asked before.
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
                let message = format!("the call gives a {name}; take it with the function for that");
                Err(Error::invalid("call", message))
            }
            // A failure can be asked for again.
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

/// Whether the call is finished and its result can be taken. Never blocks and costs nanoseconds: made for a frame loop. False
/// for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_is_finished(call: Option<&koophone_call>) -> bool {
    quietly(false, || call.is_some_and(|call| call.shared.finished.load(Ordering::Acquire)))
}

/// Waits until the call is finished, at most `timeout_ms` milliseconds (`UINT64_MAX`: without limit), and says whether it is.
/// False for NULL, and inside a callback unless it is finished already. In a forked child it is true at once, and taking the
/// result fails.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_wait(call: Option<&koophone_call>, timeout_ms: u64) -> bool {
    quietly(false, || {
        let Some(call) = call else { return false };
        if call.shared.finished.load(Ordering::Acquire) || call.shared.is_inherited() {
            return true;
        }
        !callback::inside() && call.shared.wait(limit(timeout_ms))
    })
}

/// Asks the call to end and does not wait: the call is finished soon after, and then its result is taken as usual. Where nothing was
/// executed, the result is the error `KOOPHONE_CANCELLED`; otherwise it is the list with what had come, in which each phone without
/// an answer has its error. Never blocks. NULL is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_cancel(call: Option<&koophone_call>) {
    quietly((), || {
        if let Some(call) = call {
            call.shared.cancel.cancel();
        }
    })
}

/// The `tag` of the call's options. NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_tag(call: Option<&koophone_call>) -> *mut c_void {
    quietly(ptr::null_mut(), || call.map_or(ptr::null_mut(), |call| call.tag))
}

/// Frees a call in any state and never blocks: one under way is cancelled, and the result of a finished one that was not taken is
/// freed. Its queue forgets it. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_free(call: Option<Box<koophone_call>>) {
    quietly((), || drop(call))
}

/// When to stop waiting; none: never.
pub(crate) fn limit(timeout_ms: u64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(timeout_ms)).filter(|_| timeout_ms != u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owned::koophone_string;

    #[test]
    fn a_panic_on_the_library_s_own_threads_is_the_call_s_error() {
        let ended = binding_support::block_on(async {
            Ok(end_of::<koophone_string>(async { std::panic::resume_unwind(Box::new("on purpose")) }).await.err())
        });
        let error = ended.unwrap().unwrap();
        assert_eq!(error.kind(), koophone::ErrorKind::Internal);
        assert!(error.message().contains("on purpose"), "{error}");
    }

    #[test]
    fn a_limit_without_end_is_none() {
        assert!(limit(u64::MAX).is_none());
        assert!(limit(1000).is_some_and(|limit| limit > Instant::now()));
    }
}
