//! A request as the server reads it.

use koophone::Operation;
use serde_json::Value;

/// Prefixes of phone ids: for the call that gets bad responses, and for the one that gets good responses.
pub const PHONES: [&str; 2] = ["lied", "told"];

/// A complete request.
pub struct Request {
    /// The operation.
    pub operation: &'static Operation,
    /// The phones in the body, or the one in the path.
    pub phones: Vec<String>,
    /// The body.
    pub body: Value,
    /// The number of earlier requests in this exchange.
    pub number: u64,
}
