//! A case: what lies between the client and the service, and how the main job must end.

use std::fmt;

use koophone::ErrorKind;

use crate::program::Program;

/// A row of the table.
pub struct Case {
    /// What the case is about.
    pub name: String,
    /// The route to the service.
    pub route: Route,
    /// The expected outcome.
    pub expected: Expected,
}

/// The route from the client to the service.
#[derive(Clone, Copy)]
pub enum Route {
    /// Through a reverse proxy with these lines in its configuration.
    Reverse(Program, Option<Tls>, &'static [&'static str]),
    /// Through squid as a forward proxy.
    Forward(Forward),
}

/// The TLS settings of a reverse proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The only version it accepts.
    pub version: Version,
    /// The type of its key.
    pub key: Key,
    /// Whether it requires a client certificate.
    pub client_certificate: bool,
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// 1.2
    V1_2,
    /// 1.3
    V1_3,
}

/// A type of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 2,048 bits.
    Rsa,
    /// P-256.
    Ecdsa,
}

/// A route through squid.
#[derive(Clone, Copy)]
pub struct Forward {
    /// Whether the endpoint is https, for which the proxy opens a tunnel; plain http requests are forwarded.
    pub https: bool,
    /// Whether the proxy asks for a password.
    pub locked: bool,
    /// User and password in the client's proxy setting.
    pub login: &'static str,
}

/// The expected outcome of a case.
pub enum Expected {
    /// The main job succeeds, and every part of it runs once.
    Done,
    /// A command fails with this error kind and all these words, and no phone runs it.
    Refused(ErrorKind, &'static [&'static str]),
}

/// The outcome of a case.
pub enum Outcome {
    /// It ended as expected.
    Passed,
    /// It did not; this is why.
    Failed(String),
    /// It was not run; this is why.
    Skipped(String),
}

impl Case {
    /// The title, as it is printed and matched by `--only`.
    pub fn title(&self) -> String {
        let program = match self.route {
            Route::Reverse(program, ..) => program,
            Route::Forward(_) => Program::Squid,
        };
        format!("{:8} {:48}", program.name(), self.name)
    }

    /// The servers that the case needs.
    pub fn needs(&self) -> Vec<Program> {
        match self.route {
            Route::Reverse(program, ..) => vec![program],
            // The emulator does not speak TLS itself.
            Route::Forward(Forward { https: true, .. }) => vec![Program::Squid, Program::Nginx],
            Route::Forward(_) => vec![Program::Squid],
        }
    }
}

impl Outcome {
    /// Its index in the totals.
    pub fn place(&self) -> usize {
        match self {
            Self::Passed => 0,
            Self::Failed(_) => 1,
            Self::Skipped(_) => 2,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("ok"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
            Self::Skipped(why) => write!(f, "skipped: {why}"),
        }
    }
}
