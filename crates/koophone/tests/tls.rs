//! TLS: buffered data, how connections end, and which certificates are trusted. The servers are rustls's and openssl's.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::raw::{BODY, command, responding, response, runs, server};
use common::read_request;
use common::tls::{Certificate, Session};
use koophone::ErrorKind;
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ServerConfig};

const STALE: &str =
    r#"{"data":{"cmd_results":[{"instance_id":"a","status":2,"execute_msg":"stale"}]},"error_code":"0"}"#;

/// Serves every connection with `serve`, which gets its number; returns the address and the number of connections so
/// far.
fn tls_server(
    config: ServerConfig,
    serve: impl Fn(usize, Session) + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let config = Arc::new(config);
    let serve = move |number, tcp: TcpStream| serve(number, Session::new(&config, tcp));
    let (address, connections, _) = server(Box::new(serve));
    (address, connections)
}

/// Waits for the next request; `None`: the connection has ended.
fn next_request(session: &mut Session) -> Option<common::Seen> {
    read_request(&mut BufReader::with_capacity(1, session))
}

#[test]
fn a_connection_serves_many_calls_in_every_version() {
    for version in [&TLS12, &TLS13] {
        let certificate = Certificate::new();
        let (address, connections) =
            tls_server(certificate.server(&[version]), |_, session| responding(session, 3, &response("")));
        let client = certificate.client(address.port(), &[]);
        (0..3).for_each(|_| runs(&client));
        assert_eq!(connections.load(Ordering::SeqCst), 1, "{version:?}");
    }
}

#[test]
fn bytes_left_in_tls_after_a_response_are_not_the_next_response() {
    // The response ends exactly where a read buffer may end; a second one follows it, already decrypted.
    for size in [4096, 8192, 16384] {
        let certificate = Certificate::new();
        let (address, connections) = tls_server(certificate.server(&[&TLS13]), move |_, mut session| {
            let Some(_) = next_request(&mut session) else { return };
            let bare = response("").len() + "pad: \r\n".len();
            session.say(response(&format!("pad: {}\r\n", "x".repeat(size - bare))));
            session.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{STALE}", STALE.len()));
            session.send();
            session.linger();
        });
        let client = certificate.client(address.port(), &[]);
        for number in 1..=3 {
            runs(&client);
            assert_eq!(connections.load(Ordering::SeqCst), number, "{size}");
        }
    }
}

#[test]
fn a_close_notify_after_a_response_ends_the_connection() {
    for version in [&TLS12, &TLS13] {
        let certificate = Certificate::new();
        let (address, connections) = tls_server(certificate.server(&[version]), |_, mut session| {
            let Some(_) = next_request(&mut session) else { return };
            session.say(response(""));
            session.tls.send_close_notify();
            session.send();
            // TCP stays open.
            session.linger();
        });
        let client = certificate.client(address.port(), &[]);
        for number in 1..=3 {
            runs(&client);
            assert_eq!(connections.load(Ordering::SeqCst), number);
        }
    }
}

