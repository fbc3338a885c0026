//! Suggestions for misspelt names.

use napi_derive::napi;

/// The name that is most like `name`, if one is near enough.
#[napi]
pub fn nearest(name: String, known: Vec<String>) -> Option<String> {
    let distance = |right: &String| strsim::osa_distance(&name.to_lowercase(), &right.to_lowercase());
    let near = known.into_iter().min_by_key(distance)?;
    (distance(&near) <= (name.chars().count() / 3).max(2)).then_some(near)
}
