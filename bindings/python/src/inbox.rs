//! What the core's threads send to a thread that runs Python. Nothing here touches the interpreter.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use koophone::{Progress, Result, WaitOptions, binding_support};
use tokio::sync::Notify;

use crate::call::Finish;
use crate::socket_pair::Socket;

pub enum Message {
    Progress(Progress),
    Ended(Result<Finish>),
}

/// Messages that wait for a blocking call or an event loop, each with the number of its call.
#[derive(Default)]
pub struct Inbox {
    messages: Mutex<Vec<(u64, Message)>>,
    arrived: Notify,
    /// Wakes an event loop.
    socket: Option<Socket>,
}

impl Inbox {
    pub fn of_a_loop(socket: Socket) -> Self {
        Self { socket: Some(socket), ..Self::default() }
    }

    pub fn send(self: &Arc<Self>, number: u64, message: Message) {
        let first = {
            let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
            messages.push((number, message));
            messages.len() == 1
        };
        match first {
            // A loop is woken once for all messages that come together: it takes all of them at once.
            true if self.socket.is_some() => {
                let inbox = self.clone();
                binding_support::after_ready_tasks(move || inbox.wake());
            }
            true => self.arrived.notify_one(),
            false => {}
        }
    }

    /// Wakes the event loop: there are messages, or log records.
    pub fn wake(&self) {
        // A full socket is readable already, and nobody waits for a closed one.
        let _ = self.socket.as_ref().map(|mut socket| socket.write(&[1]));
    }

    /// Ends when there are messages for a blocking call.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// All messages since the last time.
    pub fn take(&self) -> Vec<(u64, Message)> {
        std::mem::take(&mut *self.messages.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Options with which waiting for a task sends its progress here, if it is asked for.
    pub fn wait_options(self: &Arc<Self>, number: u64, progress: bool) -> WaitOptions {
        let inbox = self.clone();
        let send = move |progress| inbox.send(number, Message::Progress(progress));
        if progress { WaitOptions::new().on_progress(send) } else { WaitOptions::new() }
    }
}
