//! Header names as the documents spell them, because some clients compare them case-sensitively
//! (docs/spec/wire-notes.md#82).

use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use http::{Extensions, Response};
use http_body_util::Empty;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

/// A request with the spelling of the names that title case does not get right.
const EXAMPLE: &[u8] = b"GET / HTTP/1.1\r\nConnection: close\r\nX-IAM-Trace-Id: 1\r\n\r\n";

/// The extension that makes hyper spell a response's names. Its type is private and only created from received
/// messages, so hyper is made to receive one.
#[derive(Debug)]
pub(crate) struct Spelling(Extensions);

impl Spelling {
    pub(crate) async fn learn() -> Self {
        let learned = Mutex::new(Extensions::new());
        let service = service_fn(|request: http::Request<_>| {
            *learned.lock().unwrap_or_else(PoisonError::into_inner) = request.into_parts().0.extensions;
            async { Ok::<_, Infallible>(Response::new(Empty::<bytes::Bytes>::new())) }
        });
        let io = TokioIo::new(tokio::io::join(EXAMPLE, tokio::io::sink()));
        // Only memory is read and written here. If it failed nevertheless, names would be left in title case.
        let _ = http1::Builder::new().preserve_header_case(true).serve_connection(io, service).await;
        Self(learned.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Every other name is right in title case.
    pub(crate) fn apply<B>(&self, response: &mut Response<B>) {
        if response.headers().contains_key("x-iam-trace-id") {
            response.extensions_mut().extend(self.0.clone());
        }
    }
}
