//! The pipeline of one request: pace, authorise, send, classify, and retry only what may be retried.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use percent_encoding::utf8_percent_encode;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::inner::ClientInner;
use crate::auth::{self, Authorised, Remedy, signing};
use crate::call::{Call, CallOptions, CancelToken};
use crate::http::{Headers, HttpRequest, HttpResponse};
use crate::model::{Error, ErrorKind, Operation, PhoneResult, Result};
use crate::outcome::{self, Failure, Next};
use crate::retry::Retry;
use crate::runtime::PerProcess;
use crate::settings::Settings;
use crate::spans;
use crate::wire::envelope::{self, Reading};
use crate::wire::redact;

impl ClientInner {
    /// A call of this client, with the name of its method: `work` gets the context when the call starts.
    pub fn call<T, F>(
        self: &Arc<Self>,
        name: &'static str,
        work: impl FnOnce(CallContext) -> F + Send + 'static,
    ) -> Call<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let inner = self.clone();
        Call::new(name, self.log.clone(), async move |options: CallOptions| {
            let counters = inner.counters.clone();
            counters.here().calls.add();
            let result = match options.check() {
                Ok(()) => work(CallContext::new(inner, options)).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                counters.here().error(error.kind());
            }
            result
        })
    }
}

/// A call in progress: the client, the deadline, and the caller's options.
pub(crate) struct CallContext {
    inner: Arc<ClientInner>,
    options: CallOptions,
    deadline: Option<Instant>,
}

/// The ids of an exchange, for errors about single phones in its response.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    request_id: String,
    /// Status and headers of the last attempt's response, if any. The service's own id is read only for errors.
    response: Option<(u16, Headers)>,
    attempts: u32,
    /// Headers of the last request, some of them secret, which the service may quote.
    sent: HeaderMap,
    /// Secrets in the body of the request.
    secrets: Vec<String>,
}

impl Trace {
    /// Adds the ids to an error, and takes the secrets of the request out of it.
    pub fn attach_to(&self, error: Error) -> Error {
        error.with(|details| {
            details.request_id = Some(self.request_id.clone());
            if let Some((status, headers)) = &self.response {
                details.http_status = details.http_status.or(Some(*status));
                details.server_request_id =
                    details.server_request_id.take().or_else(|| outcome::server_request_id(headers));
            }
            details.attempts = self.attempts;
            redact::redact(details, redact::secrets_of(&self.sent).chain(self.secrets.iter().map(String::as_str)));
        })
    }

    /// The request id, the same in all attempts.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The response's `Date`.
    pub fn date(&self) -> Option<SystemTime> {
        auth::date(&self.response.as_ref()?.1)
    }

    /// The error of a phone that the response does not name.
    pub fn missing(&self, operation: &Operation) -> Error {
        self.unusable_item(operation, "does not name this phone")
    }

    /// The error of a phone whose part of the response is unreadable.
    pub fn unreadable(&self, operation: &Operation) -> Error {
        self.unusable_item(operation, "has no readable state for this phone")
    }

    fn unusable_item(&self, operation: &Operation, what: &str) -> Error {
        let (kind, advice) = match operation.idempotent {
            false => (ErrorKind::OutcomeUnknown, "; check the phone before you repeat it"),
            true => (ErrorKind::Protocol, ""),
        };
        let message = format!("the response of {} {what}{advice}", operation.service_name);
        self.attach_to(Error::new(kind, message).with(|error| error.maybe_executed = !operation.read_only))
    }
}

/// The parts of a request that its operation does not determine.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    /// Fills the path.
    pub id: Option<&'a str>,
    /// Names and values of the query, in order.
    pub query: Vec<(&'static str, String)>,
    /// Whether the request id is in the query, too.
    pub request_id_in_query: bool,
    /// JSON.
    pub body: Option<Bytes>,
    /// Secrets in the body, which no error may quote.
    pub secrets: Vec<String>,
}

impl CallContext {
    pub fn new(inner: Arc<ClientInner>, options: CallOptions) -> Self {
        let timeout = options.timeout.or(inner.settings.timeout);
        // A deadline too far away to be represented is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        Self { inner, options, deadline }
    }

    /// The same call for the next of its many requests: the client's timeout restarts, the caller's own continues.
    pub fn renewed(&self) -> Self {
        let again = Self::new(self.inner.clone(), self.options.clone());
        let deadline = if self.options.timeout.is_some() { self.deadline } else { again.deadline };
        Self { deadline, ..again }
    }

