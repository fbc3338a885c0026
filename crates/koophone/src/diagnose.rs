//! Diagnoses why calls fail: checks settings, credentials, connections, clock, login and permissions in turn, and
//! reports for each what was found and what to do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::auth::{Credentials, server_time};
use crate::call::{Call, CallOptions};
use crate::client::ClientBuilder;
use crate::client::assembly::{Found, assemble};
use crate::http::HttpRequest;
use crate::log::Log;
use crate::model::{Error, ErrorKind, Operation, PhoneResults};
use crate::operations::get_task;
use crate::operations::per_phone::per_phone;
use crate::operations::query_status::QueryStatus;
use crate::outcome;
use crate::pipeline::{CallContext, ClientInner, Phones};

/// A smaller difference is harmless: a signature may be 15 minutes off.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);
/// A task that does not exist: asking for it shows whether the service accepts the credential, and changes nothing.
const NO_TASK: &str = "koophone-diagnose";

const PROBE: Operation = Operation::auxiliary("probe", "the probe of the endpoint", Method::GET, "/");

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingState {
    /// Nothing is wrong.
    Passed,
    /// Calls work, but something should be fixed.
    Warning,
    /// Calls fail because of this.
    Failed,
    /// Not checked; the message says why.
    Skipped,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// `settings`, `credentials`, `service`, `clock`, `identity`, `login` or `permission`.
    pub check: String,
    /// How it ended.
    pub state: FindingState,
    /// What was found. Contains no secret.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The error that a call would get.
    pub error: Option<Error>,
}

impl Finding {
    fn new(check: &str, state: FindingState, message: impl Into<String>) -> Self {
        Self { check: check.into(), state, message: message.into(), advice: None, error: None }
    }

    fn passed(check: &str, message: impl Into<String>) -> Self {
        Self::new(check, FindingState::Passed, message)
    }

    fn skipped(check: &str, message: impl Into<String>) -> Self {
        Self::new(check, FindingState::Skipped, message)
    }

    fn failed(check: &str, error: Error) -> Self {
        let mut finding = Self::new(check, FindingState::Failed, format!("{error:#}"));
        finding.advice = advice_for(error.kind()).map(str::to_owned);
        finding.error = Some(error);
        finding
    }

    fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// Checks everything that a client of this configuration would depend on: one [`Finding`] per check, always in the same
/// order. It only reads: at most one login, one query of a task that does not exist, and one status query of the given
/// phones.
///
/// ```
/// # fn main() -> koophone::Result<()> {
/// use koophone::diagnose::{FindingState, diagnose};
///
/// let builder = koophone::Client::builder().endpoint("https://user:password@example.com").environment([]);
/// let findings = diagnose(builder, Vec::<String>::new()).wait()?;
/// assert_eq!(findings[0].check, "settings");
/// assert_eq!(findings[0].state, FindingState::Failed);
/// # Ok(()) }
/// ```
pub fn diagnose(builder: ClientBuilder, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Vec<Finding>> {
    let ids: Vec<String> = instance_ids.into_iter().map(|id| id.as_ref().to_owned()).collect();
    let mut builder = builder;
    let log = builder.take_log();
    Call::new("diagnose", log.clone(), |options| async move {
        options.check()?;
        let mut findings = Vec::new();
        look(builder, log, ids, options, &mut findings).await;
        Ok(findings)
    })
}

async fn look(
    builder: ClientBuilder,
    log: Option<Log>,
    ids: Vec<String>,
    options: CallOptions,
    findings: &mut Vec<Finding>,
) {
    let skip = |findings: &mut Vec<Finding>, why: &str, checks: &[&str]| {
        findings.extend(checks.iter().map(|check| Finding::skipped(check, why)));
    };
    let read = builder.read().and_then(|read| {
        read.settings.check()?;
        Ok(read)
    });
    let mut read = match read {
        Ok(read) => read,
        Err(error) => {
            findings.push(Finding::failed("settings", error));
            let rest = ["credentials", "service", "clock", "identity", "login", "permission"];
            return skip(findings, "the settings must be right first", &rest);
        }
    };
    let found = Found::resolve(&mut read);
    let (inner, missing) = match found.and_then(|found| assemble(read.settings.clone(), found, log.clone())) {
        Ok(inner) => (inner, None),
        // The connections are worth checking even without a login.
        Err(error) => match assemble(read.settings, Found::given(Credentials::token("none")), log) {
            Ok(inner) => (inner, Some(error)),
            Err(error) => {
                findings.push(Finding::failed("settings", error));
                let rest = ["credentials", "service", "clock", "identity", "login", "permission"];
                return skip(findings, "the settings must be right first", &rest);
            }
        },
    };
    let inner = Arc::new(inner);
    findings.push(Finding::passed("settings", describe_settings(&inner)));
    findings.push(match &missing {
        Some(error) => Finding::failed("credentials", error.clone()),
        None => Finding::passed("credentials", inner.auth.describe()),
    });

    let reached = reach(&inner, "service", "endpoint", &inner.settings.endpoint.clone(), findings).await;
    let identity = if missing.is_none() && inner.auth.asks_identity_service() {
        match inner.settings.iam_endpoint() {
            Ok(url) if url == inner.settings.endpoint => {
                findings.push(Finding::skipped("identity", "same address as the service"));
                reached
            }
            Ok(url) => reach(&inner, "identity", "iam_endpoint", &url, findings).await,
            Err(error) => {
                findings.push(Finding::failed("identity", error));
                false
            }
        }
    } else {
        findings.push(Finding::skipped("identity", "the identity service is not asked with these credentials"));
        true
    };

    if missing.is_some() {
        return skip(findings, "there are no usable credentials", &["login", "permission"]);
    }
    if !identity {
        return skip(findings, "the identity service cannot be reached", &["login", "permission"]);
    }
    let context = CallContext::new(inner.clone(), options);
    match inner.auth.login(&inner.http, context.deadline()).await {
        Ok(identity) => findings.push(Finding::passed("login", identity.to_string())),
        Err(error) => {
            findings.push(Finding::failed("login", error));
            return skip(findings, "not logged in", &["permission"]);
        }
    }
    findings.push(if reached {
        permission(&context, ids).await
    } else {
        Finding::skipped("permission", "the service cannot be reached")
    });
}

fn describe_settings(inner: &ClientInner) -> String {
    let settings = &inner.settings;
    let mut text = format!("service {}", settings.endpoint);
    if let Ok(iam) = settings.iam_endpoint() {
        text.push_str(&format!(", identity service {iam}"));
    }
    if let Some(proxy) = settings.effective_proxy().ok().and_then(|proxy| proxy.of(&settings.endpoint)) {
        text.push_str(&format!(", through the proxy {proxy}"));
    }
    text
}

/// Checks that `url` responds, with whatever status; the clock is checked by the date of the service's response.
async fn reach(inner: &ClientInner, check: &str, setting: &str, url: &Url, findings: &mut Vec<Finding>) -> bool {
    let mut url = url.clone();
    url.set_path(PROBE.path);
    let request = HttpRequest {
        method: PROBE.method,
        url: url.clone().into(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    };
    let started = Instant::now();
    let response = inner.http.send(&request, Some(started + inner.settings.attempt_timeout)).await;
    let reached = match &response {
        Ok(response) => {
            let took = started.elapsed().as_millis();
            findings.push(Finding::passed(check, format!("{url} responds (HTTP {} after {took} ms)", response.status)));
            true
        }
        Err(_) => false,
    };
    let time = response.as_ref().ok().and_then(server_time);
    if let Err(fault) = response {
        findings.push(unreachable(inner, check, setting, &url, outcome::broken(&PROBE, fault).error).await);
    }
    if check == "service" {
        findings.push(match (reached, time) {
            (true, Some(time)) => clock(time),
            (true, None) => Finding::skipped("clock", "the response has no Date header"),
            (false, _) => Finding::skipped("clock", "the service cannot be reached"),
        });
    }
    reached
}

/// Finds out at which step the connection to `url` fails.
async fn unreachable(inner: &ClientInner, check: &str, setting: &str, url: &Url, error: Error) -> Finding {
    let mut finding = Finding::failed(check, error);
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let limit = inner.settings.connect_timeout;
    if inner.http.is_proxied(url) {
        return finding.advice(
            "a proxy is configured (setting proxy, HTTPS_PROXY): check that it is reachable and allows this host",
        );
    }
    let addresses: Vec<SocketAddr> = match timeout(limit, crate::http::resolve(host, port)).await {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(cause)) => {
            finding.message = format!("DNS: the name {host} cannot be resolved ({cause})");
            return finding.advice(format!("check the spelling of {setting} and this machine's DNS servers"));
        }
        Err(_) => {
            finding.message = format!("DNS: no response for the name {host} within {limit:?}");
            return finding.advice("check this machine's DNS servers");
        }
    };
    let mut cause = None;
    for address in &addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(_)) => {
                finding.message = match url.scheme() {
                    "https" => {
                        format!("TLS: {address} is reachable, but the TLS handshake failed: {}", finding.message)
                    }
                    _ => format!("HTTP: {address} is reachable, but does not speak HTTP: {}", finding.message),
                };
                return finding.advice(match url.scheme() {
                    "https" => {
                        "if a proxy intercepts TLS, set ca_file to its CA certificate; check that the port speaks https"
                    }
                    _ => "check that the port is the service's",
                });
            }
            Ok(Err(error)) => cause = Some(error.to_string()),
            Err(_) => cause = Some(format!("no response within {limit:?}")),
        }
    }
    finding.message =
        format!("TCP: no connection to {host} port {port} ({})", cause.unwrap_or_else(|| "no address".into()));
    finding.advice(format!("check {setting} and the firewall; where a proxy is needed, set proxy"))
}

