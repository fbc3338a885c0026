//! The configuration of a client: values set in code, completed from the environment.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Client;
use super::assembly::{Configuration, Found, assemble};
use crate::auth::Credentials;
use crate::log::{Log, LogRecord, LogSwitch};
use crate::model::Result;
use crate::settings::{Settings, Value};

/// The configuration of a [`Client`]. [`ClientBuilder::build`] reports what is wrong in it. What is not set here is
/// taken from the environment (`KOOPHONE_*`).
///
/// ```
/// use std::time::Duration;
/// use koophone::{Client, Credentials};
///
/// let client = Client::builder()
///     .region("cn-north-4")
///     .credentials(Credentials::access_key("HPUA1EXAMPLE", "a-secret"))
///     .timeout(Duration::from_secs(30))
///     .batch_size(50)
///     .build()?;
/// # koophone::Result::<()>::Ok(())
/// ```
#[derive(Clone, Default)]
#[must_use = "a configuration does nothing until build() is called"]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    settings: Vec<(String, Value)>,
    environment: Option<Vec<(String, String)>>,
    log: Option<Log>,
}

impl ClientBuilder {
    /// The credentials. Without them, the provider chain is searched: environment, profile file, metadata service.
    ///
    /// ```
    /// use koophone::{Client, Credentials};
    ///
    /// let builder = Client::builder().credentials(Credentials::password("iam-user", "a-secret", "account"));
    /// ```
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Sets one of the [`SETTINGS`](crate::settings::SETTINGS) by name, in the form of its environment variable. If a
    /// setting is given twice, here or by its own method, the last value wins.
    ///
    /// ```
    /// // For names that are known only at run time, such as those of a configuration file.
    /// let builder = koophone::Client::builder().setting("batch_size", "50").setting("timeout", "2m");
    /// assert!(koophone::Client::builder().setting("batch_siez", "50").build().is_err());
    /// ```
    pub fn setting(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.put(name.into(), Value::Text(value.into()))
    }

    fn put(mut self, name: String, value: Value) -> Self {
        self.settings.retain(|(given, _)| *given != name);
        self.settings.push((name, value));
        self
    }

    /// Address of the service.
    ///
    /// ```
    /// let builder = koophone::Client::builder().endpoint("https://koophone.myhuaweicloud.com");
    /// ```
    pub fn endpoint(self, url: impl Into<String>) -> Self {
        self.put("endpoint".into(), Value::Text(url.into()))
    }

    /// Address of the identity service.
    ///
    /// ```
    /// let builder = koophone::Client::builder().iam_endpoint("https://iam.cn-north-4.myhuaweicloud.com");
    /// ```
    pub fn iam_endpoint(self, url: impl Into<String>) -> Self {
        self.put("iam_endpoint".into(), Value::Text(url.into()))
    }

    /// Region of the project, for example `cn-north-4`.
    ///
    /// ```
    /// let builder = koophone::Client::builder().region("cn-north-4");
    /// ```
    pub fn region(self, region: impl Into<String>) -> Self {
        self.put("region".into(), Value::Text(region.into()))
    }

    /// Id of the project; by default it is looked up by region if a signature needs it.
    ///
    /// ```
    /// let builder = koophone::Client::builder().project_id("0aa253a31a2f4cfda30eaa073fee6477");
    /// ```
    pub fn project_id(self, id: impl Into<String>) -> Self {
        self.put("project_id".into(), Value::Text(id.into()))
    }

    /// Total deadline of each call with all its batches and retries; `None` disables it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let builder = koophone::Client::builder().timeout(Duration::from_secs(20));
    /// let patient = koophone::Client::builder().timeout(None);
    /// ```
    pub fn timeout(self, timeout: impl Into<Option<Duration>>) -> Self {
        self.put("timeout".into(), Value::Duration(timeout.into()))
    }

