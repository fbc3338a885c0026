//! Messages for an event loop of another language, whose interpreter the core's threads must not enter.

use std::io::{ErrorKind, Read, Result, Write};
use std::sync::{Arc, Mutex, PoisonError};

use crate::runtime::after_ready_tasks;

#[cfg(windows)]
type Socket = std::net::TcpStream;
#[cfg(unix)]
type Socket = std::os::unix::net::UnixStream;

/// Makes an event loop's socket readable.
pub struct Bell(Socket);

impl Bell {
    /// Wakes the loop. Does not block.
    pub fn ring(&self) {
        // A full socket is readable already, and nothing waits for a closed one.
        let _ = (&self.0).write(&[1]);
    }
}

/// Threads of the core put messages in and ring the bell. The loop watches the socket like any other, and takes all
/// messages at once, on its own thread.
pub struct Inbox<T> {
    messages: Mutex<Vec<T>>,
    reader: Socket,
    bell: Arc<Bell>,
}

impl<T: Send + 'static> Inbox<T> {
    /// An empty inbox.
    ///
    /// # Errors
    ///
    /// That of the system, if it refuses a pair of sockets.
    pub fn new() -> Result<Arc<Self>> {
        let (reader, writer) = pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Arc::new(Self { messages: Mutex::default(), reader, bell: Arc::new(Bell(writer)) }))
    }

    /// Adds a message. The loop is woken once for all messages that arrive together.
    pub fn send(&self, message: T) {
        let is_first = {
            let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
            messages.push(message);
            messages.len() == 1
        };
        if is_first {
            let bell = self.bell.clone();
            after_ready_tasks(move || bell.ring());
        }
    }

    /// All messages since the last time. Afterwards the socket is readable only if there is another one.
    pub fn take(&self) -> Vec<T> {
        let mut bytes = [0; 64];
        loop {
            match (&self.reader).read(&mut bytes) {
                Ok(n) if n == bytes.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The system's number of the socket that the loop watches.
    pub fn fileno(&self) -> i64 {
        #[cfg(unix)]
        return std::os::fd::AsRawFd::as_raw_fd(&self.reader).into();
        #[cfg(windows)]
        return std::os::windows::io::AsRawSocket::as_raw_socket(&self.reader) as i64;
    }

    /// What wakes the loop without a message.
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

#[cfg(unix)]
fn pair() -> Result<(Socket, Socket)> {
    Socket::pair()
}

/// Windows has no such pairs: a listener connects to itself, as Python's `socket.socketpair` does.
#[cfg(windows)]
fn pair() -> Result<(Socket, Socket)> {
    let listener = std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let one = Socket::connect(listener.local_addr()?)?;
    loop {
        let (other, from) = listener.accept()?;
        // Another program may have connected first.
        if from == one.local_addr()? {
            // A second byte must not wait until the first is acknowledged.
            other.set_nodelay(true)?;
            return Ok((one, other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_from_many_threads_are_taken_in_the_order_of_each() {
        let inbox = Inbox::new().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let inbox = &inbox;
                scope.spawn(move || (0..100).for_each(|n| inbox.send((thread, n))));
            }
        });
        let taken = inbox.take();
        for thread in 0..4 {
            let of_it: Vec<i32> = taken.iter().filter(|one| one.0 == thread).map(|one| one.1).collect();
            assert_eq!(of_it, Vec::from_iter(0..100));
        }
        assert!(inbox.take().is_empty());
    }

    #[test]
    fn a_message_makes_the_socket_readable_and_taking_it_does_not() {
        let inbox = Inbox::new().unwrap();
        inbox.reader.set_nonblocking(false).unwrap();
        inbox.reader.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        for message in 0..3 {
            inbox.send(message);
            assert_eq!((&inbox.reader).read(&mut [0; 64]).unwrap(), 1);
            inbox.reader.set_nonblocking(true).unwrap();
            assert_eq!(inbox.take(), [message]);
            assert_eq!((&inbox.reader).read(&mut [0; 64]).unwrap_err().kind(), ErrorKind::WouldBlock);
            inbox.reader.set_nonblocking(false).unwrap();
        }
    }
}
