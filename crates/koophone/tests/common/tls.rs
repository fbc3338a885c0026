//! TLS for the servers of tests: certificates, and a session whose records a test puts together.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use koophone::Client;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ConfigBuilder, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion, WantsVerifier};

/// A certificate and its key, with the certificate in a file for `ca_file`.
pub struct Certificate {
    certified: rcgen::CertifiedKey<rcgen::KeyPair>,
    folder: PathBuf,
}

impl Certificate {
    /// A self-signed one for `localhost`.
    pub fn new() -> Self {
        Self::of(rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap())
    }

    pub fn of(params: rcgen::CertificateParams) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self::with(certificate, key)
    }

    /// One that an authority has issued.
    #[cfg(any(windows, target_vendor = "apple"))]
    pub fn issued(params: rcgen::CertificateParams, authority: &rcgen::Issuer<'_, rcgen::KeyPair>) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        Self::with(certificate, key)
    }

    fn with(cert: rcgen::Certificate, signing_key: rcgen::KeyPair) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("koophone-tls-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("ca.pem"), cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
        Self { certified: rcgen::CertifiedKey { cert, signing_key }, folder }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// A server with this certificate, which speaks `versions`.
    pub fn server(&self, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        self.finish(builder(versions).with_no_client_auth())
    }

    /// A server that requires a client certificate.
    pub fn server_for_known_clients(&self, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.certified.cert.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), default_provider().into());
        self.finish(builder(versions).with_client_cert_verifier(verifier.build().unwrap()))
    }

    fn finish(&self, builder: ConfigBuilder<ServerConfig, rustls::server::WantsServerCert>) -> ServerConfig {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.certified.signing_key.serialize_der()));
        builder.with_single_cert(vec![self.certified.cert.der().clone()], key).unwrap()
    }

    /// A client that trusts this certificate and nothing else.
    pub fn client(&self, port: u16, settings: &[(&str, &str)]) -> Client {
        let file = self.file();
        let own = [("ca_file", file.to_str().unwrap()), ("proxy", "none")];
        super::raw::client(format!("https://localhost:{port}"), &[&own, settings].concat())
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn builder(versions: &[&'static SupportedProtocolVersion]) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(default_provider().into()).with_protocol_versions(versions).unwrap()
}

/// One side of TLS over a socket. What is written leaves in one piece when the test sends it.
pub struct Session {
    pub tls: ServerConnection,
    pub tcp: TcpStream,
}

impl Session {
    pub fn new(config: &Arc<ServerConfig>, tcp: TcpStream) -> Self {
        Self { tls: ServerConnection::new(config.clone()).unwrap(), tcp }
    }

    /// Encrypts `bytes`; they leave with the next [`Session::send`].
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.tls.writer().write_all(bytes.as_ref()).unwrap();
    }

    /// Sends everything that was written, and what TLS itself has to send, in one piece.
    pub fn send(&mut self) {
        let mut records = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut records).unwrap();
        }
        let _ = self.tcp.write_all(&records);
    }

    /// Waits until the client has closed the connection.
    pub fn linger(mut self) {
        let _ = io::copy(&mut self.tcp, &mut io::sink());
    }
}

impl Read for Session {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        rustls::Stream::new(&mut self.tls, &mut self.tcp).read(buffer)
    }
}

impl Write for Session {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        rustls::Stream::new(&mut self.tls, &mut self.tcp).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        rustls::Stream::new(&mut self.tls, &mut self.tcp).flush()
    }
}

/// Checks that `path` exists: a tool that a test needs.
pub fn need(path: &str) {
    assert!(Path::new(path).exists(), "{path} is missing: apt-get install openssl");
}
