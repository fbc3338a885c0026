//! What a client's method returns: a call not yet made, which can be awaited, waited for, or started.

mod options;
mod traceparent;
mod wait_options;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinHandle;
use tracing::Instrument;
use tracing::instrument::WithSubscriber;

pub use self::options::{CallOptions, CancelToken};
pub(crate) use self::wait_options::Report;
pub use self::wait_options::WaitOptions;
use crate::log::Log;
use crate::model::{Error, Result};
use crate::runtime::{self, panic_error};
use crate::spans;

type Work<T> = Box<dyn FnOnce(CallOptions) -> Pin<Box<dyn Future<Output = Result<T>> + Send>> + Send>;

/// A call not yet made. Nothing happens until it is awaited ([`IntoFuture`]), waited for ([`Call::wait`]) or started
/// ([`Call::start`]).
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// use std::time::Duration;
/// let results = client.run_command(["a44uhlf7"], "getprop ro.product.model").timeout(Duration::from_secs(20)).await?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited, waited for or started"]
pub struct Call<T> {
    /// For its span.
    name: &'static str,
    options: CallOptions,
    log: Option<Log>,
    work: Work<T>,
}

impl<T: Send + 'static> Call<T> {
    pub(crate) fn new<F>(
        name: &'static str,
        log: Option<Log>,
        work: impl FnOnce(CallOptions) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self { name, options: CallOptions::default(), log, work: Box::new(move |options| Box::pin(work(options))) }
    }

    /// The same call, with its result converted.
    pub(crate) fn and_then<U: Send + 'static>(self, change: fn(T) -> Result<U>) -> Call<U> {
        let Self { name, options, log, work } = self;
        let work: Work<U> = Box::new(move |options| Box::pin(async move { change(work(options).await?) }));
        Call { name, options, log, work }
    }

    /// Total deadline of this call, instead of the client's `timeout`.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use std::time::Duration;
    ///
    /// let phones = client.query_status(["a44uhlf7"]).timeout(Duration::from_secs(5)).await?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Declares that repeating this is harmless: it is then retried even when its outcome is unknown.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// // Harmless to repeat: it may be sent again when the first response was lost.
    /// let results = client.run_command(["a44uhlf7"], "mkdir -p /sdcard/logs").repeatable(true).await?;
    /// # Ok(()) }
    /// ```
    pub fn repeatable(mut self, repeatable: bool) -> Self {
        self.options.repeatable = repeatable;
        self
    }

    /// Lets `token` cancel the call.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let cancel = koophone::CancelToken::new();
    /// let call = client.query_status(["a44uhlf7"]).cancel_with(cancel.clone()).start()?;
    /// cancel.cancel();
    /// let cancelled = call.await.unwrap_err();
    /// # Ok(()) }
    /// ```
    pub fn cancel_with(mut self, token: CancelToken) -> Self {
        self.options.cancel = Some(token);
        self
    }

    /// Sends this `traceparent` (W3C Trace Context) with every request of the call to the service, to make them part of
    /// the program's own trace.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    /// let phones = client.query_status(["a44uhlf7"]).traceparent(parent).await?;
    /// # Ok(()) }
    /// ```
    pub fn traceparent(mut self, traceparent: impl Into<String>) -> Self {
        self.options.traceparent = Some(traceparent.into());
        self
    }

    /// All options at once.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let options = koophone::CallOptions::new().timeout(std::time::Duration::from_secs(5));
    /// let phones = client.query_status(["a44uhlf7"]).options(options.clone()).await?;
    /// let results = client.run_command(["a44uhlf7"], "ls").options(options).await?;
    /// # Ok(()) }
    /// ```
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Makes the call and blocks the calling thread until it has ended. Not inside an async runtime.
    ///
    /// # Errors
    ///
    /// The call's own errors; `invalid_argument` inside an async runtime; `configuration` when the system has no thread
    /// or file descriptor left.
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// let phones = client.query_status(["a44uhlf7"]).wait()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wait(self) -> Result<T> {
        runtime::block_on(self.into_work())
    }

    /// Starts the call on the shared runtime's own threads.
    ///
    /// # Errors
    ///
    /// `configuration` when the system cannot start a thread. The call's own errors come from the [`Started`].
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// let mut started = client.query_status(["a44uhlf7"]).start()?;
    /// // ... other work ...
    /// let phones = started.wait(None)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn start(self) -> Result<Started<T>> {
        // A child token: cancelling this call must not cancel the caller's other calls.
        let cancel = self.options.cancel.as_ref().map_or_else(CancelToken::new, CancelToken::child_token);
        let call = self.cancel_with(cancel.clone());
        Ok(Started { handle: runtime::spawn(call.into_work())?, cancel, taken: false })
    }

    /// The call as a future that runs wherever it is polled, which must be inside a runtime of the core.
    pub(crate) fn into_work(self) -> impl Future<Output = Result<T>> + Send {
        // Created here and not where the work is polled, perhaps on another thread: the caller's span is its parent.
        let span = spans::call(self.name);
        async move {
            let work = (self.work)(self.options);
            // Read now, not when the call was prepared: logging may have been switched in between.
            let result = match self.log.and_then(|log| log.of_call()) {
                Some(log) => work.with_subscriber(log).instrument(span.clone()).await,
                None => work.instrument(span.clone()).await,
            };
            if let Err(error) = &result {
                spans::failed(&span, error.kind());
            }
            result
        }
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

    /// The call runs on the shared runtime, so it may be awaited in any executor; dropping the future cancels it.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.start()?.await })
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A call in progress. Ask [`Started::is_finished`] or [`Started::take`] as often as you like, await it, or drop it to
/// cancel it.
#[derive(Debug)]
pub struct Started<T> {
    handle: JoinHandle<Result<T>>,
    cancel: CancelToken,
    /// Whether the result was handed out. The handle has it only once.
    taken: bool,
}

impl<T: Send + 'static> Started<T> {
    /// Whether the result is available. Never blocks.
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// # let mut started = client.query_status(["a44uhlf7"]).start()?;
    /// if started.is_finished() {
    ///     println!("the result is available");
    /// }
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// The result if it is available; `None` before that, and after it was taken. Never blocks.
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// # let mut started = client.query_status(["a44uhlf7"]).start()?;
    /// if let Some(result) = started.take() {
    ///     println!("{} phones", result?.len());
    /// }
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn take(&mut self) -> Option<Result<T>> {
        if self.taken || !self.handle.is_finished() {
            return None;
        }
        match Pin::new(self).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        }
    }

    /// Blocks the calling thread until the result is available, at most `limit`; `None` if it is not available by then.
    /// If it was already taken, that is an error of kind `invalid_argument`.
    ///
    /// # Errors
    ///
    /// The call's own errors, and those of [`Call::wait`].
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// # let mut started = client.query_status(["a44uhlf7"]).start()?;
    /// while started.wait(Some(std::time::Duration::from_millis(500)))?.is_none() {
    ///     println!("still waiting");
    /// }
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn wait(&mut self, limit: Option<Duration>) -> Result<Option<T>> {
        runtime::block_on(async {
            match limit {
                None => self.await.map(Some),
                Some(limit) => match tokio::time::timeout(limit, self).await {
                    Ok(result) => result.map(Some),
                    Err(_) => Ok(None),
                },
            }
        })
    }

    /// Cancels the call, which finishes soon after: a call about many phones with the results received so far, and an
    /// error of kind `cancelled` for every other phone. No effect on a finished call.
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// # let mut started = client.query_status(["a44uhlf7"]).start()?;
    /// started.cancel();
    /// assert!(started.wait(None).is_err());
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl<T> Future for Started<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.taken {
            return Poll::Ready(Err(Error::invalid("call", "the result of this call was already taken; keep it")));
        }
        let result = Pin::new(&mut self.handle).poll(context).map(|joined| match joined {
            Ok(result) => result,
            Err(stopped) if stopped.is_cancelled() => Err(Error::cancelled()),
            Err(panicked) => Err(panic_error(&*panicked.into_panic())),
        });
        self.taken = result.is_ready();
        result
    }
}

impl<T> Drop for Started<T> {
    fn drop(&mut self) {
        self.handle.abort();
    }
}
