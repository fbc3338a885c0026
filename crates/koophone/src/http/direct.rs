//! Exchanges over connections of our own: what every call without a proxy uses.
//!
//! The connection is driven by the call itself, in the task and on the thread that wait for it. A general client keeps a
//! task per connection and passes requests and answers between that and the caller; for one request at a time that is
//! half of the CPU of a call. And it cannot say whether the last byte of a request has left, which here decides whether
//! a command may be sent again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderValue;
use url::{Position, Url};

use super::answer::ReadFault;
use super::connection::{Connection, Connector};
use super::per_runtime::PerRuntime;
use super::{FaultReason, HttpFault, HttpRequest, HttpResponse, HttpSettings, Progress, causes};

/// Shorter than the idle limits of common gateways (60 s), so that we rarely write to a connection being closed.
pub(super) const IDLE_LIMIT: Duration = Duration::from_secs(45);

/// Sends requests over connections that it keeps between exchanges.
pub(super) struct Direct {
    connector: Connector,
    connect_timeout: Duration,
    max_response_bytes: usize,
    user_agent: HeaderValue,
    idle: PerRuntime<Vec<Idle>>,
}

/// A connection that waits for work.
struct Idle {
    connection: Connection,
    /// What it was last used for.
    url: Arc<Url>,
    since: Instant,
}

impl Idle {
    /// Whether it leads to the same scheme, host and port.
    fn leads_to(&self, url: &Url) -> bool {
        self.url[..Position::BeforePath] == url[..Position::BeforePath]
    }
}

impl Direct {
    pub fn new(connector: Connector, settings: &HttpSettings, user_agent: HeaderValue) -> Self {
        let HttpSettings { connect_timeout, max_response_bytes, .. } = *settings;
        Self { connector, connect_timeout, max_response_bytes, user_agent, idle: PerRuntime::new() }
    }

    pub async fn exchange(&self, request: &HttpRequest, progress: &Progress) -> Result<HttpResponse, HttpFault> {
        let most = self.max_response_bytes;
        let mut connection = match self.take(&request.url) {
            Some(connection) => connection,
            None => self.connect(&request.url).await?,
        };
        let answer = connection.exchange(request, &self.user_agent, progress, most).await;
        let broken = |causes| HttpFault { maybe_sent: progress.maybe_sent(), reason: FaultReason::Broken, causes };
        let answer = answer.map_err(|fault| match fault {
            ReadFault::Io(error) => broken(causes(&error)),
            ReadFault::Malformed(what) => broken(vec![format!("the answer is not HTTP: {what}")]),
            ReadFault::TooLarge => HttpFault::too_large(most),
        })?;
        if answer.reusable {
            self.keep(request.url.clone(), connection);
        }
        Ok(answer.response)
    }

    async fn connect(&self, url: &Url) -> Result<Connection, HttpFault> {
        let fault = |causes| HttpFault { maybe_sent: false, reason: FaultReason::Connect, causes };
        match tokio::time::timeout(self.connect_timeout, self.connector.connect(url)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(fault(causes(&*error))),
            Err(_) => Err(fault(vec![format!("no connection within {:?}", self.connect_timeout)])),
        }
    }

    /// An open connection to where `url` leads. The one used last: the others may grow old and be closed.
    fn take(&self, url: &Url) -> Option<Connection> {
        loop {
            let found = self.idle.with(|list| {
                let at = list.iter().rposition(|idle| idle.leads_to(url))?;
                Some(list.remove(at))
            })?;
            if found.since.elapsed() < IDLE_LIMIT && found.connection.is_open() {
                return Some(found.connection);
            }
        }
    }

    fn keep(&self, url: Arc<Url>, connection: Connection) {
        self.idle.with(|list| {
            let now = Instant::now();
            // The oldest stand first.
            let old = list.iter().take_while(|idle| now.duration_since(idle.since) >= IDLE_LIMIT).count();
            list.drain(..old);
            list.push(Idle { connection, url, since: now });
        });
    }
}