    /// One of the readings of a wait with this much time left. It takes at most the client's timeout: a reading without
    /// a response must not use up the whole wait.
    pub fn reading(&self, left: Option<Duration>) -> Self {
        let CallOptions { cancel, traceparent, .. } = self.options.clone();
        let timeout = left.map(|left| self.settings().timeout.map_or(left, |timeout| timeout.min(left)));
        Self::new(self.inner.clone(), CallOptions { timeout, cancel, traceparent, ..CallOptions::default() })
    }

    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub fn options(&self) -> &CallOptions {
        &self.options
    }

    pub fn inner(&self) -> &Arc<ClientInner> {
        &self.inner
    }

    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Counts the phones that failed in the results of a call that did not.
    pub fn count_errors<R: PhoneResult>(&self, results: &[R]) {
        for error in results.iter().filter_map(PhoneResult::error) {
            self.inner.counters.here().error(error.kind());
        }
    }

    /// Completes when the caller cancels the call; never if that is impossible.
    pub async fn cancelled(&self) {
        match &self.options.cancel {
            Some(token) => token.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Whether the caller has cancelled the call.
    pub fn is_cancelled(&self) -> bool {
        self.options.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// The result of `work`, unless the call is cancelled before: then `work` has executed nothing.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Error::cancelled()),
            result = work => Ok(result),
        }
    }

    /// Sends one request of `operation` and reads the data of its response.
    pub async fn send<D: DeserializeOwned>(
        &self,
        operation: &Operation,
        mut parts: Parts<'_>,
    ) -> Result<(Option<D>, Trace)> {
        let secrets = std::mem::take(&mut parts.secrets);
        if operation.costs_money && self.options.repeatable {
            let message = "an order is never sent twice, because the service would treat it as a second one; do not \
                set repeatable";
            return Err(Error::invalid("repeatable", message));
        }
        let mut trace =
            Trace { request_id: request_id()?, response: None, attempts: 0, sent: HeaderMap::new(), secrets };
        let mut request = self.prepare(operation, parts, &trace)?;
        let mut retried_credential = false;
        // Whether any attempt may have been executed: then no later failure can claim that nothing was done.
        let mut maybe_executed = false;
        let mut retry = self.inner.retries.request(operation, self.deadline, self.options.repeatable);
        loop {
            let (failure, response) = match self.attempt(operation, &mut request, &mut trace, &mut retry).await {
                Ok((response, credential, span)) => match self.read_in(span, operation, &response) {
                    Ok(data) => {
                        credential.accepted();
                        retry.succeeded();
                        trace.sent = request.headers;
                        return Ok((data, trace));
                    }
                    Err(failure) => {
                        if failure.next == Next::RenewCredential {
                            let remedy = credential.refused(&request, &response, &failure.error);
                            if remedy == Remedy::Repeat && !retried_credential {
                                retried_credential = true;
                                tracing::debug!(operation = operation.name, "credential renewed after a refusal");
                                continue;
                            }
                        } else if failure.credential_was_accepted(&response) {
                            credential.accepted();
                        }
                        (failure, Some(response))
                    }
                },
                Err(failure) => (failure, None),
            };
            maybe_executed |= failure.maybe_executed;
            let Some(pause) = retry.after(&failure, response.as_ref()) else {
                let failure = Failure { maybe_executed, ..failure }.for_operation(operation);
                if failure.error.kind() == ErrorKind::OutcomeUnknown {
                    tracing::warn!(operation = operation.name, attempts = trace.attempts, "the outcome is unknown");
                }
                trace.sent = request.headers;
                return Err(trace.attach_to(failure.error));
            };
            tracing::debug!(
                operation = operation.name,
                attempt = trace.attempts,
                kind = failure.error.kind().name(),
                ?pause,
                "repeating"
            );
            if let Err(cancelled) = self.unless_cancelled(tokio::time::sleep(pause)).await {
                let failure = Failure { error: cancelled, maybe_executed, next: Next::Stop };
                trace.sent = request.headers;
                return Err(trace.attach_to(failure.for_operation(operation).error));
            }
        }
    }

    fn prepare(&self, operation: &Operation, parts: Parts<'_>, trace: &Trace) -> Result<HttpRequest> {
        let at = |path: &str| {
            let mut url = self.inner.settings.endpoint.clone();
            url.set_path(path);
            Arc::new(url)
        };
        let ready = || self.inner.urls.iter().find(|(path, _)| *path == operation.path).map(|(_, url)| url.clone());
        let mut url = match parts.id {
            Some(id) => at(&operation.path.replace("{}", &utf8_percent_encode(id, signing::UNRESERVED).to_string())),
            None => ready().unwrap_or_else(|| at(operation.path)),
        };
        if !parts.query.is_empty() {
            // docs/spec/wire-notes.md#35: a space is %20, not the `+` of forms.
            let encoded = |text: &str| utf8_percent_encode(text, signing::UNRESERVED).to_string();
            let request_id = ("x-request-id", trace.request_id.clone());
            // docs/spec/wire-notes.md#21: also in the query of these operations.
            let query = parts.query.iter().chain(parts.request_id_in_query.then_some(&request_id));
            let query: Vec<String> = query.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            Arc::make_mut(&mut url).set_query(Some(&query.join("&")));
        }
        let mut headers = HeaderMap::with_capacity(8);
        if parts.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let id =
            HeaderValue::from_str(&trace.request_id).map_err(|e| Error::internal("bad request id").caused_by(&e))?;
        headers.insert("x-request-id", id);
        if let Some(parent) = &self.options.traceparent {
            let parent = HeaderValue::from_str(parent).map_err(|e| Error::internal("bad traceparent").caused_by(&e))?;
            headers.insert("traceparent", parent);
        }
        Ok(HttpRequest { method: operation.method.clone(), url, headers, body: parts.body.unwrap_or_default() })
    }

    /// One attempt: wait for the operation's turn, add the credential, send.
    async fn attempt(
        &self,
        operation: &Operation,
        request: &mut HttpRequest,
        trace: &mut Trace,
        retry: &mut Retry<'_>,
    ) -> Result<(HttpResponse, Authorised<'_>, Span), Failure> {
        let certain = |error: Error| Failure { error, maybe_executed: false, next: Next::Stop };
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(certain(outcome::out_of_time(operation)));
        }
        trace.response = None;
        self.unless_cancelled(retry.turn()).await.and_then(|result| result).map_err(certain)?;
        let authorised = self.inner.auth.authorise(&self.inner.http, request, self.deadline);
        let credential = self.unless_cancelled(authorised).await.and_then(|result| result).map_err(certain)?;
        trace.attempts += 1;
        let span = spans::attempt(operation, &request.url, retry.sending());
        tracing::debug!(operation = operation.name, attempt = trace.attempts, request_id = trace.request_id, "sending");
        let sent = self.inner.http.send_until(request, self.deadline, self.cancelled());
        let response = sent.instrument(span.clone()).await.map_err(|fault| {
            tracing::debug!(operation = operation.name, reason = ?fault.reason, "no response");
            let failure = outcome::broken(operation, fault);
            spans::failed(&span, failure.error.kind());
            failure
        })?;
        tracing::debug!(operation = operation.name, status = response.status, "response");
        trace.response = Some((response.status, response.headers.clone()));
        Ok((response, credential, span))
    }

