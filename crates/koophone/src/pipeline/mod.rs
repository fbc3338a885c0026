//! The life of a call: its phones in batches, and each of its requests from its turn to its outcome.

pub(crate) mod batch;
mod exchange;
mod inner;
mod phones;

pub(crate) use self::exchange::{CallContext, Parts, Trace};
pub(crate) use self::inner::ClientInner;
pub(crate) use self::phones::Phones;
