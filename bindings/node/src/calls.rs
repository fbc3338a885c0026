//! Calls in progress: started on the core's runtime, settled on the event loop through one threadsafe function.
//!
//! napi's own Promises make and destroy a threadsafe function for each call, which costs more than the rest of the
//! crossing. Here JavaScript makes the Promise and numbers it, and one function per environment (the main thread, or a
//! worker) receives number and result.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use koophone::binding_support::{Notice, Question, catch, catch_async, into_work, spawn, start_thread, use_one_thread};
use koophone::{Call, CallOptions, CancelToken, Error};
use napi::bindgen_prelude::{FnArgs, Function};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, sys};
use napi_derive::napi;
use serde::Serialize;

use crate::crossing::{self, Crossing};
use crate::json;

/// The number of the call, the kind of event, its text, and the outputs of commands.
type Event = FnArgs<(u32, EventKind, String, String)>;
/// Weak: only calls in progress keep the process alive, see [`Calls::hold`].
type OnEvent = ThreadsafeFunction<Event, (), Event, Status, false, true>;

/// What an event is about.
#[napi]
pub enum EventKind {
    /// An error; the call has ended.
    Error = 0,
    /// The result; the call has ended.
    Result = 1,
    /// The progress of a task; the call continues.
    Progress = 2,
    /// A line of a client's log.
    Log = 3,
    /// What phones printed, as a list of texts: a predicate decides, and the call continues.
    Question = 4,
}

/// Cancels one call, and replies for the predicate of one.
#[napi]
pub struct NativeCancelToken {
    pub(crate) token: CancelToken,
    question: Arc<Mutex<Option<Question>>>,
}

#[napi]
impl NativeCancelToken {
    /// A call that has ended is not affected.
    #[napi]
    pub fn cancel(&self) {
        self.token.cancel();
    }

    /// What a predicate decided, for each text of the question. A call that has ended is not affected.
    #[napi]
    pub fn reply(&self, decided: Vec<bool>) {
        if let Some(question) = self.question.lock().unwrap_or_else(PoisonError::into_inner).take() {
            question.reply(decided);
        }
    }
}

/// The options of a call. JavaScript passes them as single values: to read the properties of an object through Node-API
/// costs more than all of them together.
pub(crate) struct Header {
    pub id: u32,
    pub timeout_ms: Option<f64>,
    pub repeatable: bool,
    /// Whether the failure of one phone is the failure of the call.
    pub check: bool,
    pub traceparent: Option<String>,
    pub cancel: Option<CancelToken>,
}

/// A time of JavaScript. One that is too long for a `Duration`, such as `Infinity`, has no end.
pub(crate) fn milliseconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number / 1000.0).unwrap_or(Duration::MAX)
}

/// The calls of one environment.
#[napi]
pub struct Calls(pub(crate) Arc<Open>);

#[napi]
impl Calls {
    /// Begins to report events to a function.
    #[napi(constructor)]
    pub fn new(
        #[napi(ts_arg_type = "(id: number, kind: EventKind, text: string, printed: string) => void")]
        on_event: Function<'_, Event, ()>,
    ) -> napi::Result<Self> {
        use_one_thread();
        let on_event = on_event.build_threadsafe_function().callee_handled::<false>().weak::<true>().build()?;
        Ok(Self(Arc::new(Open { on_event, all: CancelToken::new() })))
    }

    /// A token for one call.
    #[napi]
    pub fn cancel_token(&self) -> NativeCancelToken {
        NativeCancelToken { token: self.0.all.child_token(), question: Arc::default() }
    }

    /// Whether the event loop is to stay alive for calls in progress.
    #[napi]
    pub fn hold(&self, env: Env, yes: bool) {
        let change = if yes { sys::napi_ref_threadsafe_function } else { sys::napi_unref_threadsafe_function };
        // SAFETY: this runs on the thread of `env`, which made the function; `Open` holds the function's handle.
        // A status other than success means that the environment is ending.
        unsafe { change(env.raw(), self.0.on_event.raw()) };
    }
}

impl Drop for Calls {
    /// The environment ends, and with it everything that waits for results.
    fn drop(&mut self) {
        self.0.all.cancel();
    }
}

/// What the calls of one environment share.
pub(crate) struct Open {
    on_event: OnEvent,
    all: CancelToken,
}

impl Open {
    /// Starts `call`. `cross` converts its result, and whether to check it, into what crosses, or the text of an error.
    pub fn start<T: Send + 'static>(
        self: &Arc<Self>,
        call: Call<T>,
        header: Header,
        cross: impl FnOnce(T, bool) -> Result<Crossing, String> + Send + 'static,
    ) -> napi::Result<()> {
        let Header { id, timeout_ms, repeatable, check, traceparent, cancel } = header;
        let mut options = CallOptions::new().repeatable(repeatable);
        options.timeout = timeout_ms.map(milliseconds);
        options.traceparent = traceparent;
        options.cancel = Some(cancel.unwrap_or_else(|| self.all.child_token()));
        let (open, work) = (self.clone(), into_work(call.options(options)));
        let work = async move {
            let result = catch_async(async { work.await.map(|value| cross(value, check)) }).await;
            open.settle(id, result.unwrap_or_else(|error| Err(json::error(&error))));
        };
        spawn(work).map(drop).map_err(|error| json::exception(&error))
    }

    /// Does blocking work on a thread made for it. Node-API's own asynchronous work runs on the
    /// threads of libuv, which aborts the process if it cannot start them.
    pub fn start_blocking<T: Serialize>(
        self: &Arc<Self>,
        id: u32,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> napi::Result<()> {
        let open = self.clone();
        let run = move || {
            let result = catch(work).unwrap_or_else(Err);
            open.settle(
                id,
                result.map_err(|error| json::error(&error)).and_then(|value| crossing::value(value, false)),
            );
        };
        start_thread(run).map_err(|error| json::exception(&error))
    }

    /// Passes the notices of a call to JavaScript, which replies to questions with the call's token.
    pub fn notify(
        self: &Arc<Self>,
        id: u32,
        token: Option<&NativeCancelToken>,
    ) -> impl Fn(Notice) + Send + Sync + use<> {
        let (open, asked) = (self.clone(), token.map(|token| token.question.clone()).unwrap_or_default());
        move |notice| match notice {
            Notice::Progress(progress) => open.send(id, EventKind::Progress, json::text(&progress).into()),
            Notice::Question(question) => {
                let texts = json::text(&question.texts);
                *asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(question);
                open.send(id, EventKind::Question, texts.into());
            }
        }
    }

    fn settle(&self, id: u32, result: Result<Crossing, String>) {
        match result {
            Ok(crossing) => self.send(id, EventKind::Result, crossing),
            Err(text) => self.send(id, EventKind::Error, text.into()),
        }
    }

    /// From any thread. Nothing happens after the end of the environment.
    pub fn send(&self, id: u32, kind: EventKind, Crossing { text, printed }: Crossing) {
        self.on_event.call((id, kind, text, printed).into(), ThreadsafeFunctionCallMode::NonBlocking);
    }
}
