//! Secret text: wiped from memory when dropped, shown as `***` when printed.

use std::fmt;

use zeroize::Zeroizing;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A password, secret key or token. It has no `Display`, its `Debug` prints `***`, it is not serialisable, and its
/// memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Takes a text that was read from a file, a variable or a prompt, and strips a leading byte order mark and
    /// trailing line breaks, which editors and `echo` add.
    pub fn of_line(text: impl Into<String>) -> Self {
        Self::new(line(text))
    }

    /// The text itself: only for sending it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What [`Secret::of_line`] strips. In place: copies would not be wiped.
pub(crate) fn line(text: impl Into<String>) -> String {
    let mut text = text.into();
    text.truncate(text.trim_end_matches(['\r', '\n']).len());
    if text.starts_with(BYTE_ORDER_MARK) {
        text.drain(..BYTE_ORDER_MARK.len_utf8());
    }
    text
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
