//! The settings of a client: from code and from the environment, and validated together.

pub(crate) mod credential_fields;
pub(crate) mod environment;
mod field;
pub(crate) mod home;
pub(crate) mod nearest;
mod parse;
pub(crate) mod proxy;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

pub use self::field::SettingKind;
pub(crate) use self::field::Value;
use self::proxy::{Proxy, ProxySetting, ProxyVariables, is_loopback};
pub use self::table::{SETTINGS, Setting};
use crate::model::{Error, Result};

/// The documented endpoint; one for every region.
pub(crate) const ENDPOINT: &str = "https://koophone.myhuaweicloud.com";

/// Further pauses are up to twenty times as long.
const LONGEST_RETRY_DELAY: Duration = Duration::from_secs(15);

/// The effective settings. Not printable as a whole, because a proxy's URL may contain a password.
#[derive(Clone)]
pub(crate) struct Settings {
    pub endpoint: Url,
    pub iam_endpoint: Option<Url>,
    pub region: Option<String>,
    pub project_id: Option<String>,
    pub timeout: Option<Duration>,
    pub attempt_timeout: Duration,
    pub connect_timeout: Duration,
    pub max_attempts: u32,
    pub retry_delay: Duration,
    pub batch_size: usize,
    pub concurrency: usize,
    pub split_refused_batches: bool,
    pub max_response_bytes: usize,
    pub max_connections: usize,
    pub proxy: ProxySetting,
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
            retry_delay: Duration::from_secs(1),
            batch_size: 32,
            concurrency: 8,
            split_refused_batches: true,
            max_response_bytes: 16 << 20,
            max_connections: 64,
            proxy: ProxySetting::Environment(ProxyVariables::default()),
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

impl Settings {
    /// Sets one by name, from text.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        self.put(name, Value::Text(text.to_owned()))
    }

    /// Sets one by name.
    pub fn put(&mut self, name: &str, value: Value) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            return Err(Error::invalid(
                name,
                format!("there is no setting {name:?}; the settings are {}", known.join(", ")),
            ));
        };
        let shown = value.shown(setting.kind());
        setting
            .field
            .set(self, value)
            .map_err(|why| Error::invalid(name, refused(&format!("setting {name}"), &shown, &why)))
    }

    /// Applies the values that came with a credential, unless they are set.
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

    /// Replaces `~` at the start of paths.
    pub fn expand_home(&mut self, environment: &[(String, String)]) -> Result<()> {
        for (name, path) in [("ca_file", &mut self.ca_file), ("token_cache", &mut self.token_cache)] {
            let Some(path) = path else { continue };
            *path = home::expand(path, environment).map_err(|why| {
                Error::configuration(name, format!("setting {name} cannot be {:?}: it {why}", path.display()))
            })?;
        }
        Ok(())
    }

    /// Validates the settings together.
    pub fn check(&self) -> Result<()> {
        if self.metadata_endpoint.as_ref().is_some_and(|url| !matches!(url.scheme(), "http" | "https")) {
            let message = "metadata_endpoint must start with http:// or https://";
            return Err(Error::configuration("metadata_endpoint", message));
        }
        for (name, url) in [("endpoint", Some(&self.endpoint)), ("iam_endpoint", self.iam_endpoint.as_ref())] {
            let Some(url) = url else { continue };
            let wrong = |what: &str| Err(Error::configuration(name, format!("{name} {what}")));
            match url.scheme() {
                "https" => {}
                "http" if is_loopback(url) || self.allow_http => {}
                "http" => {
                    return wrong(
                        "is plain http to another machine, which would send credentials unencrypted; use https, or \
                            set allow_http if you must",
                    );
                }
                _ => return wrong("must start with https:// (or http:// for loopback)"),
            }
            if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
                return wrong("must be a scheme and host only, like https://koophone.myhuaweicloud.com");
            }
        }
        if self.retry_delay > LONGEST_RETRY_DELAY {
            let message =
                format!("retry_delay must be at most {LONGEST_RETRY_DELAY:?}, because further pauses are longer");
            return Err(Error::configuration("retry_delay", message));
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

    /// The proxies of the endpoints.
    pub fn effective_proxy(&self) -> Result<Proxy> {
        self.proxy.resolve(&[&self.endpoint, &self.iam_endpoint()?])
    }
}

/// Why a value was refused; `shown` is empty where it must not be printed.
fn refused(what: &str, shown: &str, why: &str) -> String {
    match shown {
        "" => format!("{what} cannot be used (its value is not shown, because a URL may hold a password): it {why}"),
        shown => format!("{what} cannot be{shown}: it {why}"),
    }
}

