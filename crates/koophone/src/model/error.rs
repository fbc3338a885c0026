//! The one error model: what every error carries.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::cause::Chain;
use super::error_kind::ErrorKind;
use super::instance_id::InstanceId;
use super::results::JobResult;

/// Everything known about a failure. The same fields, under the same names, exist in every language.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorDetails {
    /// Which of the fifteen kinds this is.
    #[cfg_attr(feature = "describe", schemars(with = "String"))]
    pub kind: ErrorKind,
    /// What happened and what to do next, in a sentence. Contains no secret.
    pub message: String,
    /// The argument or setting at fault, for `invalid_argument` and `configuration`.
    pub argument: Option<String>,
    /// The service's own code, unchanged, for example `KOOPHONE.API.1000`.
    pub code: Option<String>,
    /// The HTTP status, if there was a response.
    pub http_status: Option<u16>,
    /// The `x-request-id` that we sent; the same on every attempt of one call.
    pub request_id: Option<String>,
    /// The id that the service or its gateway assigned to the request; include it in support tickets.
    pub server_request_id: Option<String>,
    /// Whether making the same call again may succeed, without the risk that anything is done twice.
    pub retryable: bool,
    /// Whether the call may have changed something on a phone. False means that certainly nothing was executed; it is
    /// always false for calls that only read.
    #[serde(default)]
    pub maybe_executed: bool,
    /// How many requests of this operation were sent; those that fetch a token are not counted.
    pub attempts: u32,
    /// The phone that failed, if the error is about one phone.
    pub instance_id: Option<String>,
    /// What the command printed on that phone before it failed, at most 1,024 bytes.
    pub output: Option<String>,
    /// The causes, outermost first.
    pub causes: Vec<String>,
    /// The beginning of a response that was not understood.
    pub excerpt: Option<String>,
    /// The last known state of every job, when waiting for a task timed out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_jobs: Vec<JobResult>,
    #[serde(skip)]
    chain: Chain,
}

/// A failure of any call, with a method for each field of [`ErrorDetails`]. Small and cheap to clone.
///
/// ```
/// use koophone::{Client, ErrorKind};
///
/// let error = Client::builder().setting("batch_size", "1000").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert_eq!(error.argument(), Some("batch_size"));
/// assert!(error.message().contains("batch_size"));
/// // Nothing was sent.
/// assert!(!error.maybe_executed() && !error.retryable() && error.attempts() == 0);
/// assert_eq!((error.request_id(), error.http_status(), error.code()), (None, None, None));
/// ```
///
/// What to do after a failure of a call about one phone:
///
/// ```no_run
/// # let client = koophone::blocking::Client::from_env()?;
/// use koophone::ErrorKind;
///
/// match client.get_device_token("a44uhlf7") {
///     Ok(authorization) => println!("{:?}", authorization.expired_time),
///     Err(error) if error.kind() == ErrorKind::PermissionDenied => println!("not your phone"),
///     Err(error) if error.maybe_executed() => println!("check before you do it again: {error}"),
///     Err(error) if error.retryable() => println!("try later: {error}"),
///     Err(error) => {
///         println!("{} {:?} {:?}", error.message(), error.code(), error.http_status());
///         println!("for support: {:?} {:?}", error.request_id(), error.server_request_id());
///         println!("{:?} {:?} {:?}", error.causes(), error.excerpt(), error.details());
///     }
/// }
/// # koophone::Result::<()>::Ok(())
/// ```
///
/// The error of one phone says which, and what its command printed; that of a wait that timed out has the state of each
/// job:
///
/// ```
/// fn report(error: &koophone::Error) {
///     println!("{:?}: {:?}", error.instance_id(), error.output());
///     for job in error.last_jobs() {
///         println!("{:?}: {:?}", job.instance_id, job.state);
///     }
/// }
/// # report(&koophone::Error::new(koophone::ErrorKind::Timeout, "too late"));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Error(Box<ErrorDetails>);

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` with this message. For emulators of the service and tests; every other field is empty.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetails {
            kind,
            message: message.into(),
            argument: None,
            code: None,
            http_status: None,
            request_id: None,
            server_request_id: None,
            retryable: false,
            maybe_executed: false,
            attempts: 0,
            instance_id: None,
            output: None,
            causes: Vec::new(),
            excerpt: None,
            last_jobs: Vec::new(),
            chain: Chain::default(),
        }))
    }

    /// `argument` is wrong: `message` says why and what would be right.
    pub fn invalid(argument: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::InvalidArgument, message);
        error.0.argument = Some(argument.into());
        error
    }

    /// Setting `setting` is missing or wrong.
    pub fn configuration(setting: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Configuration, message);
        error.0.argument = Some(setting.into());
        error
    }

    /// A bug in koophone.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Which of the fifteen kinds this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened and what to do next, in a sentence. Contains no secret.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The argument or setting at fault, for `invalid_argument` and `configuration`.
    pub fn argument(&self) -> Option<&str> {
        self.0.argument.as_deref()
    }

    /// The service's own code, unchanged, for example `KOOPHONE.API.1000`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status, if there was a response.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The `x-request-id` that was sent; the same on every attempt of one call.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id that the service or its gateway assigned to the request; include it in support tickets.
    pub fn server_request_id(&self) -> Option<&str> {
        self.0.server_request_id.as_deref()
    }

    /// Whether making the same call again may succeed, without the risk that anything is done twice.
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the call may have changed something on a phone. False means that certainly nothing was executed; it is
    /// always false for calls that only read.
    pub fn maybe_executed(&self) -> bool {
        self.0.maybe_executed
    }

    /// How many requests of this operation were sent; those that fetch a token are not counted.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The phone that failed, if the error is about one phone.
    pub fn instance_id(&self) -> Option<&str> {
        self.0.instance_id.as_deref()
    }

    /// What the command printed on that phone before it failed, at most 1,024 bytes.
    pub fn output(&self) -> Option<&str> {
        self.0.output.as_deref()
    }

    /// The causes, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// The beginning of a response that was not understood.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// The last known state of every job, when waiting for a task timed out.
    pub fn last_jobs(&self) -> &[JobResult] {
        &self.0.last_jobs
    }

    /// All fields in one struct, for code that passes them on.
    pub fn details(&self) -> &ErrorDetails {
        &self.0
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "the call was cancelled by its caller before anything was executed")
    }

    /// Names the phone that the error is about.
    pub(crate) fn about(self, instance_id: InstanceId) -> Self {
        self.with(|details| details.instance_id = Some(instance_id.to_string()))
    }

    /// Adds `cause` and its sources to the causes.
    pub(crate) fn caused_by(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let causes = &mut self.details_mut().causes;
        let mut next = Some(cause);
        while let Some(cause) = next {
            let text = cause.to_string();
            // Many libraries include their source in their own text; those texts are not repeated.
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    pub(crate) fn details_mut(&mut self) -> &mut ErrorDetails {
        self.0.chain = Chain::default();
        &mut self.0
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut ErrorDetails)) -> Self {
        change(self.details_mut());
        self
    }

    /// Whether `other` is the same failure in another batch: same kind, code and HTTP status.
    pub(crate) fn is_same_failure(&self, other: &Error) -> bool {
        self.kind() == other.kind() && self.code() == other.code() && self.http_status() == other.http_status()
    }
}

/// The message and what identifies the failure, in one line. The causes are not in it, because they are the
/// [`source`](std::error::Error::source); `{:#}` adds the first of them.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        line.write_str(self.message())?;
        let mut notes = vec![self.kind().name().to_owned()];
        notes.extend(self.argument().iter().map(|name| format!("argument {name}")));
        notes.extend(self.code().iter().map(|code| format!("code {code}")));
        notes.extend(self.http_status().map(|status| format!("HTTP {status}")));
        if self.attempts() > 1 {
            notes.push(format!("{} attempts", self.attempts()));
        }
        notes.extend(self.request_id().iter().map(|id| format!("request id {id}")));
        notes.extend(self.server_request_id().iter().map(|id| format!("server request id {id}")));
        write!(line, " [{}]", notes.join("; "))?;
        if let Some(cause) = self.causes().first().filter(|_| line.0.alternate()) {
            write!(line, ": {cause}")?;
        }
        Ok(())
    }
}

