//! Connections through proxies behave like direct ones: they are limited and checked before they are reused, and what
//! may have been executed is not sent twice.

mod common;

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use common::raw::{command, outcome, responding, response, runs, server};
use common::read_request;
use common::tls::{Certificate, Session};
use koophone::{Client, ErrorKind};
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

trait Duplex: Read + Write {}

impl<T: Read + Write> Duplex for T {}

/// The kinds of connections through a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Plain http, which the proxy forwards.
    Forward,
    /// The same over TLS to the proxy.
    ForwardOverTls,
    Tunnel,
    /// TLS to the service inside of TLS to the proxy.
    TunnelOverTls,
    Socks,
}

const WAYS: [Way; 5] = [Way::Forward, Way::ForwardOverTls, Way::Tunnel, Way::TunnelOverTls, Way::Socks];

impl Way {
    /// Acts as the proxy until requests to the service arrive.
    fn accept(self, config: &Arc<ServerConfig>, mut tcp: TcpStream) -> Option<Box<dyn Duplex>> {
        Some(match self {
            Self::Forward => Box::new(tcp),
            Self::ForwardOverTls => Box::new(Session::new(config, tcp)),
            Self::Tunnel => {
                open_tunnel(&mut tcp)?;
                Box::new(Session::new(config, tcp))
            }
            Self::TunnelOverTls => {
                let mut outer = Session::new(config, tcp);
                open_tunnel(&mut outer)?;
                Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), outer))
            }
            Self::Socks => {
                read_bytes(&mut tcp, 3)?;
                tcp.write_all(&[5, 0]).ok()?;
                read_bytes(&mut tcp, 4 + 1 + "phones.invalid".len() + 2)?;
                tcp.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
                Box::new(Session::new(config, tcp))
            }
        })
    }

    fn client(self, certificate: &Certificate, address: SocketAddr, settings: &[(&str, &str)]) -> Client {
        let scheme = match self {
            Self::Forward | Self::Tunnel => "http",
            Self::ForwardOverTls | Self::TunnelOverTls => "https",
            Self::Socks => "socks5h",
        };
        // The certificate has this name.
        let proxy = format!("{scheme}://localhost:{}", address.port());
        let service = if self.is_plain() { "http://phones.invalid" } else { "https://phones.invalid" };
        let file = certificate.file();
        let own =
            [("ca_file", file.to_str().unwrap()), ("proxy", &proxy), ("allow_http", "yes"), ("retry_delay", "10ms")];
        common::raw::client(service.into(), &[&own, settings].concat())
    }

    fn is_plain(self) -> bool {
        matches!(self, Self::Forward | Self::ForwardOverTls)
    }
}

fn certificate() -> Certificate {
    Certificate::of(rcgen::CertificateParams::new(["phones.invalid".to_owned(), "localhost".to_owned()]).unwrap())
}

fn read_bytes(stream: &mut impl Read, count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

fn next_request(stream: impl Read) -> Option<common::Seen> {
    read_request(&mut BufReader::with_capacity(1, stream))
}

fn open_tunnel(stream: &mut (impl Read + Write)) -> Option<()> {
    let asked = next_request(&mut *stream)?;
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("CONNECT", "phones.invalid:443"));
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    stream.flush().ok()
}

/// A proxy and the service behind it, which serves each connection with `serve`. Counts connections to the proxy, and
/// sends a message for each that it has closed.
fn service(
    way: Way,
    config: ServerConfig,
    serve: impl Fn(Box<dyn Duplex>) + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>, mpsc::Receiver<()>) {
    let config = Arc::new(config);
    server(Box::new(move |_, tcp| {
        if let Some(stream) = way.accept(&config, tcp) {
            serve(stream);
        }
    }))
}

