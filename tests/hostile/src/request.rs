//! What the server is asked.

use koophone::Operation;
use serde_json::Value;

/// What begins the ids of phones in a call that is lied to, and in one that is told the truth.
pub const PHONES: [&str; 2] = ["lied", "told"];

/// A complete request.
pub struct Request {
    /// The operation.
    pub operation: &'static Operation,
    /// The phones of the body, or the one of the path.
    pub phones: Vec<String>,
    /// The body.
    pub body: Value,
    /// How many requests of this exchange came before.
    pub number: u64,
}