/// Writes control characters as Rust does in its literals. Parts of an error come from the service or from wrong
/// arguments; they must not be able to forge lines in a log.
struct OneLine<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if character.is_control() {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `unwrap()` and test frameworks print Debug: first the sentence, then the remaining causes.
        write!(f, "{self:#}")?;
        for cause in self.causes().iter().skip(1) {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    /// The first of the [`causes`](Error::causes), whose source is the next one.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.chain.of(&self.0.causes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_says_what_where_and_why() {
        let cause = std::io::Error::other("connection reset");
        let error = Error::new(ErrorKind::Rejected, "the service refused the call: bad parameter")
            .with(|d| {
                d.code = Some("KOOPHONE.API.1000".into());
                d.http_status = Some(400);
                d.attempts = 3;
                d.request_id = Some("r1".into());
            })
            .caused_by(&cause);
        assert_eq!(
            error.to_string(),
            "the service refused the call: bad parameter [rejected; code KOOPHONE.API.1000; HTTP 400; 3 attempts; \
                request id r1]"
        );
        assert_eq!(format!("{error:#}"), format!("{error}: connection reset"));
    }

    #[test]
    fn display_is_one_line_whatever_the_message() {
        let error = Error::invalid("a\nb", "there is no a\r\nb").caused_by(&std::io::Error::other("c\u{1b}[31m"));
        assert_eq!(format!("{error:#}"), r"there is no a\r\nb [invalid_argument; argument a\nb]: c\u{1b}[31m");
    }

    #[test]
    fn the_causes_are_the_sources_one_after_the_other() {
        use std::error::Error as _;

        let texts = |error: &Error| {
            let mut texts = Vec::new();
            let mut next = error.source();
            while let Some(cause) = next {
                texts.push(cause.to_string());
                next = cause.source();
            }
            texts
        };
        let error = Error::internal("x").with(|details| details.causes = vec!["a".into(), "b".into()]);
        assert_eq!(
            (texts(&error), texts(&error.clone())),
            (vec!["a".into(), "b".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!((&error, texts(&Error::internal("x"))), (&error.clone(), vec![]));
        let more = error.caused_by(&std::io::Error::other("c"));
        assert_eq!(texts(&more), more.causes());
    }
}
