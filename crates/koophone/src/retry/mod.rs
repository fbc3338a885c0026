//! When a request may be sent, and whether and when it is sent again. One engine for every request of a client, those
//! to the identity service included; ARCHITECTURE.md describes it under "Pacing and retries".

mod backoff;
mod engine;
mod lane;
mod limit;
mod pacer;
mod quota;
#[cfg(test)]
mod simulation;

#[cfg(test)]
pub(crate) use self::backoff::Backoff;
pub(crate) use self::backoff::random;
pub(crate) use self::engine::{Retries, Retry};
#[cfg(any(test, fuzzing))]
pub(crate) use self::limit::Limit;
