//! The identity service's state: tokens and wrong passwords.

use std::collections::HashMap;

/// The scope of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The project with this id.
    Project(String),
    Domain,
    /// Global services only.
    None,
}

/// The state of a token.
#[derive(Debug)]
pub(crate) enum TokenState {
    Valid(Scope),
    Expired,
    Unknown,
}

/// Tokens and wrong passwords.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) tokens: HashMap<String, (Scope, i64)>,
    pub(crate) wrong_passwords: u32,
    pub(crate) locked_until_ms: i64,
}

impl Identity {
    pub(crate) fn token(&self, token: &str, now_ms: i64) -> TokenState {
        match self.tokens.get(token) {
            None => TokenState::Unknown,
            Some((_, end_ms)) if now_ms >= *end_ms => TokenState::Expired,
            Some((scope, _)) => TokenState::Valid(scope.clone()),
        }
    }

    /// Expires every token.
    pub(crate) fn expire_tokens(&mut self) {
        for (_, end_ms) in self.tokens.values_mut() {
            *end_ms = 0;
        }
    }
}
