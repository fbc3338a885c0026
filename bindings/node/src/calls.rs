//! Calls under way: started on the core's runtime, settled on the event loop through one threadsafe function.
//!
//! napi's own way to a Promise makes and destroys a threadsafe function for every call, which costs more CPU than all
//! the rest of the crossing. Here the facade makes the Promise and numbers it, and one function per environment (the
//! main thread, or a worker) receives number and result.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use koophone::binding_support;
use koophone::{Call, CancelToken, Error, ErrorKind};
use napi::bindgen_prelude::{FnArgs, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, sys};
use napi_derive::napi;

use crate::crossing::Crossing;
use crate::json;

/// What the facade's function receives: the number of the call, the kind of event, its text, and what commands printed.
type Event = FnArgs<(u32, u32, String, String)>;
/// Weak: only calls under way keep the process alive, see [`Calls::hold`].
type OnEvent = ThreadsafeFunction<Event, (), Event, Status, false, true>;

/// What an event is about.
#[derive(Clone, Copy)]
pub(crate) enum EventKind {
    /// An error; the call has ended.
    Error = 0,
    /// The result; the call has ended.
    Result = 1,
    /// How far a task is; the call goes on.
    Progress = 2,
    /// A line of a client's log.
    Log = 3,
}

/// The options of one call: plain numbers, since reading an object's properties through Node-API costs more than
/// all of these together.
pub(crate) struct Options {
    /// The number of the call.
    pub id: u32,
    /// Deadline in milliseconds.
    pub timeout_ms: Option<f64>,
    /// The sum of what applies.
    pub flags: u32,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
}

/// The call may be repeated although its outcome is unknown.
const REPEATABLE: u32 = 1;
/// The failure of one phone is the failure of the call.
const CHECK: u32 = 2;
/// [`Calls::cancel`] will be used.
const CANCELLABLE: u32 = 4;
/// It is cancelled already.
const CANCELLED: u32 = 8;

/// The calls of one environment.
#[napi]
pub struct Calls(Arc<Open>);

#[napi]
impl Calls {
    /// `on_event` is called with the number of a call, the kind of event, and its texts.
    #[napi(constructor)]
    pub fn new(on_event: Function<'_, Event, ()>) -> napi::Result<Self> {
        binding_support::use_one_thread();
        let on_event = on_event.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Arc::new(Open { on_event, all: CancelToken::new(), cancellable: Mutex::default() })))
    }

    /// Stops a call that was made cancellable. One that has ended is left alone.
    #[napi]
    pub fn cancel(&self, id: u32) {
        if let Some(cancel) = self.0.cancellable().get(&id) {
            cancel.cancel();
        }
    }

    /// Whether the event loop is to stay alive for calls under way.
    #[napi]
    pub fn hold(&self, env: Env, yes: bool) {
        let change = if yes { sys::napi_ref_threadsafe_function } else { sys::napi_unref_threadsafe_function };
        // SAFETY: this runs on the thread of `env`, which made the function; `Open` holds the function's handle.
        // A status other than success means that the environment is going down.
        unsafe { change(env.raw(), self.0.on_event.raw()) };
    }

    pub(crate) fn open(&self) -> &Arc<Open> {
        &self.0
    }
}

impl Drop for Calls {
    /// The environment goes: nobody is left to take the results.
    fn drop(&mut self) {
        self.0.all.cancel();
    }
}

/// What the calls of one environment share.
pub(crate) struct Open {
    on_event: OnEvent,
    all: CancelToken,
    cancellable: Mutex<HashMap<u32, CancelToken>>,
}

impl Open {
    /// Starts `call`. `cross` turns its result into what the facade reads, or into the text of an error.
    pub fn start<T: Send + 'static>(
        self: &Arc<Self>,
        call: Call<T>,
        mut options: Options,
        cross: impl FnOnce(T) -> Result<Crossing, String> + Send + 'static,
    ) -> napi::Result<()> {
        let id = options.id;
        let cancel = self.all.child_token();
        if options.has(CANCELLED) {
            cancel.cancel();
        }
        let mut call = call.repeatable(options.has(REPEATABLE)).cancel_with(cancel.clone());
        if let Some(timeout) = options.timeout()? {
            call = call.timeout(timeout);
        }
        if let Some(traceparent) = options.traceparent.take() {
            call = call.traceparent(traceparent);
        }
        if options.has(CANCELLABLE) {
            self.cancellable().insert(id, cancel);
        }
        let open = self.clone();
        let work = async move {
            let work = async { binding_support::into_work(call).await.map(cross) };
            let result = binding_support::catch_async(work).await;
            open.cancellable().remove(&id);
            match result.unwrap_or_else(|error| Err(json::text(&error))) {
                Ok(crossing) => open.send(id, EventKind::Result, crossing),
                Err(text) => open.report(id, EventKind::Error, text),
            }
        };
        let started = binding_support::catch(|| binding_support::spawn(work));
        let started = started.unwrap_or_else(|panicked| Err(no_thread(panicked.message())));
        started.map(drop).map_err(|error| {
            self.cancellable().remove(&id);
            json::exception(&error)
        })
    }

    /// From any thread. Nothing happens where the environment is gone.
    pub fn report(&self, id: u32, kind: EventKind, text: String) {
        self.send(id, kind, text.into());
    }

    fn send(&self, id: u32, kind: EventKind, Crossing { text, printed }: Crossing) {
        self.on_event.call((id, kind as u32, text, printed).into(), ThreadsafeFunctionCallMode::NonBlocking);
    }

    fn cancellable(&self) -> MutexGuard<'_, HashMap<u32, CancelToken>> {
        self.cancellable.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Options {
    pub fn check(&self) -> bool {
        self.has(CHECK)
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    fn timeout(&self) -> napi::Result<Option<Duration>> {
        let Some(milliseconds) = self.timeout_ms else { return Ok(None) };
        if milliseconds == f64::INFINITY {
            return Ok(Some(Duration::MAX));
        }
        Duration::try_from_secs_f64(milliseconds / 1000.0).map(Some).map_err(|_| {
            let message = format!("timeoutMs is {milliseconds}; it must be a number of milliseconds, 0 or more");
            json::exception(&Error::invalid("timeout_ms", message))
        })
    }
}

/// The system refuses a thread. `why` is its own reason.
pub(crate) fn no_thread(why: &str) -> Error {
    let message = format!(
        "the system refuses to start a thread ({why}); raise the limit of processes and threads (ulimit -u, or \
         pids.max of the container)"
    );
    Error::new(ErrorKind::Configuration, message)
}