#[test]
fn a_response_before_any_request_means_that_nothing_was_executed() {
    let certificate = Certificate::new();
    let mut config = certificate.server(&[&TLS13]);
    config.send_half_rtt_data = true;
    let (address, connections) = tls_server(config, |number, mut session| {
        if number > 0 {
            return responding(session, 9, &response(""));
        }
        // It is sent together with the server's part of the handshake.
        session.say("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let mut hello = [0; 4096];
        let length = session.tcp.read(&mut hello).unwrap();
        session.tls.read_tls(&mut &hello[..length]).unwrap();
        session.tls.process_new_packets().unwrap();
        session.send();
        assert!(next_request(&mut session).is_none(), "the client has written to an abandoned connection");
    });
    runs(&certificate.client(address.port(), &[]));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[test]
fn a_server_that_requires_a_client_certificate_has_read_nothing() {
    let certificate = Certificate::new();
    for version in [&TLS12, &TLS13] {
        let (address, connections) = tls_server(certificate.server_for_known_clients(&[version]), |_, mut session| {
            assert!(next_request(&mut session).is_none());
            session.linger();
        });
        let error = command(&certificate.client(address.port(), &[])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
        let text = [error.message()].into_iter().chain(error.causes().iter().map(String::as_str)).collect::<String>();
        assert!(text.contains("client certificate"), "{error:?}");
        if version.version == rustls::ProtocolVersion::TLSv1_3 {
            assert_eq!((error.attempts(), connections.load(Ordering::SeqCst)), (1, 1));
        }
    }
}

#[test]
fn a_server_of_http_2_only_has_read_nothing() {
    let certificate = Certificate::new();
    let mut config = certificate.server(&[&TLS12, &TLS13]);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let (address, _) = tls_server(config, |_, mut session| assert!(next_request(&mut session).is_none()));
    let error = command(&certificate.client(address.port(), &[("max_attempts", "1")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error:?}");
    assert!(error.causes().iter().any(|cause| cause.to_lowercase().contains("applicationprotocol")), "{error:?}");
}

#[test]
fn a_truncated_response_is_not_treated_as_complete() {
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{BODY}");
    let certificate = Certificate::new();
    for (response, complete) in [
        (response(""), true),
        (response("").replace("content-length: ", "content-length: 9"), false),
        (until_close.clone(), false),
        (format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{BODY}\r\n", BODY.len()), false),
    ] {
        // The socket is closed, TLS is not.
        let (address, connections) =
            tls_server(certificate.server(&[&TLS13]), move |_, session| responding(session, 1, &response));
        let client = certificate.client(address.port(), &[]);
        match (command(&client), complete) {
            (Ok(output), true) => assert_eq!(output, "yes"),
            (Err(error), false) => assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error:?}"),
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
    let (address, _) = tls_server(certificate.server(&[&TLS13]), move |_, mut session| {
        let Some(_) = next_request(&mut session) else { return };
        session.say(&until_close);
        session.tls.send_close_notify();
        session.send();
    });
    runs(&certificate.client(address.port(), &[]));
}

#[test]
fn a_second_connection_resumes_the_session() {
    for version in [&TLS12, &TLS13] {
        let certificate = Certificate::new();
        let kinds = Arc::new(Mutex::new(Vec::new()));
        let seen = kinds.clone();
        let (address, _) = tls_server(certificate.server(&[version]), move |_, mut session| {
            let Some(_) = next_request(&mut session) else { return };
            seen.lock().unwrap().push(session.tls.handshake_kind().unwrap());
            session.say(response("connection: close\r\n"));
            session.send();
        });
        let client = certificate.client(address.port(), &[]);
        (0..3).for_each(|_| runs(&client));
        use HandshakeKind::{Full, Resumed};
        assert_eq!(*kinds.lock().unwrap(), [Full, Resumed, Resumed], "{version:?}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_not_tried_again_and_says_what_to_do() {
    let params = |name: &str| rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    let mut authority = params("localhost");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let mut expired = params("localhost");
    (expired.not_before, expired.not_after) = (rcgen::date_time_ymd(2001, 1, 1), rcgen::date_time_ymd(2002, 1, 1));
    let mut named = params("localhost");
    named.distinguished_name.push(rcgen::DnType::CommonName, "an authority of another name");
    let (same_name, stranger) = (Certificate::new(), Certificate::of(named));
    for (params, trusted, advice) in [
        (params("localhost"), Some(&stranger), "set ca_file"),
        (params("localhost"), Some(&same_name), "set ca_file"),
        (params("elsewhere"), None, "another host name"),
        (authority, None, "CA:FALSE"),
        (expired, None, "expired"),
    ] {
        let certificate = Certificate::of(params);
        let (address, connections) =
            tls_server(certificate.server(&[&TLS13]), |_, mut session| assert!(next_request(&mut session).is_none()));
        let error = command(&trusted.unwrap_or(&certificate).client(address.port(), &[])).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 1, false), "{error:?}");
        assert!(error.message().contains(advice), "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

/// The system verifies there. On Linux this would depend on the store of the machine.
#[cfg(any(windows, target_vendor = "apple"))]
#[test]
fn a_certificate_that_the_system_does_not_trust_is_refused_and_says_what_to_do() {
    let named = |name: &str| rcgen::CertificateParams::new([name.to_owned()]).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let mut authority = named("an authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::Issuer::new(authority, key);
    for certificate in [Certificate::new(), Certificate::issued(named("localhost"), &authority)] {
        let (address, connections) =
            tls_server(certificate.server(&[&TLS13]), |_, mut session| assert!(next_request(&mut session).is_none()));
        let client = common::raw::client(format!("https://localhost:{}", address.port()), &[("proxy", "none")]);
        let error = command(&client).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 1, false), "{error:?}");
        assert!(error.message().contains("set ca_file"), "{error:?}");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_renegotiation_fails_at_once() {
    common::tls::need("/usr/bin/openssl");
    let certificate = Certificate::new();
    let mut openssl = Command::new("/usr/bin/openssl")
        .args(["s_server", "-tls1_2", "-accept", "127.0.0.1:0", "-naccept", "1", "-cert"])
        .arg(certificate.file())
        .arg("-key")
        .arg(certificate.key_file())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(openssl.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| line.strip_prefix("ACCEPT 127.0.0.1:")?.trim().parse().ok()).unwrap();
    let mut commands = openssl.stdin.take().unwrap();
    let server = std::thread::spawn(move || {
        // The request has arrived.
        lines.find(|line| line.contains("/v1/instances/sync-command")).unwrap();
        // "r": ask the client to renegotiate.
        commands.write_all(b"r\n").unwrap();
        lines.for_each(drop);
    });
    let begin = Instant::now();
    let error = command(&certificate.client(port, &[("attempt_timeout", "60s")])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error:?}");
    assert!(begin.elapsed() < Duration::from_secs(30), "it waited for the time limit");
    server.join().unwrap();
    openssl.wait().unwrap();
}
