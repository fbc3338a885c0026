//! Functions that need no client, and are not generated.

use koophone::binding_support;
use napi_derive::napi;

/// The name that was probably meant, whatever its case.
#[napi]
pub fn nearest(name: String, known: Vec<String>) -> Option<String> {
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    binding_support::nearest(&name.to_lowercase(), lower.iter().map(String::as_str).zip(known))
}
