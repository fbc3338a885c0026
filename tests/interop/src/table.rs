//! The table of cases.

use koophone::ErrorKind::{self, Network, Rejected};

use crate::case::{Case, Expected, Forward, Key, Tls, Version, Way};
use crate::program::Program::{self, Apache, Haproxy, Nginx};
use crate::servers::squid::{LOGIN, WRONG_LOGIN};

/// Reverse proxies for plain http: what is special about it, and the lines of the configuration that make it so.
const REVERSE: &[(Program, &str, &[&str])] = &[
    (Nginx, "keep-alive on both sides", &["proxy_http_version 1.1;", "proxy_set_header Connection '';"]),
    (Nginx, "Connection: close after each response", &["keepalive_timeout 0;"]),
    (Nginx, "HTTP/1.0 to the service", &["proxy_http_version 1.0;"]),
    (Nginx, "three requests on a connection", &["keepalive_requests 3;"]),
    (Nginx, "no buffers", &["proxy_http_version 1.1;", "proxy_buffering off;", "proxy_request_buffering off;"]),
    (Haproxy, "keep-alive on both sides", &["option http-keep-alive", "http-reuse always"]),
    (Haproxy, "Connection: close after each response", &["option httpclose"]),
    (Haproxy, "a new connection to the service each time", &["option http-server-close"]),
    (Haproxy, "requests read whole before they are passed on", &["option http-buffer-request"]),
    (Haproxy, "TCP only", &["mode tcp"]),
    (Apache, "keep-alive on both sides", &["KeepAlive On"]),
    (Apache, "Connection: close after each response", &["KeepAlive Off"]),
    (Apache, "HTTP/1.0 to the service", &["SetEnv force-proxy-request-1.0 1", "SetEnv proxy-nokeepalive 1"]),
    (Apache, "three requests on a connection", &["KeepAlive On", "MaxKeepAliveRequests 3"]),
    (Apache, "no buffers: chunked requests and responses", &["SetEnv proxy-sendchunked 1", "SetEnv no-gzip 1"]),
];

/// Connections over TLS that the server closes with a response.
const CLOSING: &[(Program, &[&str])] = &[
    (Nginx, &["keepalive_requests 3;"]),
    (Haproxy, &["option httpclose"]),
    (Apache, &["KeepAlive On", "MaxKeepAliveRequests 3"]),
];

/// What a client without a certificate is told where one is asked for. nginx says it in HTTP, with a page that the
/// error quotes; the others in TLS.
const NO_CERTIFICATE: &[(Program, ErrorKind, &[&str])] = &[
    (Nginx, Rejected, &["No required SSL certificate was sent"]),
    (Haproxy, Network, &["client certificate"]),
    (Apache, Network, &["client certificate"]),
];

/// squid: what is special about it, the way, and the words of the error where there must be one.
const FORWARD: &[(&str, Forward, Option<&[&str]>)] = &[
    ("plain http, passed on", Forward { https: false, locked: false, login: "" }, None),
    ("plain http, passed on with a password", Forward { https: false, locked: true, login: LOGIN }, None),
    ("a tunnel to TLS", Forward { https: true, locked: false, login: "" }, None),
    ("a tunnel to TLS with a password", Forward { https: true, locked: true, login: LOGIN }, None),
    (
        "a tunnel without the password",
        Forward { https: true, locked: true, login: "" },
        Some(&["the proxy", "set user and password in the proxy URL"]),
    ),
    (
        "a tunnel with a wrong password",
        Forward { https: true, locked: true, login: WRONG_LOGIN },
        Some(&["the proxy", "check user and password in the proxy URL"]),
    ),
];

/// Every case.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |name: String, way, expected| cases.push(Case { name, way, expected });
    for &(program, name, lines) in REVERSE {
        add(name.to_owned(), Way::Reverse(program, None, lines), Expected::Done);
    }
    for program in [Nginx, Haproxy, Apache] {
        for version in [Version::V1_2, Version::V1_3] {
            for key in [Key::Rsa, Key::Ecdsa] {
                let tls = Tls { version, key, client_certificate: false };
                add(tls.name(), Way::Reverse(program, Some(tls), &[]), Expected::Done);
            }
        }
    }
    for version in [Version::V1_2, Version::V1_3] {
        let tls = Tls { version, key: Key::Ecdsa, client_certificate: false };
        for &(program, lines) in CLOSING {
            let name = format!("{}, closed by the server", tls.name());
            add(name, Way::Reverse(program, Some(tls), lines), Expected::Done);
        }
        for &(program, kind, words) in NO_CERTIFICATE {
            let name = format!("{}, client certificate required", tls.name());
            let way = Way::Reverse(program, Some(Tls { client_certificate: true, ..tls }), &[]);
            add(name, way, Expected::Refused(kind, words));
        }
    }
    for &(name, forward, refused) in FORWARD {
        let expected = refused.map_or(Expected::Done, |words| Expected::Refused(Network, words));
        add(name.to_owned(), Way::Forward(forward), expected);
    }
    cases
}

impl Tls {
    fn name(self) -> String {
        let version = if self.version == Version::V1_2 { "1.2" } else { "1.3" };
        format!("TLS {version}, {}", if self.key == Key::Rsa { "RSA" } else { "ECDSA" })
    }
}
