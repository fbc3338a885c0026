//! The server of benches/rust, on a processor of its own, for as long as this value lives.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::build::Built;
use super::programs::{SERVER_CPU, pinned};

/// A running server.
pub struct Server {
    process: Child,
    /// Its address, without a path.
    pub url: String,
    /// The same over TLS.
    pub tls_url: String,
}

impl Server {
    /// Starts it and waits until it listens.
    pub fn start(built: &Built) -> Result<Self, String> {
        let certificate = built.certificate();
        let words = [&built.rust("bench-server"), &*certificate.to_string_lossy()];
        let mut command = pinned(SERVER_CPU, &words, &built.root);
        let mut process =
            command.stdout(Stdio::piped()).spawn().map_err(|error| format!("the server cannot be started: {error}"))?;
        let mut said = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut said).map_err(|error| format!("the server says nothing: {error}"))?;
        let (url, tls_url) = said.trim().split_once(' ').unwrap_or_default();
        let server = Self { process, url: url.to_owned(), tls_url: tls_url.to_owned() };
        if server.url.is_empty() { Err("the server ended at once".to_owned()) } else { Ok(server) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It holds nothing that ending it could spoil.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
