//! The settings of a client: from code, from the environment, and looked at together.

mod parse;
mod table;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

pub use self::table::{SETTINGS, Setting};
use crate::auth::CREDENTIAL_FIELDS;
use crate::error::{Error, Result};
use crate::http::{Proxy, ProxyVariables};

/// The documented endpoint; one for every region.
pub(crate) const ENDPOINT: &str = "https://koophone.myhuaweicloud.com";

/// Phones in one request, unless told otherwise.
pub(crate) const USUAL_BATCH: usize = 32;

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub endpoint: Url,
    pub iam_endpoint: Option<Url>,
    pub region: Option<String>,
    pub project_id: Option<String>,
    pub timeout: Option<Duration>,
    pub attempt_timeout: Duration,
    pub connect_timeout: Duration,
    pub max_attempts: u32,
    pub batch_size: usize,
    pub concurrency: usize,
    pub split_refused_batches: bool,
    pub max_response_bytes: usize,
    pub proxy: Proxy,
    pub ca_file: Option<PathBuf>,
    pub user_agent: String,
    pub allow_http: bool,
    pub strict_commands: bool,
    pub metadata: bool,
    pub metadata_endpoint: Option<Url>,
    pub token_cache: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: Url::parse(ENDPOINT).expect("a valid constant"),
            iam_endpoint: None,
            region: None,
            project_id: None,
            timeout: Some(Duration::from_secs(300)),
            attempt_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            max_attempts: 3,
            batch_size: USUAL_BATCH,
            concurrency: 8,
            split_refused_batches: true,
            max_response_bytes: 16 << 20,
            proxy: Proxy::Environment(ProxyVariables::default()),
            ca_file: None,
            user_agent: concat!("koophone/", env!("CARGO_PKG_VERSION")).into(),
            allow_http: false,
            strict_commands: false,
            metadata: true,
            metadata_endpoint: None,
            token_cache: None,
        }
    }
}

/// Names with our prefix that are set aside for tests.
const TEST_PREFIX: &str = "KOOPHONE_TEST_";

