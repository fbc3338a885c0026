//! How values cross: as JSON text with camelCase keys, written on a worker thread and read by `JSON.parse`.
//!
//! Chosen over objects made through Node-API, which take one call per property on the event loop's thread.
//! `cargo xtask bench node` measures what a call costs.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::{CompactFormatter, Formatter};

/// The value in JSON, with its snake_case keys in camelCase.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut out = Vec::with_capacity(256);
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, CamelKeys { in_key: false });
    // The core's types have text keys only, and writing to memory does not fail.
    let written = value.serialize(&mut serializer).ok().and_then(|()| String::from_utf8(out).ok());
    written.unwrap_or_else(|| "null".to_owned())
}

/// An argument that crossed as JSON. It has been checked: an error here is a mistake in the TypeScript.
pub(crate) fn read<T: DeserializeOwned>(argument: &'static str, text: &str) -> napi::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| exception(&koophone::Error::invalid(argument, format!("{argument} cannot be read: {error}"))))
}

/// The text of an error, of which JavaScript makes a `KooPhoneError`.
pub(crate) fn error(details: &impl Serialize) -> String {
    format!("koophone:{}", text(details))
}

/// An error of the core, to be thrown.
pub(crate) fn exception(error: &koophone::Error) -> napi::Error {
    napi::Error::from_reason(self::error(error))
}

struct CamelKeys {
    in_key: bool,
}

impl Formatter for CamelKeys {
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        CompactFormatter.begin_object_key(writer, first)
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        if !self.in_key {
            return writer.write_all(fragment.as_bytes());
        }
        // An error's `code` is Node's own in JavaScript.
        let fragment = if fragment == "code" { "service_code" } else { fragment };
        let mut words = fragment.split('_');
        writer.write_all(words.next().unwrap_or_default().as_bytes())?;
        for word in words {
            let mut letters = word.chars();
            if let Some(first) = letters.next() {
                write!(writer, "{}{}", first.to_ascii_uppercase(), letters.as_str())?;
            }
        }
        Ok(())
    }
}
