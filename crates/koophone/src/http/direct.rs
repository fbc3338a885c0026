//! Exchanges over connections of our own: what every call without a proxy uses.
//!
//! The connection is driven by the call itself, in the task and on the thread that wait for it. A general client keeps a
//! task per connection and passes requests and answers between that and the caller; for one request at a time that is
//! half of the CPU of a call. And it cannot say whether the last byte of a request has left, which here decides whether
//! a command may be sent again.

use std::time::{Duration, Instant};

use http::HeaderValue;
use url::Url;

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
    user_agent: HeaderValue,
    idle: PerRuntime<Vec<Idle>>,
}

/// A connection that waits for work.
struct Idle {
    connection: Connection,
    origin: Origin,
    since: Instant,
}

/// Where a connection leads.
#[derive(PartialEq, Eq)]
struct Origin {
    secure: bool,
    host: String,
    port: Option<u16>,
}

impl Origin {
    fn leads_to(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.host == host && self.port == url.port_or_known_default() && self.secure == (url.scheme() == "https")
    }
}

impl Direct {
    pub fn new(connector: Connector, settings: &HttpSettings, user_agent: HeaderValue) -> Self {
        Self { connector, connect_timeout: settings.connect_timeout, user_agent, idle: PerRuntime::new() }
    }

    pub async fn exchange(
        &self,
        request: &HttpRequest,
        progress: &Progress,
        most: usize,
    ) -> Result<HttpResponse, HttpFault> {
        let mut connection = match self.take(&request.url) {
            Some(connection) => connection,
            None => self.connect(&request.url).await?,
        };
        let answer = connection.exchange(request, &self.user_agent, progress, most).await;
        let answer = answer.map_err(|fault| HttpFault {
            maybe_sent: progress.maybe_sent(),
            reason: match fault {
                ReadFault::TooLarge => FaultReason::TooLarge,
                _ => FaultReason::Broken,
            },
            causes: match fault {
                ReadFault::Io(error) => causes(&error),
                ReadFault::Malformed(what) => vec![format!("the answer is not HTTP: {what}")],
                ReadFault::TooLarge => vec![format!("the answer is larger than {most} bytes")],
            },
        })?;
        if answer.reusable {
            self.keep(&request.url, connection);
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
                let at = list.iter().rposition(|idle| idle.origin.leads_to(url))?;
                Some(list.remove(at))
            })?;
            if found.since.elapsed() < IDLE_LIMIT && found.connection.is_open() {
                return Some(found.connection);
            }
        }
    }

    fn keep(&self, url: &Url, connection: Connection) {
        let origin = Origin {
            secure: url.scheme() == "https",
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default(),
        };
        self.idle.with(|list| {
            let now = Instant::now();
            // The oldest stand first.
            let old = list.iter().take_while(|idle| now.duration_since(idle.since) >= IDLE_LIMIT).count();
            list.drain(..old);
            list.push(Idle { connection, origin, since: now });
        });
    }
}
