//! JSON, the envelope around every response, and secrets that must not come out of it.

pub(crate) mod envelope;
pub(crate) mod json;
pub(crate) mod redact;