fn clock(server: SystemTime) -> Finding {
    let now = SystemTime::now();
    let (off, side) = match server.duration_since(now) {
        Ok(ahead) => (ahead, "behind"),
        Err(behind) => (behind.duration(), "ahead of"),
    };
    // The header has whole seconds only.
    if off <= CLOCK_TOLERANCE {
        return Finding::passed("clock", "this machine's clock agrees with the server's");
    }
    let message = format!("this machine's clock is {} s {side} the server's", off.as_secs());
    Finding::new("clock", FindingState::Warning, message).advice(
        "set the clock; until then the first signed request is refused, and signed again with the server's time",
    )
}

/// Whether the credential is permitted to read the given phones, or at least accepted by the service.
async fn permission(context: &CallContext, ids: Vec<String>) -> Finding {
    const CHECK: &str = "permission";
    if ids.is_empty() {
        let hint = "to check the permission for certain phones, name them";
        return match get_task::jobs(context, NO_TASK).await {
            Ok(_) => Finding::passed(CHECK, "the service accepts the credential").advice(hint),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Rejected) => {
                let message = "the service accepts the credential (asked for a task that does not exist)";
                Finding::passed(CHECK, message).advice(hint)
            }
            Err(error) => Finding::failed(CHECK, error),
        };
    }
    let count = ids.len();
    let states = match Phones::new(ids) {
        Ok(phones) => per_phone(context, phones, &QueryStatus).await,
        Err(error) => Err(error),
    };
    match states.and_then(|phones| phones.raise_for_errors()) {
        Ok(()) => Finding::passed(CHECK, format!("the state of all {count} phones can be read")),
        Err(error) => Finding::failed(CHECK, error),
    }
}

fn advice_for(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Authentication => {
            "check user name, password and account, or the keys; failed attempts lock them for minutes"
        }
        ErrorKind::PermissionDenied => {
            "check the ids of the phones, that they belong to this account and region, and that the user has a \
                KooPhone role"
        }
        ErrorKind::Throttled => "wait a minute, or lower concurrency",
        ErrorKind::Unavailable => "wait, then try again",
        ErrorKind::Network => "check the network of this machine",
        ErrorKind::Timeout => "check the network, or raise timeout",
        ErrorKind::Protocol => "check that the endpoint is the KooPhone service and not a proxy's page",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, Result};

    fn states(findings: &[Finding]) -> Vec<(&str, FindingState)> {
        findings.iter().map(|finding| (finding.check.as_str(), finding.state)).collect()
    }

    fn run(builder: ClientBuilder) -> Result<Vec<Finding>> {
        diagnose(builder.environment([]).setting("metadata", "false"), Vec::<String>::new()).wait()
    }

    #[test]
    fn bad_settings_end_it_and_every_check_has_its_line() {
        use FindingState::{Failed, Skipped};
        let findings = run(Client::builder().endpoint("http://example.com")).unwrap();
        let skipped =
            ["credentials", "service", "clock", "identity", "login", "permission"].map(|check| (check, Skipped));
        assert_eq!(states(&findings)[0], ("settings", Failed));
        assert_eq!(states(&findings)[1..], skipped);
    }

    #[test]
    fn missing_credentials_do_not_hide_a_dead_endpoint() {
        use FindingState::{Failed, Passed, Skipped};
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let findings = run(Client::builder().endpoint(format!("http://{port}"))).unwrap();
        assert_eq!(
            states(&findings),
            [
                ("settings", Passed),
                ("credentials", Failed),
                ("service", Failed),
                ("clock", Skipped),
                ("identity", Skipped),
                ("login", Skipped),
                ("permission", Skipped)
            ]
        );
        assert!(findings[2].message.starts_with("TCP: no connection to 127.0.0.1"), "{}", findings[2].message);
        assert_eq!(findings[1].error.as_ref().unwrap().kind(), ErrorKind::Configuration);
    }

    #[test]
    fn a_wrong_clock_is_reported_as_ahead_or_behind() {
        let hour = Duration::from_secs(3600);
        assert_eq!(clock(SystemTime::now()).state, FindingState::Passed);
        assert!(clock(SystemTime::now() + hour).message.contains("s behind the server's"));
        assert!(clock(SystemTime::now() - hour).message.contains("3600 s ahead of the server's"));
    }
}
