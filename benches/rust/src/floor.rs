//! The floor: one blocking socket, rustls for https, one buffer in each direction, and serde for the wire types. No
//! client can do the same typed work for much less. It has no error handling, no timeouts and only one connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use serde::{Deserialize, Serialize};

use crate::payload::{COMMAND, Command, Envelope, Ids, Payload, RESULTS, Results, STATUSES, Statuses, TOKEN};

trait Stream: Read + Write + Send {}
impl<S: Read + Write + Send> Stream for S {}

/// A connection.
pub struct Floor {
    reader: BufReader<Box<dyn Stream>>,
    host: String,
    out: Vec<u8>,
    line: String,
    body: Vec<u8>,
    next_id: u128,
}

impl Floor {
    /// Connects to the server at `url`; over https it trusts the certificates in SSL_CERT_FILE.
    pub fn connect(url: &str) -> Self {
        let (scheme, address) = url.split_once("://").expect("a URL");
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let stream: Box<dyn Stream> = if scheme == "https" { Box::new(with_tls(stream)) } else { Box::new(stream) };
        let (out, line, body) = (Vec::new(), String::new(), Vec::new());
        Self { reader: BufReader::new(stream), host: address.to_owned(), out, line, body, next_id: 1 }
    }

    /// Does the work of the payload once and returns the number of results.
    pub fn work(&mut self, payload: Payload, phones: &[String]) -> usize {
        if payload == Payload::Results {
            let request = Command { command: COMMAND, instance_ids: phones };
            let data: Results = self.call(RESULTS, &request);
            std::hint::black_box(data.cmd_results).len()
        } else {
            let data: Statuses = self.call(STATUSES, &Ids { instance_ids: phones });
            std::hint::black_box(data.status_results).len()
        }
    }

    fn call<D: for<'de> Deserialize<'de>>(&mut self, path: &str, request: &impl Serialize) -> D {
        let json = serde_json::to_vec(request).expect("JSON");
        self.next_id += 1;
        self.out.clear();
        write!(
            self.out,
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nx-request-id: \
             {:032x}\r\nx-auth-token: {TOKEN}\r\n\
             user-agent: floor\r\ncontent-length: {}\r\n\r\n",
            self.host,
            self.next_id,
            json.len()
        )
        .expect("memory");
        self.out.extend_from_slice(&json);
        self.reader.get_mut().write_all(&self.out).expect("a write");
        let mut length = 0;
        loop {
            self.line.clear();
            self.reader.read_line(&mut self.line).expect("a line");
            if let Some(value) = self.line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
            if self.line == "\r\n" {
                break;
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("a body");
        let envelope: Envelope<D> = serde_json::from_slice(&self.body).expect("an envelope");
        assert_eq!(envelope.error_code, "0");
        envelope.data
    }
}

fn with_tls(stream: TcpStream) -> StreamOwned<ClientConnection, TcpStream> {
    static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(configuration);
    let peer = stream.peer_addr().expect("an address").ip();
    StreamOwned::new(ClientConnection::new(CONFIG.clone(), peer.into()).expect("a client"), stream)
}

fn configuration() -> Arc<ClientConfig> {
    let file = std::env::var_os("SSL_CERT_FILE").expect("SSL_CERT_FILE names the certificates");
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).expect("a file with certificates");
    roots.add_parsable_certificates(certificates.map(|one| one.expect("a certificate")));
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}
