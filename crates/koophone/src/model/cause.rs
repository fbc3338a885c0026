//! The causes of an error as error values, for `std::error::Error::source`.

use std::error::Error;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

/// One cause, and what caused it in turn.
#[derive(Debug)]
struct Cause {
    text: String,
    next: Option<Box<Cause>>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.next.as_deref().map(|next| next as _)
    }
}

/// The chain of causes. An error keeps its causes as texts, because it is cloned, compared and sent as JSON; the chain
/// is built from them on demand, and is not part of the error's value.
#[derive(Default)]
pub(super) struct Chain(OnceLock<Option<Box<Cause>>>);

impl Chain {
    /// The first cause, whose sources are the others.
    pub fn of(&self, texts: &[String]) -> Option<&(dyn Error + 'static)> {
        let link = |next, text: &String| Some(Box::new(Cause { text: text.clone(), next }));
        self.0.get_or_init(|| texts.iter().rev().fold(None, link)).as_deref().map(|first| first as _)
    }
}

impl Clone for Chain {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Chain {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Chain {}

impl Hash for Chain {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
