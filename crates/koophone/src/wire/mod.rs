//! JSON, the envelope around every response, and the redaction of secrets.

pub(crate) mod envelope;
pub(crate) mod json;
pub(crate) mod redact;