#[test]
fn a_connection_through_a_proxy_serves_many_calls() {
    for way in WAYS {
        let certificate = certificate();
        let (seen, requests) = mpsc::channel();
        let (address, connections, _) = service(way, certificate.server(&[&TLS13]), move |mut stream| {
            while let Some(request) = next_request(&mut stream) {
                seen.send(request).unwrap();
                stream.write_all(response("").as_bytes()).unwrap();
                stream.flush().unwrap();
            }
        });
        let client = way.client(&certificate, address, &[]);
        (0..3).for_each(|_| runs(&client));
        assert_eq!(connections.load(Ordering::SeqCst), 1, "{way:?}");
        let path = "/v1/instances/sync-command";
        let target = if way.is_plain() { format!("http://phones.invalid{path}") } else { path.into() };
        for request in requests.try_iter() {
            assert_eq!((&request.path, request.header("host")), (&target, Some("phones.invalid")), "{way:?}");
        }
    }
}

#[test]
fn the_login_of_a_proxy_that_forwards_is_in_every_request_to_it() {
    let (address, ..) = server(Box::new(|_, mut tcp| {
        while let Some(request) = next_request(&mut tcp) {
            assert_eq!(request.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
            tcp.write_all(response("").as_bytes()).unwrap();
        }
    }));
    let proxy = format!("http://user:secret@{address}");
    let client = common::raw::client("http://phones.invalid".into(), &[("proxy", &proxy), ("allow_http", "yes")]);
    (0..2).for_each(|_| runs(&client));
}

#[test]
fn a_connection_that_the_proxy_has_closed_is_not_written_to() {
    for way in WAYS {
        let certificate = certificate();
        let serve = |stream| responding(stream, 1, &response(""));
        let (address, connections, closed) = service(way, certificate.server(&[&TLS13]), serve);
        let client = way.client(&certificate, address, &[]);
        for number in 1..=3 {
            // Its outcome would be unknown if it had been written to the previous call's connection.
            runs(&client);
            closed.recv().unwrap();
            assert_eq!(connections.load(Ordering::SeqCst), number, "{way:?}");
        }
    }
}

#[test]
fn a_connection_that_is_cut_after_the_request_runs_no_command_twice() {
    for way in WAYS {
        let certificate = certificate();
        let ran = Arc::new(AtomicUsize::new(0));
        let count = ran.clone();
        let (address, ..) = service(way, certificate.server(&[&TLS13]), move |mut stream| {
            // Counted before the connection is closed.
            if next_request(&mut stream).is_some() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        let error = command(&way.client(&certificate, address, &[])).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::OutcomeUnknown, 1), "{way:?}: {error:?}");
        assert!(error.maybe_executed());
        assert_eq!(ran.load(Ordering::SeqCst), 1, "{way:?}");
    }
}

#[test]
fn the_cap_holds_for_connections_to_a_proxy() {
    for way in WAYS {
        let certificate = certificate();
        let (open, peak) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let most = peak.clone();
        let config = Arc::new(certificate.server(&[&TLS13]));
        let (address, ..) = server(Box::new(move |_, tcp| {
            most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            if let Some(stream) = way.accept(&config, tcp) {
                responding(stream, usize::MAX, &response(""));
            }
            open.fetch_sub(1, Ordering::SeqCst);
        }));
        let client = way.client(&certificate, address, &[("max_connections", "3")]);
        let calls: Vec<_> = (0..60).map(|_| client.run_command(["a"], "id").start().unwrap()).collect();
        for mut call in calls {
            assert_eq!(outcome(call.wait(None).transpose().unwrap()).unwrap(), "yes", "{way:?}");
        }
        assert_eq!(peak.load(Ordering::SeqCst), 3, "{way:?}");
    }
}

#[test]
fn a_service_behind_a_proxy_that_is_not_trusted_is_not_tried_again() {
    for way in [Way::Tunnel, Way::Socks] {
        let (certificate, other) = (certificate(), certificate());
        let serve = |stream| assert!(next_request(stream).is_none());
        let (address, connections, _) = service(way, certificate.server(&[&TLS13]), serve);
        let error = command(&way.client(&other, address, &[])).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 1, false), "{error:?}");
        assert!(
            error.message().contains("the server's certificate") && error.message().contains("ca_file"),
            "{error:?}"
        );
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_proxy_that_is_not_trusted_is_not_tried_again() {
    for way in [Way::ForwardOverTls, Way::TunnelOverTls] {
        let (certificate, other) = (certificate(), certificate());
        let serve = |stream| assert!(next_request(stream).is_none());
        let (address, connections, _) = service(way, certificate.server(&[&TLS13]), serve);
        let error = command(&way.client(&other, address, &[])).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 1, false), "{error:?}");
        assert_eq!(error.argument(), Some("proxy"));
        let sentence = format!("the proxy localhost:{}: its certificate is not trusted", address.port());
        assert!(error.message().contains(&sentence) && error.message().contains("ca_file"), "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_service_behind_a_proxy_that_requires_a_client_certificate_has_read_nothing() {
    for way in [Way::Tunnel, Way::Socks] {
        let certificate = certificate();
        let config = certificate.server_for_known_clients(&[&TLS13]);
        let (address, connections, _) = service(way, config, |mut stream| {
            assert!(next_request(&mut stream).is_none());
            let _ = stream.read(&mut [0]);
        });
        let error = command(&way.client(&certificate, address, &[])).unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts(), error.maybe_executed()),
            (ErrorKind::Network, 1, false),
            "{error:?}"
        );
        assert!(error.message().contains("client certificate"), "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn data_before_the_tunnel_is_used_is_an_error() {
    let certificate = certificate();
    let (address, ..) = server(Box::new(|_, mut tcp| {
        next_request(&mut tcp).unwrap();
        tcp.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{}", response("")).as_bytes()).unwrap();
        assert!(next_request(&mut tcp).is_none());
    }));
    let error = command(&Way::Tunnel.client(&certificate, address, &[("max_attempts", "1")])).unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::Network, false), "{error:?}");
    assert!(format!("{error:#}").contains("it sent data before the tunnel was used"), "{error}");
}

