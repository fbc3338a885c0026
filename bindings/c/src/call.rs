//! The two ways to make a call: blocking, and started with a handle to poll, wait for, cancel and take the result from.

use std::mem::MaybeUninit;
use std::sync::atomic::Ordering;

use koophone::{Call, CancelToken, Result, binding_support};

use crate::callback;
use crate::input::{Out, required};
use crate::options::koophone_call_options;
use crate::owned::{Owned, View};
use crate::panic::quietly;
use crate::shared::{Handed, Shared, koophone_call, limit};

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
    // SAFETY: as the caller says.
    out.set(Owned::<V>::hand_out(unsafe { run(call, options)? }));
    Ok(())
}

/// The same, for the core's form of the result.
///
/// # Safety
///
/// The pointers in `options` are NULL or valid.
pub(crate) unsafe fn run<T: Send + 'static>(call: Call<T>, options: Option<&koophone_call_options>) -> Result<T> {
    // SAFETY: as the caller says.
    call.options(unsafe { koophone_call_options::or_none(options).of_blocking()? }).wait()
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
    let (core, line) = unsafe { (options.core()?, options.line()) };
    // A child: cancelling this call must not cancel the others that share the caller's token.
    let cancel = core.cancel.as_ref().map_or_else(CancelToken::new, CancelToken::child_token);
    let shared = Shared::new(cancel.clone(), line);
    // The handle is known before the call starts: it may end before this function does.
    let handle = Box::into_raw(Box::new(koophone_call { shared: shared.clone(), tag: options.tag }));
    shared.handle.store(handle, Ordering::Release);
    let work = binding_support::into_work(call.options(core).cancel_with(cancel));
    // The C form of the result is made here, where no thread waits for it.
    let work = binding_support::catch_async(async { Ok(Handed::new::<V>(work.await?)) });
    let started = binding_support::spawn(async move { shared.finish(work.await) });
    if let Err(error) = started {
        // SAFETY: it was boxed above, and nothing else has seen it.
        drop(unsafe { Box::from_raw(handle) });
        return Err(error);
    }
    out.set(handle);
    Ok(())
}

/// Hands over the result of a finished call.
///
/// # Safety
///
/// `call` is NULL or a call that is not freed meanwhile.
pub(crate) unsafe fn take<V: View + 'static>(
    call: *const koophone_call,
    out: Option<&mut MaybeUninit<*mut V>>,
    name: &str,
) -> Result<()> {
    let out = Out::new(out, name)?;
    // SAFETY: as the caller says. Not through `&mut`: other threads may look at the call.
    out.set(required(unsafe { call.as_ref() }, "call")?.take()?);
    Ok(())
}

/// Waits until the call is finished, at most `timeout_ms` milliseconds (`UINT64_MAX`: without limit), and returns
/// whether it is. False for NULL, and inside a callback unless it is already finished. In a forked child it is true at
/// once, and taking the result fails.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_call_wait(call: Option<&koophone_call>, timeout_ms: u64) -> bool {
    quietly(false, || {
        let Some(call) = call else { return false };
        if call.shared.is_finished() || call.shared.is_inherited() {
            return true;
        }
        !callback::inside() && call.shared.wait(limit(timeout_ms))
    })
}