/// Reads a time limit as the setting `timeout` has it: a number of seconds, a text like `2m`, or `none` for no limit.
pub(crate) fn time_limit(text: &str) -> Result<Option<Duration>> {
    let read = parse::limit(text.trim());
    read.map_err(|why| Error::invalid("timeout", format!("the time {text:?} cannot be read: it {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_settable_and_refuses_invalid_values() {
        let good = |name: &str| match name {
            "endpoint" | "iam_endpoint" | "metadata_endpoint" => "https://example.com",
            "proxy" => "http://127.0.0.1:3128",
            "timeout" | "attempt_timeout" | "connect_timeout" | "retry_delay" => "1.5",
            "max_attempts" | "batch_size" | "concurrency" | "max_connections" => "2",
            "max_response_bytes" => "4096",
            "allow_http" | "strict_commands" | "metadata" | "split_refused_batches" => "yes",
            _ => "abc",
        };
        for setting in SETTINGS {
            let mut settings = Settings::default();
            settings.set(setting.name, good(setting.name)).unwrap();
            let error = settings.set(setting.name, "").unwrap_err();
            assert_eq!(error.argument(), Some(setting.name));
            let expected = format!("KOOPHONE_{}", setting.name.to_uppercase());
            assert_eq!(setting.variable, expected);
        }
        let mut settings = Settings::default();
        for (delay, good) in [("15s", true), ("16s", false)] {
            settings.set("retry_delay", delay).unwrap();
            assert_eq!(settings.check().is_ok(), good, "{delay}");
        }
        assert!(Settings::default().set("endpiont", "x").unwrap_err().message().contains("endpoint"));
    }

    #[test]
    fn a_setting_of_each_kind_takes_only_its_kind() {
        let good = |kind| match kind {
            SettingKind::Url => "https://example.com",
            SettingKind::Text => "abc",
            SettingKind::Duration | SettingKind::Limit => "1.5",
            SettingKind::Count => "1024",
            SettingKind::Bool => "yes",
            SettingKind::Path => "/tmp/x",
        };
        for setting in SETTINGS {
            let range = matches!(setting.name, "max_attempts" | "batch_size" | "concurrency" | "max_connections");
            let text = if range { "2" } else { good(setting.kind()) };
            Settings::default().set(setting.name, text).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    #[test]
    fn no_error_shows_the_content_of_a_url() {
        for setting in SETTINGS.iter().filter(|setting| setting.kind() == SettingKind::Url) {
            for bad in [
                "https://user:s3cret@host:99999",
                "https://user:s3cret",
                "https://user:s3cret@",
                "https://user:s3cret@ho st",
                "https://user:s3cret@ho\nst",
                "user:s3cret@host",
                "gopher://user:s3cret@host",
            ] {
                let mut settings = Settings::default();
                let error = settings.set(setting.name, bad).unwrap_err();
                assert!(!format!("{error:?} {:?}", error.details()).contains("s3cret"), "{error:?}");
                let variables = [(setting.variable.to_owned(), bad.to_owned())];
                let error = settings.read_environment(&variables, &[]).unwrap_err();
                assert!(!format!("{error:?} {:?}", error.details()).contains("s3cret"), "{error:?}");
                assert_eq!(error.argument(), Some(setting.variable));
            }
        }
    }

    #[test]
    fn a_tilde_in_a_path_is_the_home_directory() {
        let mut settings = Settings::default();
        for name in ["ca_file", "token_cache"] {
            settings.set(name, "~/of-mine").unwrap();
        }
        assert!(settings.clone().expand_home(&[]).is_err());
        settings.expand_home(&[("HOME".to_owned(), "/h".to_owned())]).unwrap();
        let paths = [settings.ca_file, settings.token_cache].map(|path| path.unwrap());
        assert_eq!(paths, [PathBuf::from("/h/of-mine"), "/h/of-mine".into()]);
    }

    #[test]
    fn the_metadata_endpoint_is_http() {
        let mut settings = Settings::default();
        for (url, good) in [("http://10.0.0.1", true), ("https://10.0.0.1", true), ("gopher://10.0.0.1", false)] {
            settings.set("metadata_endpoint", url).unwrap();
            assert_eq!(settings.check().is_ok(), good, "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_or_if_allowed() {
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
        assert!(check("http://example.com", false).unwrap_err().message().contains("allow_http"));
        check("http://example.com", true).unwrap();
        for bad in ["ftp://127.0.0.1", "https://example.com/v1", "https://example.com?x=1"] {
            assert!(check(bad, true).is_err(), "{bad}");
        }
        let error = Settings::default().set("endpoint", "https://u:p@example.com").unwrap_err();
        assert!(error.message().contains("must not contain a user or password"), "{error}");
    }
}
