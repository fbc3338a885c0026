//! Log records of all clients, until a thread of another language takes them.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use super::inbox::Bell;
use crate::client::ClientBuilder;
use crate::log::{LogLevel, LogRecord, LogSwitch};
use crate::runtime::PerProcess;

/// Records kept until they are taken; beyond that the oldest are dropped.
const MOST: usize = 10_000;

/// A record, and when it was made.
pub type Timed = (SystemTime, LogRecord);

#[derive(Default)]
struct Queue {
    records: VecDeque<Timed>,
    bells: Vec<Weak<Bell>>,
}

/// One queue for all clients of a process, for a language whose logger is one for all. No thread of the core waits for
/// whoever takes the records.
pub struct LogQueue {
    switch: LazyLock<LogSwitch>,
    /// One per process: a fork may happen while another thread holds the lock.
    queue: PerProcess<Mutex<Queue>>,
}

impl LogQueue {
    /// An empty queue that is off, for a `static`.
    #[expect(clippy::new_without_default, reason = "a default is not const")]
    pub const fn new() -> Self {
        Self { switch: LazyLock::new(LogSwitch::default), queue: PerProcess::new() }
    }

    /// Lets a client put its records here.
    pub fn attach(&'static self, builder: ClientBuilder) -> ClientBuilder {
        builder.log(self.switch.clone(), |record| {
            let mut queue = self.queue();
            if queue.records.len() == MOST {
                queue.records.pop_front();
            }
            queue.records.push_back((SystemTime::now(), record.clone()));
            if queue.records.len() == 1 {
                queue.bells.retain(|bell| bell.upgrade().inspect(|bell| bell.ring()).is_some());
            }
        })
    }

    /// Rings this bell too, as long as it exists, when there are records.
    pub fn ring(&self, bell: &Arc<Bell>) {
        let mut queue = self.queue();
        // A program may create event loops without end and never log.
        queue.bells.retain(|bell| bell.strong_count() > 0);
        queue.bells.push(Arc::downgrade(bell));
    }

    /// Keeps records up to `level` from now on, or none.
    pub fn set_level(&self, level: Option<LogLevel>) {
        self.switch.set(level);
    }

    /// Whether any records are kept.
    pub fn is_on(&self) -> bool {
        self.switch.is_on()
    }

    /// All records since the last time, the oldest first.
    pub fn take(&self) -> VecDeque<Timed> {
        if self.is_on() { std::mem::take(&mut self.queue().records) } else { VecDeque::new() }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}
