//! Who is calling: the identity service's tokens, and the gateway's check of tokens and signatures.

pub(crate) mod gateway;
pub(crate) mod identity;
pub mod signature;