#[test]
fn a_silent_proxy_is_limited_by_connect_timeout() {
    for way in [Way::Tunnel, Way::TunnelOverTls, Way::Socks] {
        let (address, ..) = server(Box::new(|_, mut tcp| drop(tcp.read_to_end(&mut Vec::new()))));
        let settings = [("connect_timeout", "200ms"), ("attempt_timeout", "60s"), ("max_attempts", "1")];
        let error = command(&way.client(&certificate(), address, &settings)).unwrap_err();
        assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::Network, false), "{error:?}");
        let cause = format!("through the proxy localhost:{} within {:?}", address.port(), Duration::from_millis(200));
        assert!(format!("{error:#}").contains(&cause), "{error}");
    }
}

#[test]
fn a_refusing_socks_proxy_is_asked_once_and_the_error_says_why() {
    /// User and password, the proxy's replies, the attempts, and the error's text.
    const CASES: [(&str, &[&[u8]], u32, &str); 5] = [
        ("", &[&[5, 255]], 1, "refused the login; set user and password in the proxy URL"),
        ("user:secret@", &[&[5, 255]], 1, "refused the login; check user and password in the proxy URL"),
        ("user:secret@", &[&[5, 2], &[1, 1]], 1, "refused the login; check user and password in the proxy URL"),
        ("", &[&[5, 0], &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], 1, "refused the connection; it does not allow this host"),
        ("", &[&[5, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]], 2, "host unreachable"),
    ];
    for (login, replies, attempts, why) in CASES {
        let (address, connections, _) = server(Box::new(move |_, mut tcp| {
            for reply in replies {
                let _ = tcp.read(&mut [0; 512]).unwrap();
                tcp.write_all(reply).unwrap();
            }
            let _ = tcp.read(&mut [0]);
        }));
        let proxy = format!("socks5h://{login}{address}");
        let settings =
            [("proxy", proxy.as_str()), ("allow_http", "yes"), ("max_attempts", "2"), ("retry_delay", "10ms")];
        let error = command(&common::raw::client("http://phones.invalid".into(), &settings)).unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts(), error.retryable()),
            (ErrorKind::Network, attempts, attempts > 1),
            "{error}"
        );
        assert!(format!("{error:#}").contains(why) && format!("{error:#}").contains(&address.to_string()), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), attempts as usize);
    }
}
