//! A quota of retries, which keeps an outage from being amplified.

use std::sync::atomic::{AtomicI64, Ordering};

/// The retries a client may still make: each retry costs, each success returns a little. When a service is down, a
/// fleet of callers soon makes one attempt each instead of three.
#[derive(Debug)]
pub(super) struct RetryQuota(AtomicI64);

impl RetryQuota {
    const FULL: i64 = 500;
    const COST: i64 = 5;

    pub const fn new() -> Self {
        Self(AtomicI64::new(Self::FULL))
    }

    /// Takes one retry, if there is one.
    pub fn take(&self) -> bool {
        let taken = self.0.fetch_sub(Self::COST, Ordering::Relaxed) >= Self::COST;
        if !taken {
            self.0.fetch_add(Self::COST, Ordering::Relaxed);
        }
        taken
    }

    /// Returns a little to the quota.
    pub fn succeeded(&self) {
        if self.0.load(Ordering::Relaxed) < Self::FULL {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_runs_out_and_recovers() {
        let quota = RetryQuota::new();
        assert_eq!((0..200).filter(|_| quota.take()).count(), 100);
        (0..5).for_each(|_| quota.succeeded());
        assert!(quota.take(), "five successes restore one retry");
        assert!(!quota.take(), "and no more than one");
    }
}
