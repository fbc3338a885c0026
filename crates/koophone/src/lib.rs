//! The core.
mod envelope;
mod error;
mod http;
pub mod model;
mod per_process;
pub mod runtime;
mod secret;
mod tls;
mod validate;

pub use error::{Error, ErrorDetails, ErrorKind, Result};
pub use secret::Secret;
