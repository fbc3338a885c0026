//! Proxies: tunnels, SOCKS 5, refusals, and the environment's variables.

mod common;

use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use common::raw::BODY;
use common::tls::{Certificate, Session};
use common::{Seen, read_request};
use koophone::{Client, ClientBuilder, Credentials, ErrorKind};
use rustls::version::TLS13;

/// A server that serves each connection with `serve` and sends what that returns to the receiver.
fn server<T: Send + 'static>(
    serve: impl Fn(TcpStream) -> T + Send + Sync + 'static,
) -> (SocketAddr, mpsc::Receiver<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::channel();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (serve, sender) = (serve.clone(), sender.clone());
            std::thread::spawn(move || {
                // The test may have ended.
                let _ = sender.send(serve(stream));
            });
        }
    });
    (address, receiver)
}

fn next_request(stream: &mut impl Read) -> Seen {
    read_request(&mut BufReader::with_capacity(1, stream)).unwrap()
}

fn response(stream: &mut impl Write) {
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", BODY.len());
    stream.write_all((head + BODY).as_bytes()).unwrap();
    stream.flush().unwrap();
}

/// A proxy that responds to one request of each connection with `status`, and counts them.
fn refusing(status: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let (address, _) = server(move |mut stream| {
        next_request(&mut stream);
        count.fetch_add(1, Ordering::SeqCst);
        stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).unwrap();
    });
    (address, asked)
}

fn builder(endpoint: &str) -> ClientBuilder {
    let builder = Client::builder().environment([]).credentials(Credentials::token("t")).ca_file(certificate().file());
    builder.endpoint(endpoint).iam_endpoint(endpoint).allow_http(true).max_attempts(2)
}

/// The certificate of `phones.invalid`.
fn certificate() -> &'static Certificate {
    static MADE: std::sync::OnceLock<Certificate> = std::sync::OnceLock::new();
    MADE.get_or_init(|| Certificate::of(rcgen::CertificateParams::new(["phones.invalid".to_owned()]).unwrap()))
}

fn secure(stream: TcpStream) -> Session {
    Session::new(&Arc::new(certificate().server(&[&TLS13])), stream)
}

fn output(client: Client) -> String {
    client.run_command(["a"], "id").wait().unwrap()[0].output.clone()
}

#[test]
fn a_tunnel_carries_the_request_without_the_proxys_password() {
    let (address, seen) = server(|mut stream| {
        let asked = next_request(&mut stream);
        stream.write_all(b"HTTP/1.1 200 Connection established\r\nvia: 1.1 x\r\n\r\n").unwrap();
        let mut secure = secure(stream);
        let request = next_request(&mut secure);
        response(&mut secure);
        (asked, request)
    });
    let proxy = format!("http://user:secret@{address}");
    assert_eq!(output(builder("https://phones.invalid").proxy(proxy).build().unwrap()), "yes");
    let (asked, request) = seen.recv().unwrap();
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("CONNECT", "phones.invalid:443"));
    assert_eq!(asked.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    assert_eq!(asked.header("x-auth-token"), None);
    assert_eq!((request.path.as_str(), request.header("host")), ("/v1/instances/sync-command", Some("phones.invalid")));
    assert_eq!(request.header("proxy-authorization"), None);
    assert_eq!(request.header("x-auth-token"), Some("t"));
}

