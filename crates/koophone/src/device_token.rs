//! A device token that is renewed before it expires: one request at a time, however many callers need it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::call::Call;
use crate::model::device::life;
use crate::model::{DeviceAuthorization, Error, ErrorKind, InstanceId, Result};
use crate::operations::get_device_token::{OPERATION, get_device_token};
use crate::pipeline::{CallContext, ClientInner};

/// The last part of a token's lifetime, in which the next one is requested.
const MARGIN: u32 = 10;

/// The device token of one phone, for a program that needs it repeatedly: [`get`](Self::get) returns the cached one,
/// and requests a new one when a tenth of its lifetime is left. Clones share it.
///
/// The lifetime is `expired_time` in the service's response, counted by this machine's monotonic clock. If the service
/// returns none, nothing is cached, and every `get` sends a request.
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// let token = client.device_token("a44uhlf7");
/// let first = token.get().await?;
/// let again = token.get().await?; // sends nothing if the first one is still valid
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct DeviceToken {
    shared: Arc<Shared>,
}

struct Shared {
    inner: Arc<ClientInner>,
    instance_id: Result<InstanceId>,
    keeper: Keeper,
}

impl DeviceToken {
    pub(crate) fn new(inner: &Arc<ClientInner>, instance_id: Result<InstanceId>) -> Self {
        Self { shared: Arc::new(Shared { inner: inner.clone(), instance_id, keeper: Keeper::default() }) }
    }

    /// A token that has at least a tenth of its lifetime left. Callers that arrive while one is being requested wait
    /// for it, and share its error if it fails.
    ///
    /// # Errors
    ///
    /// As [`Client::get_device_token`](crate::Client::get_device_token).
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// let parameters = client.device_token("a44uhlf7").get().wait()?.h5_parameters(None)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn get(&self) -> Call<DeviceAuthorization> {
        let shared = self.shared.clone();
        self.shared.inner.call(OPERATION.name, async move |context: CallContext| {
            let id = shared.instance_id.clone()?;
            // This call waits for another caller's request until its own deadline.
            let turn = context.unless_cancelled(async {
                match context.deadline() {
                    Some(deadline) => timeout_at(deadline, shared.keeper.turn()).await.map_err(|_| out_of_time()),
                    None => Ok(shared.keeper.turn().await),
                }
            });
            let turn = turn.await??;
            turn.get(|| get_device_token(&context, id)).await
        })
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceToken").field("instance_id", &self.shared.instance_id).finish_non_exhaustive()
    }
}

fn out_of_time() -> Error {
    Error::new(ErrorKind::Timeout, "the deadline passed before there was a device token")
}

/// Caches an authorization, and lets one caller at a time request the next.
#[derive(Default)]
struct Keeper {
    /// How many requests have finished.
    ended: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kept: Option<(DeviceAuthorization, Instant)>,
    /// The error of the last request, if it failed.
    failure: Option<Error>,
}

/// The right to send the request. Dropping it passes it on to the next caller.
struct Turn<'a> {
    keeper: &'a Keeper,
    state: MutexGuard<'a, State>,
    /// How many requests had finished when this caller arrived.
    ended_before: u64,
}

impl Keeper {
    async fn turn(&self) -> Turn<'_> {
        let ended_before = self.ended.load(Ordering::Acquire);
        Turn { keeper: self, state: self.state.lock().await, ended_before }
    }
}

