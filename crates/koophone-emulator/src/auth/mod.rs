//! Authentication: the identity service's tokens, and the gateway's verification of tokens and signatures.

pub(crate) mod gateway;
pub(crate) mod identity;
pub mod signature;