    /// Limit of one request, from connecting to the end of the response.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = koophone::Client::builder().attempt_timeout(Duration::from_secs(10));
    /// ```
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.put("attempt_timeout".into(), Value::Duration(Some(timeout)))
    }

    /// Limit for DNS, TCP, proxy and TLS of one connection.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = koophone::Client::builder().connect_timeout(Duration::from_secs(3));
    /// ```
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.put("connect_timeout".into(), Value::Duration(Some(timeout)))
    }

    /// Maximum number of requests for one call and batch, the first included: 1 to 10.
    ///
    /// ```
    /// // No retries.
    /// let builder = koophone::Client::builder().max_attempts(1);
    /// ```
    pub fn max_attempts(self, attempts: usize) -> Self {
        self.put("max_attempts".into(), Value::Count(attempts))
    }

    /// Pause before the first retry: 1 ms to 15 s. Each further pause is four times as long, up to twenty times this;
    /// every pause is shortened at random by up to half.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let builder = koophone::Client::builder().retry_delay(Duration::from_millis(200));
    /// ```
    pub fn retry_delay(self, delay: Duration) -> Self {
        self.put("retry_delay".into(), Value::Duration(Some(delay)))
    }

    /// Phones in one request: 1 to 100.
    ///
    /// ```
    /// let error = koophone::Client::builder().batch_size(101).build().unwrap_err();
    /// assert_eq!(error.argument(), Some("batch_size"));
    /// ```
    pub fn batch_size(self, phones: usize) -> Self {
        self.put("batch_size".into(), Value::Count(phones))
    }

    /// Concurrent requests of one call: 1 to 256.
    ///
    /// ```
    /// // One request at a time.
    /// let builder = koophone::Client::builder().concurrency(1);
    /// ```
    pub fn concurrency(self, requests: usize) -> Self {
        self.put("concurrency".into(), Value::Count(requests))
    }

    /// Maximum number of open connections of the client: 1 to 4096. Further requests wait for one, until their
    /// deadline.
    ///
    /// ```
    /// let builder = koophone::Client::builder().max_connections(16);
    /// ```
    pub fn max_connections(self, connections: usize) -> Self {
        self.put("max_connections".into(), Value::Count(connections))
    }

    /// Whether a batch that is refused because of individual phones is split until each of them is in a request of its
    /// own.
    ///
    /// ```
    /// // A refused batch fails as a whole.
    /// let builder = koophone::Client::builder().split_refused_batches(false);
    /// ```
    pub fn split_refused_batches(self, split: bool) -> Self {
        self.put("split_refused_batches".into(), Value::Bool(split))
    }

    /// Largest response accepted, in bytes: 1 KiB to 1 GiB.
    ///
    /// ```
    /// let builder = koophone::Client::builder().max_response_bytes(1024 * 1024);
    /// ```
    pub fn max_response_bytes(self, bytes: usize) -> Self {
        self.put("max_response_bytes".into(), Value::Count(bytes))
    }

    /// URL of a proxy: `http`, `https`, `socks5`, or `socks5h` if the proxy resolves host names. It replaces the
    /// proxies of the environment. See [`no_proxy`](Self::no_proxy).
    ///
    /// ```
    /// let builder = koophone::Client::builder().proxy("http://user:password@proxy.example.com:3128");
    /// ```
    pub fn proxy(self, url: impl Into<String>) -> Self {
        self.put("proxy".into(), Value::Text(url.into()))
    }

    /// Connects directly, whatever the environment says.
    ///
    /// ```
    /// let builder = koophone::Client::builder().no_proxy();
    /// ```
    pub fn no_proxy(self) -> Self {
        self.put("proxy".into(), Value::Text("none".into()))
    }

    /// PEM file with the only certificate authorities to trust.
    ///
    /// ```
    /// let builder = koophone::Client::builder().ca_file("/etc/ssl/our-authority.pem");
    /// ```
    pub fn ca_file(self, path: impl Into<PathBuf>) -> Self {
        self.put("ca_file".into(), Value::Path(path.into()))
    }

    /// The `User-Agent` header.
    ///
    /// ```
    /// let builder = koophone::Client::builder().user_agent("our-test-farm/1.4");
    /// ```
    pub fn user_agent(self, text: impl Into<String>) -> Self {
        self.put("user_agent".into(), Value::Text(text.into()))
    }

    /// Whether plain http is allowed to hosts other than loopback; tokens are then sent unencrypted.
    ///
    /// ```
    /// // A private service in a closed network.
    /// let builder = koophone::Client::builder().endpoint("http://phones.internal").allow_http(true);
    /// ```
    pub fn allow_http(self, allow: bool) -> Self {
        self.put("allow_http".into(), Value::Bool(allow))
    }

    /// Whether to refuse commands with characters that the service does not document.
    ///
    /// ```
    /// let builder = koophone::Client::builder().strict_commands(true);
    /// ```
    pub fn strict_commands(self, strict: bool) -> Self {
        self.put("strict_commands".into(), Value::Bool(strict))
    }

    /// Whether the provider chain may ask the metadata service of a cloud server (ECS) for a key.
    ///
    /// ```
    /// // A developer's machine has none, so do not wait for it.
    /// let builder = koophone::Client::builder().metadata(false);
    /// ```
    pub fn metadata(self, ask: bool) -> Self {
        self.put("metadata".into(), Value::Bool(ask))
    }

    /// Address of the metadata service.
    ///
    /// ```
    /// let builder = koophone::Client::builder().metadata_endpoint("http://169.254.169.254");
    /// ```
    pub fn metadata_endpoint(self, url: impl Into<String>) -> Self {
        self.put("metadata_endpoint".into(), Value::Text(url.into()))
    }

    /// Directory where tokens are cached, for many processes to share one login.
    ///
    /// ```
    /// let builder = koophone::Client::builder().token_cache("~/.cache/koophone");
    /// ```
    pub fn token_cache(self, directory: impl Into<PathBuf>) -> Self {
        self.put("token_cache".into(), Value::Path(directory.into()))
    }

    /// Passes log records to `sink`, up to a [`LogLevel`](crate::LogLevel), or as a [`LogSwitch`] allows when a call
    /// begins and while it runs. The sink is called from any thread, also during a call, so it must be quick and must
    /// not call the client. A panic in it loses only that record.
    ///
    /// ```
    /// use koophone::{Client, LogLevel};
    ///
    /// let builder = Client::builder().log(LogLevel::Info, |record| {
    ///     eprintln!("{}: {}", record.level.name(), record.message);
    /// });
    /// ```
    pub fn log(mut self, level: impl Into<LogSwitch>, sink: impl Fn(&LogRecord) + Send + Sync + 'static) -> Self {
        self.log = Some(Log::new(level.into(), Box::new(sink)));
        self
    }

    /// Replaces the process's environment by these variables; an empty list ignores it.
    ///
    /// ```
    /// // Ignores the environment.
    /// let alone = koophone::Client::builder().environment([]);
    /// // Variables from another source.
    /// let variables = [("KOOPHONE_REGION".to_owned(), "cn-north-4".to_owned())];
    /// let builder = koophone::Client::builder().environment(variables);
    /// ```
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment = Some(variables.into_iter().collect());
        self
    }

    /// Validates everything and builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a setting given in code that is unknown or out of range; `configuration` for one from the
    /// environment, for incomplete credentials, and for a file that cannot be read. The error's
    /// [`argument`](crate::Error::argument) names it.
    ///
    /// ```
    /// let error = koophone::Client::builder().endpoint("no address").build().unwrap_err();
    /// assert_eq!(error.kind(), koophone::ErrorKind::InvalidArgument);
    /// assert_eq!(error.argument(), Some("endpoint"));
    /// ```
    pub fn build(mut self) -> Result<Client> {
        let log = self.take_log();
        let _logging = log.as_ref().and_then(Log::of_call).map(|log| tracing::dispatcher::set_default(&log));
        let mut read = self.read()?;
        let found = Found::resolve(&mut read)?;
        assemble(read.settings, found, log).map(|inner| Client { inner: Arc::new(inner) })
    }

    pub(crate) fn take_log(&mut self) -> Option<Log> {
        self.log.take()
    }

    pub(crate) fn read(self) -> Result<Configuration> {
        let mut settings = Settings::default();
        for (name, value) in &self.settings {
            settings.put(name, value.clone())?;
        }
        let given: Vec<&str> = self.settings.iter().map(|(name, _)| name.as_str()).collect();
        let environment = self.environment.unwrap_or_else(process_environment);
        let unknown = settings.read_environment(&environment, &given)?;
        settings.expand_home(&environment)?;
        if !unknown.is_empty() {
            let variables = unknown.join(", ");
            tracing::warn!(variables, "unknown environment variables with the prefix KOOPHONE_ have no effect");
        }
        Ok(Configuration { settings, credentials: self.credentials.unwrap_or_else(Credentials::chain), environment })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values of settings may contain a proxy's password.
        let names: Vec<&str> = self.settings.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("settings", &names)
            .finish_non_exhaustive()
    }
}

/// The process's environment, without names and values that are not UTF-8, which cannot be ours.
fn process_environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