#[test]
fn a_refusing_proxy_is_asked_once_and_the_error_says_why() {
    for (status, endpoint, login, advice) in [
        ("407 Proxy Authentication Required", "https://phones.invalid", "", "; set user and password in the proxy URL"),
        ("407 Whatever", "https://phones.invalid", "user:secret@", "; check user and password in the proxy URL"),
        ("407 No", "http://phones.invalid", "", "; set user and password in the proxy URL"),
        ("403 Forbidden", "https://phones.invalid", "", "; it does not allow this host"),
    ] {
        let (address, asked) = refusing(status);
        let client = builder(endpoint).proxy(format!("http://{login}{address}")).build().unwrap();
        let error = client.run_command(["a"], "id").wait().unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 1, false), "{error}");
        assert_eq!(error.argument(), Some("proxy"));
        let sentence = format!("the proxy {address} refused the tunnel: HTTP {}", &status[..3]);
        assert!(error.message().contains(&sentence) && error.message().contains(advice), "{error}");
        assert!(!format!("{error:?} {:?}", error.details()).contains("secret"), "{error:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_proxy_that_cannot_reach_the_service_now_is_asked_again() {
    let (address, asked) = refusing("502 Bad Gateway");
    let client = builder("https://phones.invalid").proxy(format!("http://{address}")).build().unwrap();
    let error = client.run_command(["a"], "id").wait().unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.retryable()), (ErrorKind::Network, 2, true), "{error}");
    assert!(format!("{error:#}").contains(&format!("the proxy {address} refused the tunnel: HTTP 502")), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn what_is_not_a_proxy_is_named_in_the_error() {
    for (said, why) in [("SSH-2.0-OpenSSH_9.6\r\n", "does not speak HTTP"), ("", "closed the connection")] {
        let (address, _) = server(move |mut stream| {
            next_request(&mut stream);
            stream.write_all(said.as_bytes()).unwrap();
        });
        let client = builder("https://phones.invalid").proxy(format!("http://{address}")).build().unwrap();
        let error = client.run_command(["a"], "id").wait().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert!(format!("{error:#}").contains(&format!("the proxy {address}: it {why}")), "{error}");
    }
}

/// What a SOCKS 5 proxy received: user and password, the type of the address, the address.
struct Asked {
    login: Option<(String, String)>,
    form: u8,
    address: Vec<u8>,
    port: u16,
}

/// Acts as a SOCKS 5 proxy until the tunnel is open.
fn socks(stream: &mut TcpStream) -> Asked {
    let bytes = |stream: &mut TcpStream, count: usize| {
        let mut read = vec![0; count];
        stream.read_exact(&mut read).unwrap();
        read
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let methods = bytes(stream, 2)[1];
    let by_password = bytes(stream, methods.into()).contains(&2);
    stream.write_all(&[5, if by_password { 2 } else { 0 }]).unwrap();
    let login = by_password.then(|| {
        let length = bytes(stream, 2)[1];
        let user = text(bytes(stream, length.into()));
        let length = bytes(stream, 1)[0];
        let password = text(bytes(stream, length.into()));
        stream.write_all(&[1, 0]).unwrap();
        (user, password)
    });
    let form = bytes(stream, 4)[3];
    let length = if form == 3 { bytes(stream, 1)[0] } else { 4 };
    let address = bytes(stream, length.into());
    let port = bytes(stream, 2);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
    Asked { login, form, address, port: u16::from_be_bytes([port[0], port[1]]) }
}

#[test]
fn socks_5_works_with_names_resolved_on_either_side() {
    let (address, seen) = server(|mut stream| {
        let asked = socks(&mut stream);
        let request = next_request(&mut stream);
        response(&mut stream);
        (asked, request)
    });
    let remote = builder("http://phones.invalid").proxy(format!("socks5h://us%40er:secret@{address}"));
    assert_eq!(output(remote.build().unwrap()), "yes");
    let (asked, request) = seen.recv().unwrap();
    assert_eq!((asked.form, &asked.address[..], asked.port), (3, &b"phones.invalid"[..], 80));
    assert_eq!(asked.login, Some(("us@er".into(), "secret".into())));
    assert_eq!(request.path, "/v1/instances/sync-command");
    assert_eq!(request.header("proxy-authorization"), None);

    let local = builder("http://192.0.2.1:8080").environment([("ALL_PROXY".into(), format!("socks5://{address}"))]);
    assert_eq!(output(local.build().unwrap()), "yes");
    let (asked, _) = seen.recv().unwrap();
    assert_eq!((asked.form, &asked.address[..], asked.port), (1, &[192, 0, 2, 1][..], 8080));
    assert_eq!(asked.login, None);
}

#[test]
fn https_works_through_socks_too() {
    let (address, seen) = server(|mut stream| {
        let asked = socks(&mut stream);
        let mut secure = secure(stream);
        let request = next_request(&mut secure);
        response(&mut secure);
        (asked, request)
    });
    let client = builder("https://phones.invalid").proxy(format!("socks5h://{address}")).build().unwrap();
    assert_eq!(output(client), "yes");
    assert_eq!(seen.recv().unwrap().0.port, 443);
}

#[test]
fn a_variable_that_names_no_proxy_is_refused_when_the_client_is_made() {
    let with = |endpoint: &str, name: &str, text: &str| {
        builder(endpoint).environment([(name.to_owned(), text.to_owned())]).build()
    };
    for bad in ["http://user:secret@proxy:3128\r", " ", "garbage://user:secret@proxy", "socks4://user:secret@proxy"] {
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            let error = with("https://phones.invalid", name, bad).unwrap_err();
            assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some(name)), "{error}");
            assert!(error.message().contains(name) && !format!("{error:?}").contains("secret"), "{error:?}");
            with("https://127.0.0.1", name, bad).unwrap();
        }
        with("https://phones.invalid", "HTTP_PROXY", bad).unwrap();
    }
}
