//! Runs the server of benches/rust on its own processor until it is dropped.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::build::Built;
use super::processor::{SERVER_CPU, pinned};

/// A running server. Its URLs have no path.
pub struct Server {
    process: Child,
    /// Without TLS.
    pub url: String,
    /// Over TLS.
    pub tls_url: String,
    /// Over TLS, with a delay of 50 ms per response.
    pub slow_url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(built: &Built) -> Result<Self, String> {
        let certificate = built.certificate();
        let words = [&built.rust("bench-server"), &*certificate.to_string_lossy()];
        let mut command = pinned(Some(SERVER_CPU), &words, &built.root);
        let mut process =
            command.stdout(Stdio::piped()).spawn().map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut line).map_err(|error| format!("the server printed nothing: {error}"))?;
        let mut urls = line.split_whitespace().map(str::to_owned);
        let mut next = || urls.next().unwrap_or_default();
        let server = Self { process, url: next(), tls_url: next(), slow_url: next() };
        if server.slow_url.is_empty() {
            return Err("the server ended at once".to_owned());
        }
        built.trust_also(&certificate)?;
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The server has no state that killing it could damage.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