    /// Reads a response, which ends the span of its attempt.
    fn read_in<D: DeserializeOwned>(
        &self,
        span: Span,
        operation: &Operation,
        response: &HttpResponse,
    ) -> Result<Option<D>, Failure> {
        let read = self.read(operation, response);
        spans::responded(&span, response.status, read.as_ref().err().map(|failure| failure.error.kind()));
        read
    }

    /// Reads a response: its data, or its failure.
    fn read<D: DeserializeOwned>(&self, operation: &Operation, response: &HttpResponse) -> Result<Option<D>, Failure> {
        if !response.is_success() {
            return Err(match envelope::read_error(&response.body, operation.results()) {
                Some(said) => outcome::refusal(operation, response, said),
                None => outcome::unusable(operation, response, "the response has no known format".into()),
            });
        }
        match envelope::read(&response.body, operation.payload, operation.results()) {
            Reading::Success(data) => Ok(data),
            Reading::Refused(said) => Err(outcome::refusal(operation, response, said)),
            Reading::Unusable(why) => Err(outcome::unusable(operation, response, why)),
        }
    }
}

/// A random prefix that is unique to this process, and a counter.
struct RequestIds {
    process: [u8; 8],
    next: AtomicU64,
}

static REQUEST_IDS: PerProcess<RequestIds> = PerProcess::new();

impl RequestIds {
    fn begin() -> Result<Self> {
        let (mut process, mut first) = ([0; 8], [0; 8]);
        getrandom::fill(&mut process)
            .and_then(|()| getrandom::fill(&mut first))
            .map_err(|e| Error::internal("the system provides no random numbers").caused_by(&e))?;
        Ok(Self { process, next: AtomicU64::new(u64::from_ne_bytes(first)) })
    }
}

/// A new id for `x-request-id`: 32 hex digits, the same for all attempts of one call and batch
/// (docs/spec/wire-notes.md#20).
fn request_id() -> Result<String> {
    let ids = REQUEST_IDS.get_or_try_init(RequestIds::begin, drop)?;
    let own = ids.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    Ok(signing::hex(&[ids.process, own].concat()))
}
