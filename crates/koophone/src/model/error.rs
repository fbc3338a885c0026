//! The one error model: fifteen kinds with frozen numbers, and what every error carries.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

use super::instance_id::InstanceId;
use super::results::JobResult;

/// What went wrong, in one word. The numbers are frozen: they are the C enum, and the exit codes of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// Refused before anything was sent; the message says which argument, what is wrong and what would be right.
    InvalidArgument = 1,
    /// No credentials, a bad endpoint, a bad CA file; the message lists what was looked for.
    Configuration = 2,
    /// The identity service or the gateway refused the credential.
    Authentication = 3,
    /// The credential is fine, the right is missing (`KOOPHONE.API.1001`, HTTP 403).
    PermissionDenied = 4,
    /// Unknown task, API or resource.
    NotFound = 5,
    /// Still limited after the retries.
    Throttled = 6,
    /// Any other refusal by the service; its code is kept to the letter.
    Rejected = 7,
    /// A 5xx that says nothing was done.
    Unavailable = 8,
    /// DNS, connect, TLS or proxy: nothing was executed.
    Network = 9,
    /// The deadline passed and nothing was executed, or the call only reads.
    Timeout = 10,
    /// Sent, no usable answer, and the call changes something: it may or may not have run.
    OutcomeUnknown = 11,
    /// An answer that cannot be understood; an excerpt is kept.
    Protocol = 12,
    /// Cancelled by the caller.
    Cancelled = 13,
    /// A bug in koophone.
    Internal = 14,
    /// The phone ran the command and reports a failure; its own words are in `output`.
    CommandFailed = 15,
}

impl ErrorKind {
    /// Every kind, in the order of its number.
    pub const ALL: [ErrorKind; 15] = [
        Self::InvalidArgument,
        Self::Configuration,
        Self::Authentication,
        Self::PermissionDenied,
        Self::NotFound,
        Self::Throttled,
        Self::Rejected,
        Self::Unavailable,
        Self::Network,
        Self::Timeout,
        Self::OutcomeUnknown,
        Self::Protocol,
        Self::Cancelled,
        Self::Internal,
        Self::CommandFailed,
    ];

    /// The frozen number, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name used in every language's own spelling: `outcome_unknown`, `OutcomeUnknownError`, `KOOPHONE_OUTCOME_UNKNOWN`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Configuration => "configuration",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Protocol => "protocol",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
            Self::CommandFailed => "command_failed",
        }
    }

    /// One sentence for tables and help texts.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::InvalidArgument => "refused before anything was sent: an argument is wrong",
            Self::Configuration => "credentials, endpoint or another setting is missing or wrong",
            Self::Authentication => "the credential was refused",
            Self::PermissionDenied => "the credential is valid but lacks the permission",
            Self::NotFound => "unknown task, API or resource",
            Self::Throttled => "still limited after the retries; nothing was executed",
            Self::Rejected => "refused by the service for another reason; see the service's code",
            Self::Unavailable => "the service is unavailable; nothing was executed",
            Self::Network => "the service could not be reached; nothing was executed",
            Self::Timeout => "the deadline passed; nothing was executed, or the call only reads",
            Self::OutcomeUnknown => "sent but not answered; it may have run: check the phones before you repeat it",
            Self::Protocol => "the answer could not be understood",
            Self::Cancelled => "cancelled by the caller",
            Self::Internal => "a bug in koophone; please report it",
            Self::CommandFailed => "the phone ran the command and reports a failure; see its output",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything known about a failure. The same fields, under the same names, exist in every language.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorDetails {
    /// Which of the fifteen kinds this is.
    #[cfg_attr(feature = "describe", schemars(with = "String"))]
    pub kind: ErrorKind,
    /// What happened and what to do next, in a sentence. Holds no secret.
    pub message: String,
    /// The argument or setting at fault, for `invalid_argument` and `configuration`.
    pub argument: Option<String>,
    /// The service's own code to the letter, for example `KOOPHONE.API.1000`.
    pub code: Option<String>,
    /// The HTTP status, where an answer came.
    pub http_status: Option<u16>,
    /// The `x-request-id` that we sent; the same on every attempt of one call.
    pub request_id: Option<String>,
    /// The id the service or its gateway gave the request; quote it to the vendor's support.
    pub server_request_id: Option<String>,
    /// Whether the same call, made again, may succeed without anything being done twice.
    pub retryable: bool,
    /// Whether the call may have changed something on a phone. False means that certainly nothing was executed; it is
    /// always false for calls that only read.
    #[serde(default)]
    pub maybe_executed: bool,
    /// How many requests of this operation were sent; those that fetch a token are not counted.
    pub attempts: u32,
    /// The phone that failed, where the error is about one phone.
    pub instance_id: Option<String>,
    /// What the command printed on that phone before it failed, at most 1,024 bytes.
    pub output: Option<String>,
    /// What caused it, outermost first.
    pub causes: Vec<String>,
    /// The beginning of an answer that was not understood.
    pub excerpt: Option<String>,
    /// The last known state of every job, when waiting for a task ran out of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_jobs: Vec<JobResult>,
}

