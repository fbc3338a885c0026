//! One HTTP exchange: send a prepared request, read a bounded response, and know on failure whether the service may
//! have seen it.

mod connection;
mod connector;
mod exchange;
mod message;
mod pool;
mod resolver;
mod tls;
mod tunnel;
mod wire;

use std::time::Duration;

use http::HeaderValue;
use tokio::time::Instant;
use url::Url;

use self::exchange::Exchanger;
use self::message::{Failed, Progress};
pub(crate) use self::message::{FaultReason, Headers, HttpFault, HttpRequest, HttpResponse, HttpSettings};
use self::pool::Pool;
pub(crate) use self::resolver::resolve;
use crate::model::{Error, Result};

/// Sends requests; `max_connections` limits how many run at the same time.
pub(crate) struct Http {
    attempt_timeout: Duration,
    max_connections: usize,
    pool: Pool,
    exchanger: Exchanger,
}

impl Http {
    /// Reads the certificates now, so that a bad CA file is an error at construction and not at the first call.
    pub fn new(settings: HttpSettings) -> Result<Self> {
        let tls = tls::client_config(settings.tls, settings.ca_file.as_deref())?;
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|e| {
            Error::configuration("user_agent", "user_agent must be one line of visible characters").caused_by(&e)
        })?;
        let HttpSettings { attempt_timeout, max_connections, .. } = settings;
        let exchanger = Exchanger::new(tls, &settings, user_agent);
        let pool = Pool::new(max_connections, settings.counters);
        Ok(Self { attempt_timeout, max_connections, pool, exchanger })
    }

    /// Whether requests to `url` go through a proxy.
    pub fn is_proxied(&self, url: &Url) -> bool {
        self.exchanger.proxy(url).is_some()
    }

    /// One exchange, without retries and without following redirects. When all connections are in use it first waits
    /// for its turn; that time counts towards `deadline`, but not towards `attempt_timeout`.
    pub async fn send(&self, request: &HttpRequest, deadline: Option<Instant>) -> Result<HttpResponse, HttpFault> {
        self.send_until(request, deadline, std::future::pending()).await
    }

    /// As [`Http::send`], abandoned when `cancelled` completes.
    pub async fn send_until(
        &self,
        request: &HttpRequest,
        deadline: Option<Instant>,
        cancelled: impl Future<Output = ()>,
    ) -> Result<HttpResponse, HttpFault> {
        let progress = Progress::default();
        tokio::select! {
            biased;
            () = cancelled => Err(progress.fault(FaultReason::Cancelled, Vec::new())),
            result = self.send_in_turn(request, deadline, &progress) => result,
        }
    }

    async fn send_in_turn(
        &self,
        request: &HttpRequest,
        deadline: Option<Instant>,
        progress: &Progress,
    ) -> Result<HttpResponse, HttpFault> {
        let turn = self.pool.turn(deadline).await.ok_or_else(|| {
            let cause = format!("all {} connections were in use (max_connections)", self.max_connections);
            progress.fault(FaultReason::Timeout, vec![cause])
        })?;
        loop {
            let limit = Instant::now() + self.attempt_timeout;
            let limit = deadline.map_or(limit, |deadline| limit.min(deadline));
            match tokio::time::timeout_at(limit, self.exchanger.exchange(&turn, request, progress)).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(Failed::Fault(fault))) => return Err(fault),
                Ok(Err(Failed::NoDescriptor(causes))) => {
                    if !turn.wait_for_descriptor(&request.url, deadline).await {
                        return Err(progress.fault(FaultReason::Timeout, causes));
                    }
                }
                Err(_) => return Err(progress.fault(FaultReason::Timeout, Vec::new())),
            }
        }
    }
}
