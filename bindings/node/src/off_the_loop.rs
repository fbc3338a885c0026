//! Work that blocks, off the event loop.

use std::sync::mpsc;
use std::thread;

use koophone::binding_support::catch;
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, Result};

use crate::calls::no_thread;
use crate::json;

/// Does `work` on a thread made for it; the Promise resolves with what `wrap` makes of the result on the loop's thread.
/// Node-API's async work runs on libuv's threads, and libuv aborts the process where it cannot start them.
pub(crate) fn off_the_loop<T: Send + 'static, J: ToNapiValue + 'static>(
    env: &Env,
    work: impl FnOnce() -> Result<T> + Send + 'static,
    wrap: fn(T) -> J,
) -> Result<Object<'_>> {
    let (sender, receiver) = mpsc::channel();
    let run = move || {
        let done = catch(work)
            .unwrap_or_else(|panicked| Err(json::exception(&panicked)))
            .map(|value| move |_: Env| Ok(wrap(value)));
        let deferred: std::result::Result<napi::JsDeferred<J, _>, _> = receiver.recv();
        match (deferred, done) {
            (Ok(deferred), Ok(resolve)) => deferred.resolve(resolve),
            (Ok(deferred), Err(error)) => deferred.reject(error),
            // The environment gave no Promise.
            (Err(_), _) => {}
        }
    };
    thread::Builder::new()
        .name("koophone-node".to_owned())
        .spawn(run)
        .map_err(|error| json::exception(&no_thread(&error.to_string())))?;
    let (deferred, promise) = env.create_deferred()?;
    // It waits for this, whatever `work` does.
    let _ = sender.send(deferred);
    Ok(promise)
}