impl Settings {
    /// Sets one by name.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            return Err(Error::invalid(
                name,
                format!("there is no setting {name:?}; the settings are {}", known.join(", ")),
            ));
        };
        (setting.apply)(self, text.trim())
            .map_err(|why| Error::invalid(name, format!("setting {name} cannot be {text:?}: it {why}")))
    }

    /// Takes over every `KOOPHONE_` variable whose setting is not among `given`, and refuses names that mean nothing: a
    /// misspelt KOOPHONE_ENDPOINT must not send a test to the real service.
    pub fn read_environment(&mut self, variables: &[(String, String)], given: &[String]) -> Result<()> {
        if let Proxy::Environment(proxies) = &mut self.proxy {
            *proxies = ProxyVariables::read(variables);
        }
        for (variable, text) in variables.iter().filter(|(name, _)| name.starts_with("KOOPHONE_")) {
            if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable == variable) {
                if !text.is_empty() && !given.iter().any(|name| name == setting.name) {
                    (setting.apply)(self, text.trim()).map_err(|why| {
                        Error::configuration(
                            variable,
                            format!("environment variable {variable} cannot be {text:?}: it {why}"),
                        )
                    })?;
                }
            } else if !credential_variables().any(|known| known == variable) && !variable.starts_with(TEST_PREFIX) {
                let known: Vec<&str> = SETTINGS.iter().map(|s| s.variable).chain(credential_variables()).collect();
                return Err(Error::configuration(
                    variable,
                    format!(
                        "environment variable {variable} is not known; unset it, or did you mean one of {}?",
                        known.join(", ")
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Takes over what a credential brought with it, where nobody said otherwise.
    pub fn fill(&mut self, project_id: Option<String>, iam_endpoint: Option<String>) -> Result<()> {
        let found = [
            ("project_id", project_id, self.project_id.is_none()),
            ("iam_endpoint", iam_endpoint, self.iam_endpoint.is_none()),
        ];
        for (name, text, open) in found {
            if let Some(text) = text.filter(|_| open) {
                self.set(name, &text)?;
            }
        }
        Ok(())
    }

    /// Looks at the settings together.
    pub fn check(&self) -> Result<()> {
        for (name, url) in [("endpoint", Some(&self.endpoint)), ("iam_endpoint", self.iam_endpoint.as_ref())] {
            let Some(url) = url else { continue };
            let wrong = |what: &str| Err(Error::configuration(name, format!("{name} {what}")));
            match url.scheme() {
                "https" => {}
                "http" if is_loopback(url) || self.allow_http => {}
                "http" => {
                    return wrong(
                        "is plain http to another machine, which would send credentials readable; use https, or set allow_http if you must",
                    );
                }
                _ => return wrong("must start with https:// (or http:// for loopback)"),
            }
            if !url.username().is_empty() || url.password().is_some() {
                return wrong("must not hold a user or password; pass credentials separately");
            }
            if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
                return wrong("must be a scheme and host only, like https://koophone.myhuaweicloud.com");
            }
        }
        if self.timeout.is_some_and(|timeout| timeout < Duration::from_millis(1)) {
            return Err(Error::configuration("timeout", "timeout must be at least 1 millisecond"));
        }
        Ok(())
    }

    pub fn iam_endpoint(&self) -> Result<Url> {
        if let Some(url) = &self.iam_endpoint {
            return Ok(url.clone());
        }
        let host = match &self.region {
            Some(region) => format!("https://iam.{region}.myhuaweicloud.com"),
            None => "https://iam.myhuaweicloud.com".into(),
        };
        Url::parse(&host).map_err(|e| Error::configuration("region", "region does not make a host name").caused_by(&e))
    }

    /// The proxy to use: none where everything is on this machine.
    pub fn effective_proxy(&self) -> Proxy {
        let local = is_loopback(&self.endpoint) && self.iam_endpoint.as_ref().is_none_or(is_loopback);
        if local { Proxy::None } else { self.proxy.clone() }
    }
}

/// The variables with our prefix that belong to credentials.
fn credential_variables() -> impl Iterator<Item = &'static str> {
    CREDENTIAL_FIELDS.iter().map(|field| field.variable).filter(|name| name.starts_with("KOOPHONE_"))
}

/// Reads a time limit as the setting `timeout` has it: a number of seconds, a text like `2m`, or `none` for no limit.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(koophone::settings::time_limit("1.5"), Ok(Some(Duration::from_millis(1500))));
/// assert_eq!(koophone::settings::time_limit("none"), Ok(None));
/// assert!(koophone::settings::time_limit("soon").is_err());
/// ```
pub fn time_limit(text: &str) -> Result<Option<Duration>> {
    let read = parse::limit(text.trim());
    read.map_err(|why| Error::invalid("timeout", format!("the time {text:?} cannot be read: it {why}")))
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
    }

    #[test]
    fn every_setting_is_settable_and_refuses_nonsense() {
        let good = |name: &str| match name {
            "endpoint" | "iam_endpoint" | "metadata_endpoint" => "https://example.com",
            "proxy" => "http://127.0.0.1:3128",
            "timeout" | "attempt_timeout" | "connect_timeout" => "1.5",
            "max_attempts" | "batch_size" | "concurrency" => "2",
            "max_response_bytes" => "4096",
            "allow_http" | "strict_commands" | "metadata" | "split_refused_batches" => "yes",
            _ => "abc",
        };
        for setting in SETTINGS {
            let mut settings = Settings::default();
            settings.set(setting.name, good(setting.name)).unwrap();
            let error = settings.set(setting.name, "").unwrap_err();
            assert_eq!(error.argument.as_deref(), Some(setting.name));
            let expected = format!("KOOPHONE_{}", setting.name.to_uppercase());
            assert_eq!(setting.variable, expected);
        }
        assert!(Settings::default().set("endpiont", "x").unwrap_err().message.contains("endpoint"));
    }

    #[test]
    fn the_environment_fills_what_code_left_open_and_refuses_unknown_names() {
        let mut settings = Settings::default();
        settings.set("batch_size", "10").unwrap();
        let variables = environment(&[("KOOPHONE_BATCH_SIZE", "20"), ("KOOPHONE_CONCURRENCY", "3"), ("PATH", "x")]);
        settings.read_environment(&variables, &["batch_size".into()]).unwrap();
        assert_eq!((settings.batch_size, settings.concurrency), (10, 3));
        let error = settings.read_environment(&environment(&[("KOOPHONE_ENDPIONT", "x")]), &[]).unwrap_err();
        assert!(error.message.contains("KOOPHONE_ENDPOINT"), "{error}");
        assert!(settings.read_environment(&environment(&[("KOOPHONE_TIMEOUT", "soon")]), &[]).is_err());
        assert!(
            settings
                .read_environment(&environment(&[("KOOPHONE_PASSWORD", "p"), ("KOOPHONE_TEST_X", "")]), &[])
                .is_ok()
        );
    }

    #[test]
    fn plain_http_is_for_loopback_or_by_name() {
        let check = |url: &str, allow: bool| {
            let mut settings = Settings { allow_http: allow, ..Default::default() };
            settings.set("endpoint", url).unwrap();
            settings.check()
        };
        for good in
            ["https://example.com", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"]
        {
            check(good, false).unwrap();
        }
        assert!(check("http://example.com", false).unwrap_err().message.contains("allow_http"));
        check("http://example.com", true).unwrap();
        for bad in ["ftp://127.0.0.1", "https://u:p@example.com", "https://example.com/v1", "https://example.com?x=1"] {
            assert!(check(bad, true).is_err(), "{bad}");
        }
    }
}
