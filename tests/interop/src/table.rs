//! The table of cases.

use koophone::ErrorKind::{self, Network, Rejected};

use crate::case::{Case, Expected, Forward, Key, Route, Tls, Version};
use crate::program::Program::{self, Apache, Haproxy, Nginx};
use crate::servers::squid::{LOGIN, WRONG_LOGIN};

/// Reverse proxies over plain http: a title, and the configuration lines for it.
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

/// TLS connections that the server closes after a response.
const CLOSING: &[(Program, &[&str])] = &[
    (Nginx, &["keepalive_requests 3;"]),
    (Haproxy, &["option httpclose"]),
    (Apache, &["KeepAlive On", "MaxKeepAliveRequests 3"]),
];

/// The error of a client without a certificate where one is required. nginx reports it over HTTP, with a page that the
/// error quotes; the others report it in the TLS handshake.
const NO_CERTIFICATE: &[(Program, ErrorKind, &[&str])] = &[
    (Nginx, Rejected, &["No required SSL certificate was sent"]),
    (Haproxy, Network, &["client certificate"]),
    (Apache, Network, &["client certificate"]),
];

/// squid: a title, the route, and the words of the error, if one is expected.
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
    let mut add = |name: String, route, expected| cases.push(Case { name, route, expected });
    for &(program, name, lines) in REVERSE {
        add(name.to_owned(), Route::Reverse(program, None, lines), Expected::Done);
    }
    for program in [Nginx, Haproxy, Apache] {
        for version in [Version::V1_2, Version::V1_3] {
            for key in [Key::Rsa, Key::Ecdsa] {
                let tls = Tls { version, key, client_certificate: false };
                add(tls.name(), Route::Reverse(program, Some(tls), &[]), Expected::Done);
            }
        }
    }
    for version in [Version::V1_2, Version::V1_3] {
        let tls = Tls { version, key: Key::Ecdsa, client_certificate: false };
        for &(program, lines) in CLOSING {
            let name = format!("{}, closed by the server", tls.name());
            add(name, Route::Reverse(program, Some(tls), lines), Expected::Done);
        }
        for &(program, kind, words) in NO_CERTIFICATE {
            let name = format!("{}, client certificate required", tls.name());
            let route = Route::Reverse(program, Some(Tls { client_certificate: true, ..tls }), &[]);
            add(name, route, Expected::Refused(kind, words));
        }
    }
    for &(name, forward, refused) in FORWARD {
        let expected = refused.map_or(Expected::Done, |words| Expected::Refused(Network, words));
        add(name.to_owned(), Route::Forward(forward), expected);
    }
    cases
}

impl Tls {
    fn name(self) -> String {
        let version = if self.version == Version::V1_2 { "1.2" } else { "1.3" };
        format!("TLS {version}, {}", if self.key == Key::Rsa { "RSA" } else { "ECDSA" })
    }
}
