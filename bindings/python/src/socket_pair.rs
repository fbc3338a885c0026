//! Two sockets connected to each other, of a kind that the event loops of the system can watch.

use std::io;

#[cfg(windows)]
pub use std::net::TcpStream as Socket;
#[cfg(unix)]
pub use std::os::unix::net::UnixStream as Socket;

#[cfg(unix)]
pub fn pair() -> io::Result<(Socket, Socket)> {
    Socket::pair()
}

/// Windows has no such pairs; as Python's own `socket.socketpair` does, this connects to itself.
#[cfg(windows)]
pub fn pair() -> io::Result<(Socket, Socket)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let one = Socket::connect(listener.local_addr()?)?;
    loop {
        let (other, from) = listener.accept()?;
        // Another program may have been quicker.
        if from == one.local_addr()? {
            // A second byte must not wait until the first is acknowledged.
            other.set_nodelay(true)?;
            return Ok((one, other));
        }
    }
}

/// What Python calls `fileno`.
#[cfg(unix)]
pub fn number(socket: &Socket) -> i64 {
    std::os::fd::AsRawFd::as_raw_fd(socket).into()
}

#[cfg(windows)]
pub fn number(socket: &Socket) -> i64 {
    std::os::windows::io::AsRawSocket::as_raw_socket(socket) as i64
}
