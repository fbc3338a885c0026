//! Access control: programs on this machine may use the emulator, web pages may not, and other machines only if the
//! options allow it.

use std::net::IpAddr;

use crate::options::{ControlToken, Options};
use crate::wire::received::Received;

/// The rules of one emulator.
#[derive(Debug)]
pub(crate) struct Access {
    /// Only this machine can reach it, so another name in `Host` is DNS rebinding by a web page.
    loopback: bool,
    control_token: Option<ControlToken>,
}

/// Status and text of a refusal.
pub(crate) type Denied = (u16, &'static str);

impl Access {
    pub(crate) fn new(options: &Options) -> Self {
        Self { loopback: options.address.is_loopback(), control_token: options.control_token.clone() }
    }

    /// Refuses requests of web pages, for any path. A page served by this machine is trusted like any program here.
    pub(crate) fn check_service(&self, received: &Received) -> Result<(), Denied> {
        let foreign = received.header("origin").is_some_and(|origin| !self.is_own_origin(origin, received));
        if foreign || received.header("sec-fetch-site") == Some("cross-site") {
            return Err((403, "the emulator accepts no requests from pages of other sites"));
        }
        Ok(())
    }

    /// Additional checks for `/_emulator`: the machine's own name, or the token if one is set.
    pub(crate) fn check_control(&self, received: &Received) -> Result<(), Denied> {
        if self.loopback && !received.header("host").is_none_or(is_loopback) {
            return Err((403, "the Host header must name this machine: 127.0.0.1, [::1] or localhost"));
        }
        let Some(token) = &self.control_token else { return Ok(()) };
        let given = received.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if given.is_some_and(|given| token.matches(given.trim())) {
            return Ok(());
        }
        Err((401, "control requests to this emulator need its control token: Authorization: Bearer TOKEN"))
    }

    fn is_own_origin(&self, origin: &str, received: &Received) -> bool {
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        is_loopback(authority) || (!self.loopback && received.header("host") == Some(authority))
    }
}

/// Whether `authority`, with or without a port, is an address of this machine only.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for own in
            ["127.0.0.1", "127.8.9.1:80", "localhost", "LOCALHOST:8080", "[::1]", "[::1]:80", "[::ffff:127.0.0.1]"]
        {
            assert!(is_loopback(own), "{own}");
        }
        for foreign in
            ["", "null", "evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "10.0.0.1", "::1x"]
        {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
