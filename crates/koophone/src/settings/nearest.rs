//! Suggestions for misspelt names.

/// The value of the name that was probably meant: at most two typing errors away, and one for every three letters,
/// because short names are similar to many words.
pub fn nearest<'a, T: Ord>(written: &str, known: impl IntoIterator<Item = (&'a str, T)>) -> Option<T> {
    known
        .into_iter()
        .map(|(name, of)| (strsim::osa_distance(written, name), name.len(), of))
        .filter(|(distance, length, _)| *distance <= 2 && distance * 3 <= *length)
        .min_by(|(one, _, first), (other, _, second)| (one, first).cmp(&(other, second)))
        .map(|(_, _, of)| of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_short_ones_need_more() {
        let meant = |written| nearest(written, ["timeout", "concurrency", "id"].map(|name| (name, name)));
        assert_eq!(meant("timeuot"), Some("timeout"));
        assert_eq!(meant("concurency"), Some("concurrency"));
        assert_eq!(meant("it"), None);
        assert_eq!(meant("entirely"), None);
    }
}