/// A failure of any call, with a method for each field of [`ErrorDetails`]. Small and cheap to clone.
///
/// ```
/// use koophone::{Client, ErrorKind};
///
/// let error = Client::builder().setting("batch_size", "1000").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert_eq!(error.argument(), Some("batch_size"));
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

    /// What happened and what to do next, in a sentence. Holds no secret.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The argument or setting at fault, for `invalid_argument` and `configuration`.
    pub fn argument(&self) -> Option<&str> {
        self.0.argument.as_deref()
    }

    /// The service's own code to the letter, for example `KOOPHONE.API.1000`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The HTTP status, where a response came.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The `x-request-id` that was sent; the same on every attempt of one call.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The id the service or its gateway gave the request; quote it to the vendor's support.
    pub fn server_request_id(&self) -> Option<&str> {
        self.0.server_request_id.as_deref()
    }

    /// Whether the same call, made again, may succeed without anything being done twice.
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

    /// The phone that failed, where the error is about one phone.
    pub fn instance_id(&self) -> Option<&str> {
        self.0.instance_id.as_deref()
    }

    /// What the command printed on that phone before it failed, at most 1,024 bytes.
    pub fn output(&self) -> Option<&str> {
        self.0.output.as_deref()
    }

    /// What caused it, outermost first.
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }

    /// The beginning of a response that was not understood.
    pub fn excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// The last known state of every job, when waiting for a task ran out of time.
    pub fn last_jobs(&self) -> &[JobResult] {
        &self.0.last_jobs
    }

    /// Everything known about the failure in one struct, for code that passes all of it on.
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

    /// Adds the chain of `cause` to the causes.
    pub(crate) fn caused_by(mut self, cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(cause);
        while let Some(cause) = next {
            let text = cause.to_string();
            // Many libraries print their source inside their own text; a chain that says everything twice helps nobody.
            if self.0.causes.last() != Some(&text) {
                self.0.causes.push(text);
            }
            next = cause.source();
        }
        self
    }

    pub(crate) fn details_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut ErrorDetails)) -> Self {
        change(&mut self.0);
        self
    }

    /// Whether `other` is the same failure met by another batch: same kind, code and HTTP status.
    pub(crate) fn is_same_failure(&self, other: &Error) -> bool {
        self.kind() == other.kind() && self.code() == other.code() && self.http_status() == other.http_status()
    }
}

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
        if let Some(cause) = self.causes().first() {
            write!(line, ": {cause}")?;
        }
        Ok(())
    }
}

/// Writes control characters as Rust does in its literals. Parts of an error come from the service or are a caller's slips;
/// in a log they must not look like lines of their own.
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
        // `unwrap()` and test frameworks print Debug: the sentence first, the rest of the causes after it.
        write!(f, "{self}")?;
        for cause in self.causes().iter().skip(1) {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_frozen_and_complete() {
        let numbers: Vec<u8> = ErrorKind::ALL.iter().map(|kind| kind.number()).collect();
        assert_eq!(numbers, (1..=15).collect::<Vec<u8>>());
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.name()));
        }
    }

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
            "the service refused the call: bad parameter [rejected; code KOOPHONE.API.1000; HTTP 400; 3 attempts; request id r1]: connection reset"
        );
    }

    #[test]
    fn display_is_one_line_whatever_it_is_told() {
        let error = Error::invalid("a\nb", "there is no a\r\nb").caused_by(&std::io::Error::other("c\u{1b}[31m"));
        assert_eq!(error.to_string(), r"there is no a\r\nb [invalid_argument; argument a\nb]: c\u{1b}[31m");
    }
}
