//! What crosses to JavaScript: JSON text, and beside it what commands printed, as one text that is cut again over
//! there.
//!
//! Long output is most of an answer, and escaping it here, scanning it there and copying it once more was a third of
//! what a 35 KB answer cost on the way (64 microseconds for 32 phones with 1 KB each, of which 24 are left without it).

use koophone::{Error, PhoneResult, PhoneResults};
use serde::Serialize;

use crate::json;

/// A result on its way.
pub(crate) struct Crossing {
    /// JSON.
    pub text: String,
    /// The outputs of all results, concatenated. The JSON has the length of each in its place, in UTF-16 units.
    pub printed: String,
}

impl From<String> for Crossing {
    fn from(text: String) -> Self {
        Self { text, printed: String::new() }
    }
}

/// A result of one phone, which may hold what a command printed.
pub(crate) trait Printed {
    /// Where that is.
    fn output(&mut self) -> Option<&mut String>;
}

/// All results of a call. Short outputs stay in the JSON, where they cost less.
pub(crate) fn results<T: Printed + Serialize>(results: &mut [T]) -> Crossing {
    let length: usize = results.iter_mut().filter_map(Printed::output).map(|output| output.len()).sum();
    if length < WORTHWHILE {
        return json::text(&results).into();
    }
    let mut printed = String::with_capacity(length);
    for output in results.iter_mut().filter_map(Printed::output) {
        printed.push_str(output);
        let units = if output.is_ascii() { output.len() } else { output.encode_utf16().count() };
        *output = units.to_string();
    }
    Crossing { text: json::text(&results), printed }
}

/// Bytes of output from which a text of their own pays.
const WORTHWHILE: usize = 4096;

/// If a phone failed: the text of its error, with all results.
pub(crate) fn check<T: PhoneResult + Serialize>(results: &[T]) -> Result<(), String> {
    #[derive(Serialize)]
    struct Failed<'a, T> {
        #[serde(flatten)]
        error: &'a Error,
        results: &'a [T],
    }
    results.raise_for_errors().map_err(|error| json::text(&Failed { error: &error, results }))
}
