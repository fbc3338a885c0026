//! Addresses without a service.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use crate::table::Address;

/// What makes the addresses wrong, kept alive while the matrix runs.
pub struct Addresses {
    closed: (socket2::Socket, u16),
    self_signed: SocketAddr,
}

impl Addresses {
    /// Sets them up.
    pub fn new() -> Result<Self, Box<dyn std::error::Error>> {
        // Bound but not listening: no other program can take the port, and every connection is refused.
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        let port = socket.local_addr()?.as_socket_ipv4().ok_or("no IPv4 address")?.port();
        Ok(Self { closed: (socket, port), self_signed: tls_server()? })
    }

    /// The URL.
    pub fn url(&self, address: Address) -> String {
        match address {
            Address::Closed => format!("http://127.0.0.1:{}", self.closed.1),
            // Longer than any valid name: the resolver refuses it without asking a network.
            Address::NoSuchName => format!("http://{}.invalid", "x".repeat(70)),
            Address::SelfSigned => format!("https://localhost:{}", self.self_signed.port()),
        }
    }
}

fn tls_server() -> Result<SocketAddr, Box<dyn std::error::Error>> {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)?;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let config = config.clone();
            std::thread::spawn(move || {
                let (Ok(mut connection), mut stream) = (ServerConnection::new(config), stream) else { return };
                let mut tls = rustls::Stream::new(&mut connection, &mut stream);
                // A client that continues after the handshake gets a response, which would reveal that it trusts the
                // certificate.
                let _ = tls.read(&mut [0; 4096]);
                let _ = tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            });
        }
    });
    Ok(address)
}
