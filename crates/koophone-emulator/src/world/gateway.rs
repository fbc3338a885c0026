//! The gateway's state: failed signatures, and the calls that count against a limit.

use std::collections::{HashMap, VecDeque};

use crate::operation::Operation;
use crate::options::RateLimit;
use crate::wire::reply::Refusal;

/// The gateway's state.
#[derive(Debug, Default)]
pub(crate) struct Gateway {
    /// Failed signatures in a row of the one known access key.
    pub(crate) failures: u32,
    pub(crate) locked_until_ms: i64,
    calls: HashMap<Operation, VecDeque<i64>>,
}

impl Gateway {
    /// Counts a call against the limit.
    pub(crate) fn count_call(&mut self, operation: Operation, limit: RateLimit, now_ms: i64) -> Result<(), Refusal> {
        let calls = self.calls.entry(operation).or_default();
        let begin = now_ms - i64::from(limit.seconds) * 1000;
        while calls.front().is_some_and(|time| *time <= begin) {
            calls.pop_front();
        }
        if calls.len() >= limit.calls as usize {
            let text = format!("limit:{},time:{} second", limit.calls, limit.seconds);
            return Err(Refusal::throttled(429, Some(&text)));
        }
        calls.push_back(now_ms);
        Ok(())
    }
}
