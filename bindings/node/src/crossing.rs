//! What crosses to JavaScript: JSON text, and the outputs of commands as a second text that is cut there. Long outputs
//! are most of a result, and they need not be escaped, scanned and copied as a part of the JSON.

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

/// Bytes of output from which a second text is faster.
const WORTHWHILE: usize = 4096;

/// A result that is data.
pub(crate) fn value<T: Serialize>(value: T, _check: bool) -> Result<Crossing, String> {
    Ok(json::text(&value).into())
}

/// One result per phone.
pub(crate) fn results<T: PhoneResult + Serialize>(results: Vec<T>, check: bool) -> Result<Crossing, String> {
    failure(&results, check)?;
    value(results, check)
}

/// One result per phone, with the `output` of a command.
pub(crate) fn outputs<T: PhoneResult + Serialize>(
    mut results: Vec<T>,
    check: bool,
    output: fn(&mut T) -> &mut String,
) -> Result<Crossing, String> {
    failure(&results, check)?;
    let length: usize = results.iter_mut().map(|result| output(result).len()).sum();
    if length < WORTHWHILE {
        return value(results, check);
    }
    let mut printed = String::with_capacity(length);
    for output in results.iter_mut().map(output) {
        printed.push_str(output);
        let units = if output.is_ascii() { output.len() } else { output.encode_utf16().count() };
        *output = units.to_string();
    }
    Ok(Crossing { text: json::text(&results), printed })
}

/// If a phone failed and that is to be checked: the text of its error, with all results.
pub(crate) fn failure<T: PhoneResult + Serialize>(results: &[T], check: bool) -> Result<(), String> {
    #[derive(Serialize)]
    struct Failed<'a, T> {
        #[serde(flatten)]
        error: &'a Error,
        results: &'a [T],
    }
    let checked = if check { results.raise_for_errors() } else { Ok(()) };
    checked.map_err(|error| json::error(&Failed { error: &error, results }))
}