impl Turn<'_> {
    async fn get<F>(mut self, ask: impl FnOnce() -> F) -> Result<DeviceAuthorization>
    where
        F: Future<Output = Result<DeviceAuthorization>>,
    {
        let asked_at = Instant::now();
        if let Some((kept, until)) = &self.state.kept
            && asked_at < *until
        {
            return Ok(kept.clone());
        }
        if self.keeper.ended.load(Ordering::Acquire) != self.ended_before
            && let Some(failure) = &self.state.failure
        {
            return Err(failure.clone());
        }
        let result = ask().await;
        // A deadline or cancellation concerns only the caller who sent the request.
        let is_everyones = |error: &&Error| !matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Cancelled);
        self.state.failure = result.as_ref().err().filter(is_everyones).cloned();
        self.state.kept = result.as_ref().ok().and_then(|granted| {
            let life = life(granted.expired_time.as_deref())?;
            Some((granted.clone(), asked_at + (life - life / MARGIN)))
        });
        self.keeper.ended.fetch_add(1, Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::*;
    use crate::model::StreamAddress;

    const LIFE: Duration = Duration::from_secs(100);

    fn granted(number: u32, expired_time: Option<&str>) -> DeviceAuthorization {
        DeviceAuthorization {
            instance_id: InstanceId::new("a").unwrap(),
            device_id: None,
            token: number.to_string(),
            streaming_id: None,
            signaling_url: None,
            expired_time: expired_time.map(str::to_owned),
            expires_at: None,
            ice_servers: "[]".into(),
            internal: StreamAddress::default(),
            external: StreamAddress::default(),
        }
    }

    /// A service whose requests take a second each.
    struct Service {
        asked: Cell<u32>,
        expired_time: Option<&'static str>,
        fails: Cell<Option<ErrorKind>>,
    }

    impl Service {
        fn new(expired_time: Option<&'static str>) -> Self {
            Self { asked: Cell::new(0), expired_time, fails: Cell::new(None) }
        }

        async fn ask(&self) -> Result<DeviceAuthorization> {
            self.asked.set(self.asked.get() + 1);
            tokio::time::sleep(Duration::from_secs(1)).await;
            match self.fails.get() {
                Some(kind) => Err(Error::new(kind, "no")),
                None => Ok(granted(self.asked.get(), self.expired_time)),
            }
        }
    }

    async fn get<F>(keeper: &Keeper, ask: impl FnOnce() -> F) -> Result<DeviceAuthorization>
    where
        F: Future<Output = Result<DeviceAuthorization>>,
    {
        keeper.turn().await.get(ask).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_one_is_requested_when_a_tenth_of_the_lifetime_is_left() {
        let (keeper, service) = (Keeper::default(), Service::new(Some("100")));
        let token = async || get(&keeper, || service.ask()).await.unwrap().token;
        let began = Instant::now();
        assert_eq!(token().await, "1");
        tokio::time::sleep_until(began + LIFE * 9 / 10 - Duration::from_millis(1)).await;
        assert_eq!((token().await.as_str(), service.asked.get()), ("1", 1));
        tokio::time::sleep_until(began + LIFE * 9 / 10).await;
        assert_eq!((token().await.as_str(), service.asked.get()), ("2", 2));
        assert_eq!((token().await.as_str(), service.asked.get()), ("2", 2));
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_send_one_request_and_share_its_outcome() {
        let (keeper, service) = (Keeper::default(), Service::new(Some("100")));
        let many = || join_all((0..50).map(|_| get(&keeper, || service.ask())));
        service.fails.set(Some(ErrorKind::PermissionDenied));
        let failed = many().await;
        assert!(failed.iter().all(|one| one.as_ref().is_err_and(|e| e.kind() == ErrorKind::PermissionDenied)));
        assert_eq!(service.asked.get(), 1);
        service.fails.set(None);
        assert!(many().await.iter().all(|one| one.as_ref().is_ok_and(|one| one.token == "2")));
        assert_eq!(service.asked.get(), 2, "a failure is not cached for later callers");
    }

    #[tokio::test(start_paused = true)]
    async fn one_callers_deadline_or_cancellation_is_not_anothers() {
        let (keeper, service) = (Keeper::default(), Service::new(Some("100")));
        let hasty = tokio::time::timeout(Duration::from_millis(500), get(&keeper, || service.ask()));
        let (hasty, patient) = tokio::join!(hasty, get(&keeper, || service.ask()));
        assert!(hasty.is_err() && patient.is_ok_and(|one| one.token == "2"));
        let keeper = Keeper::default();
        let late = async || Err(Error::new(ErrorKind::Timeout, "late"));
        let (late, patient) = tokio::join!(get(&keeper, late), get(&keeper, || service.ask()));
        assert!(late.is_err() && patient.is_ok_and(|one| one.token == "3"));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_lifetime_every_caller_sends_a_request() {
        let (keeper, service) = (Keeper::default(), Service::new(None));
        for number in 1..4 {
            assert_eq!(get(&keeper, || service.ask()).await.unwrap().token, number.to_string());
        }
    }
}
