//! Exchanges over connections of our own: what every call without a proxy uses.
//!
//! HTTP and TLS are hyper's and rustls's; the connection is driven by the call itself, in the task and on the thread that
//! wait for it. A general client keeps a task per connection, and cannot say whether the last byte of a request has left,
//! which here decides whether a command may be sent again.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderValue, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri};
use http_body_util::Full;
use rustls::ClientConfig;
use socket2::{Domain, Socket, Type};
use url::{Position, Url};

use super::connection::{Broken, Connection, Connector, find};
use super::pool::Turn;
use super::{Failed, FaultReason, HttpFault, HttpRequest, HttpResponse, HttpSettings, Progress, causes};
use crate::tls;

/// "Too many open files", in this process or in the whole system.
#[cfg(unix)]
const NO_DESCRIPTORS: [i32; 2] = [23, 24];
#[cfg(not(unix))]
const NO_DESCRIPTORS: [i32; 2] = [4, 10024];

/// Sends requests over the connections of a pool.
pub(super) struct Direct {
    connector: Connector,
    connect_timeout: Duration,
    max_response_bytes: usize,
    user_agent: HeaderValue,
}

impl Direct {
    pub fn new(tls: Arc<ClientConfig>, settings: &HttpSettings, user_agent: HeaderValue) -> Self {
        let HttpSettings { connect_timeout, max_response_bytes, .. } = *settings;
        Self { connector: Connector::new(tls, connect_timeout), connect_timeout, max_response_bytes, user_agent }
    }

    pub async fn exchange(
        &self,
        turn: &Turn<'_>,
        request: &HttpRequest,
        progress: &Progress,
    ) -> Result<HttpResponse, Failed> {
        let prepared = self.prepare(request).map_err(|error| not_connected(causes(&error)))?;
        let mut connection = match turn.take(&request.url) {
            Some(connection) => connection,
            None => self.connect(turn, &request.url).await?,
        };
        let limit = self.max_response_bytes;
        match connection.exchange(prepared, progress, limit).await {
            Ok(response) => {
                if connection.is_reusable() {
                    turn.keep(request.url.clone(), connection);
                }
                Ok(response)
            }
            Err(Broken::TooLarge) => Err(HttpFault::too_large(limit).into()),
            Err(Broken::Http(error)) => Err(broken(&error, progress.maybe_sent()).into()),
        }
    }

    /// The request in the form of HTTP/1.1. The body is not copied: it may be a login, which is wiped with the request.
    fn prepare(&self, request: &HttpRequest) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let url = &request.url;
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 8);
        headers.insert(HOST, HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?);
        headers.extend(request.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        // wire-note 30: some gateways respond to a POST without a length with 411, also when there is no body.
        if request.body.is_empty() && request.method != Method::GET {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let target = PathAndQuery::try_from(&url[Position::BeforePath..Position::AfterQuery])?;
        let mut prepared = http::Request::new(Full::new(request.body.clone()));
        *prepared.method_mut() = request.method.clone();
        *prepared.uri_mut() = Uri::from(target);
        *prepared.headers_mut() = headers;
        Ok(prepared)
    }

    async fn connect(&self, turn: &Turn<'_>, url: &Url) -> Result<Connection, Failed> {
        turn.make_room();
        let mut connection = match tokio::time::timeout(self.connect_timeout, self.connector.connect(url)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(cannot_connect(&*error)),
            Err(_) => return Err(not_connected(vec![format!("no connection within {:?}", self.connect_timeout)])),
        };
        match connection.look() {
            Ok(()) => Ok(connection),
            // A response before any request (such as 408), an alert, or the end.
            Err(Some(error)) => Err(broken(&error, false).into()),
            Err(None) => Err(not_connected(vec!["the server closed the connection at once".into()])),
        }
    }
}

fn not_connected(causes: Vec<String>) -> Failed {
    HttpFault { maybe_sent: false, reason: FaultReason::Connect, causes }.into()
}

fn cannot_connect(error: &(dyn StdError + 'static)) -> Failed {
    let exhausted = |error: &io::Error| error.raw_os_error().is_some_and(|code| NO_DESCRIPTORS.contains(&code));
    // Name resolution fails in words of its own without a descriptor.
    let probe = || Socket::new(Domain::IPV4, Type::STREAM, None).is_err_and(|error| exhausted(&error));
    if find::<io::Error>(error).is_some_and(exhausted) || probe() {
        return Failed::NoDescriptor(causes(error));
    }
    let distrust = find::<rustls::Error>(error).and_then(tls::distrust);
    let reason = distrust.map_or(FaultReason::Connect, FaultReason::Untrusted);
    HttpFault { maybe_sent: false, reason, causes: causes(error) }.into()
}

fn broken(error: &hyper::Error, maybe_sent: bool) -> HttpFault {
    // In TLS 1.3 the server looks for a client's certificate when the client has sent its first request already, and
    // without one it reads nothing of that.
    if find::<rustls::Error>(error).is_some_and(tls::wants_client_certificate) {
        return HttpFault { maybe_sent: false, reason: FaultReason::ClientCertificate, causes: causes(error) };
    }
    let mut causes = causes(error);
    if error.is_parse() {
        causes.insert(0, "the response is not valid HTTP".into());
    }
    HttpFault { maybe_sent, reason: FaultReason::Broken, causes }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tokio::time::Instant;

    use super::*;
    use crate::http::{Http, Proxy};

    /// What a call that is given up says of a request with a body of that length, to a server that reads none of it.
    async fn given_up_on(length: usize) -> HttpFault {
        let body = vec![b'x'; length].into();
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = Http::new(HttpSettings {
            connect_timeout: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(1),
            max_response_bytes: 1024,
            max_connections: 1,
            proxy: Proxy::None,
            ca_file: None,
            user_agent: "test".into(),
            tls: false,
        })
        .unwrap();
        let url = Url::parse(&format!("http://{}/", server.local_addr().unwrap())).unwrap();
        let request = HttpRequest { method: Method::POST, url: url.into(), headers: HeaderMap::new(), body };
        http.send(&request, Some(Instant::now() + Duration::from_secs(60))).await.unwrap_err()
    }

    #[tokio::test]
    async fn only_a_request_that_has_left_completely_may_have_been_sent() {
        let (none, short, long) = tokio::join!(given_up_on(0), given_up_on(1000), given_up_on(64 << 20));
        for (fault, maybe_sent) in [(none, true), (short, true), (long, false)] {
            assert_eq!((fault.reason, fault.maybe_sent), (FaultReason::Timeout, maybe_sent), "{fault:?}");
        }
    }
}
