//! Name resolution by the operating system, on threads that the system may refuse to start.

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::runtime;

/// The addresses of a host; their port is `port`.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<IntoIter<SocketAddr>> {
    let host = host.to_owned();
    runtime::on_own_thread(move || (host.as_str(), port).to_socket_addrs()).await?
}

/// [`resolve`] for hyper.
#[derive(Clone)]
pub(super) struct Resolver;

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        // The caller sets the port of the URL.
        Box::pin(async move { resolve(name.as_str(), 0).await })
    }
}
