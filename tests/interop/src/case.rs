//! One case: what stands between the client and the service, and how the main job must end.

use std::fmt;

use koophone::ErrorKind;

use crate::program::Program;

/// A line of the table.
pub struct Case {
    /// What is special about it.
    pub name: String,
    /// What is between.
    pub way: Way,
    /// What must come of it.
    pub expected: Expected,
}

/// What stands between the client and the service.
#[derive(Clone, Copy)]
pub enum Way {
    /// A reverse proxy, with these lines in its configuration.
    Reverse(Program, Option<Tls>, &'static [&'static str]),
    /// squid, which leads to the service's endpoint.
    Forward(Forward),
}

/// How a reverse proxy speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The only version.
    pub version: Version,
    /// The kind of its key.
    pub key: Key,
    /// Whether it wants to see a certificate of the client.
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

/// A kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 2,048 bits.
    Rsa,
    /// P-256.
    Ecdsa,
}

/// A way out through squid.
#[derive(Clone, Copy)]
pub struct Forward {
    /// https, for which the proxy opens a tunnel; otherwise plain http, which it passes on.
    pub https: bool,
    /// Whether the proxy asks for a password.
    pub locked: bool,
    /// User and password as the client has them in its setting.
    pub login: &'static str,
}

/// What must come of a case.
pub enum Expected {
    /// The main job is done, each part of it once.
    Done,
    /// A command is refused with this kind and all these words, and no phone has run it.
    Refused(ErrorKind, &'static [&'static str]),
}

/// What came of a case.
pub enum Outcome {
    /// As expected.
    Passed,
    /// What was not as expected.
    Failed(String),
    /// Why it was not run.
    Skipped(String),
}

impl Case {
    /// As it is printed and looked for.
    pub fn title(&self) -> String {
        let program = match self.way {
            Way::Reverse(program, ..) => program,
            Way::Forward(_) => Program::Squid,
        };
        format!("{:8} {:48}", program.name(), self.name)
    }

    /// The servers that it needs.
    pub fn needs(&self) -> Vec<Program> {
        match self.way {
            Way::Reverse(program, ..) => vec![program],
            // The service itself knows no TLS.
            Way::Forward(Forward { https: true, .. }) => vec![Program::Squid, Program::Nginx],
            Way::Forward(_) => vec![Program::Squid],
        }
    }
}

impl Outcome {
    /// Its place in the total.
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
