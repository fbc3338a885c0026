//! Proxies that respond for the service, each with its own text. None of them knows whether the service executed the
//! forwarded request, so neither does the client.

use koophone::ErrorKind::{OutcomeUnknown, Throttled, Unavailable};
use serde_json::json;

use crate::table::{DONE, Fault, emulator, fails};

/// A proxy, the status it sends, and its body.
const RESPONSES: &[(&str, u16, &str)] = &[
    (
        "nginx",
        502,
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
    (
        "nginx",
        503,
        "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
    (
        "nginx",
        504,
        "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
    (
        "nginx",
        429,
        "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
    ("Envoy", 503, "upstream connect error or disconnect/reset before headers. reset reason: connection termination"),
    ("Envoy", 504, "upstream request timeout"),
    ("Envoy", 429, "local_rate_limited"),
    (
        "Varnish",
        503,
        "<!DOCTYPE html>\n<html>\n  <head>\n    <title>503 Backend fetch failed</title>\n  </head>\n  <body>\n    \
            <h1>Error 503 Backend fetch failed</h1>\n    <p>Backend fetch failed</p>\n    <h3>Guru Meditation:</h3>\n \
               <p>XID: 3</p>\n  </body>\n</html>\n",
    ),
    (
        "HAProxy",
        502,
        "<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete \
            response.\n</body></html>\n",
    ),
    (
        "HAProxy",
        503,
        "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this \
            request.\n</body></html>\n",
    ),
    ("HAProxy", 504, "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n"),
    (
        "HAProxy",
        429,
        "<html><body><h1>429 Too Many Requests</h1>\nYou have sent too many requests in a given amount of \
            time.\n</body></html>\n",
    ),
    // By HTTP's definition a 408 means that the request was not received completely and may be repeated. But proxies
    // and frameworks also send it for a service that is too slow. A 408 that is read before a request is written is
    // different: then nothing was sent.
    (
        "nginx",
        408,
        "<html>\r\n<head><title>408 Request Time-out</title></head>\r\n<body>\r\n<center><h1>408 Request Time-out</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    ),
    (
        "HAProxy",
        408,
        "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in \
            time.\n</body></html>\n",
    ),
    ("a proxy with JSON", 503, r#"{"code":503,"message":"no healthy upstream"}"#),
    ("a proxy without a body", 408, ""),
    ("a proxy without a body", 502, ""),
    ("a proxy without a body", 503, ""),
    ("a proxy without a body", 504, ""),
    ("a proxy without a body", 429, ""),
];

/// Every response, before and after the service executed the request.
pub fn faults() -> Vec<Fault> {
    let fault = |&(proxy, status, body): &(&str, u16, &str), executed: bool| {
        let failed = if status == 429 { fails(Throttled, 1) } else { fails(Unavailable, 2) };
        let when = if executed { "after" } else { "before" };
        let action = json!({"action": "response", "status": status, "body": body, "executed": executed});
        let (changing, other) = ([fails(OutcomeUnknown, 1); 2], [DONE, failed]);
        emulator(format!("{status} of {proxy} {when} execution"), action, executed, changing, other)
    };
    [false, true].iter().flat_map(|executed| RESPONSES.iter().map(move |response| fault(response, *executed))).collect()
}
