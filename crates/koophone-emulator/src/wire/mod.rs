//! HTTP: requests, responses, and how responses are sent: late, in pieces or not at all.

pub(crate) mod access;
pub(crate) mod body;
pub(crate) mod change;
pub(crate) mod deliver;
pub(crate) mod received;
pub(crate) mod reply;
pub(crate) mod response;
pub(crate) mod spelling;
