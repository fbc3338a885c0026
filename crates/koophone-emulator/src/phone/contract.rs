//! The contract of a phone.

/// Name, region and billing of a phone. None of these change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contract {
    pub(crate) name: String,
    pub(crate) region: String,
    /// Its specification as text; none for the initial phones.
    pub(crate) specification: Option<String>,
    pub(crate) order_id: Option<String>,
    /// Paid for by the month or year, not by use.
    pub(crate) is_yearly: bool,
    pub(crate) created_ms: i64,
}

impl Contract {
    /// `billing_mode` of a yearly or monthly phone is "1" (docs/spec/newer-operations.md).
    pub(crate) fn billing_mode(&self) -> &'static str {
        if self.is_yearly { "1" } else { "0" }
    }
}
