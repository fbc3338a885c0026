//! What the core's threads send to an event loop. Nothing here touches the interpreter.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use koophone::{Progress, Result, binding_support};

use crate::socket_pair::Socket;
use crate::work::Finish;

pub enum Message {
    Progress(Progress),
    Ended(Result<Finish>),
}

/// The threads' end of a mailbox.
#[derive(Clone)]
pub struct Sender(Arc<Shared>);

/// One that does not keep the mailbox alive.
pub struct WeakSender(Weak<Shared>);

struct Shared {
    messages: Mutex<Vec<(u64, Message)>>,
    writer: Socket,
}

impl Sender {
    /// `writer` wakes the loop.
    pub fn new(writer: Socket) -> Self {
        Self(Arc::new(Shared { messages: Mutex::default(), writer }))
    }

    pub fn ended(&self, number: u64, ended: Result<Finish>) {
        self.send(number, Message::Ended(ended));
    }

    pub fn progress(&self, number: u64, progress: Progress) {
        self.send(number, Message::Progress(progress));
    }

    fn send(&self, number: u64, message: Message) {
        let first = {
            let mut messages = self.0.messages.lock().unwrap_or_else(PoisonError::into_inner);
            messages.push((number, message));
            messages.len() == 1
        };
        // One byte for all messages that come together: the loop takes all of them at once.
        if first {
            let sender = self.clone();
            binding_support::after_ready_tasks(move || sender.wake());
        }
    }

    /// Wakes the loop: there are messages, or log records.
    pub fn wake(&self) {
        // A full socket is readable already, and a closed one has nobody who waits.
        let _ = (&self.0.writer).write(&[1]);
    }

    /// All messages since the last time.
    pub fn take(&self) -> Vec<(u64, Message)> {
        std::mem::take(&mut *self.0.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn downgrade(&self) -> WeakSender {
        WeakSender(Arc::downgrade(&self.0))
    }
}

impl WeakSender {
    pub fn upgrade(&self) -> Option<Sender> {
        self.0.upgrade().map(Sender)
    }
}
