//! The phones that a call is about.

use std::collections::HashMap;

use crate::model::{Error, InstanceId, Result};

/// The phones of a call without duplicates, and their positions in the caller's list.
#[derive(Clone, Debug)]
pub(crate) struct Phones {
    /// Without duplicates, in the order of first occurrence.
    pub unique: Vec<InstanceId>,
    /// For each position of the caller's list the index in `unique`; empty if there were no duplicates.
    positions: Vec<usize>,
}

impl Phones {
    /// Validates a caller's list. A duplicate is sent once: an accidental duplicate must not, for example, tap twice.
    pub fn new(given: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let given = given.into_iter();
        let mut ids = Vec::with_capacity(given.size_hint().0);
        for id in given {
            ids.push(InstanceId::new(id.as_ref()).map_err(|error| {
                error.with(|d| d.message = format!("phone {} of the list: {}", ids.len() + 1, d.message))
            })?);
        }
        if ids.is_empty() {
            return Err(Error::invalid("instance_ids", "the list of phones is empty; name at least one instance id"));
        }
        // Sorting finds duplicates more cheaply than a map in the usual list, which has none.
        let mut sorted: Vec<&str> = ids.iter().map(InstanceId::as_str).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return Ok(Self { unique: ids, positions: Vec::new() });
        }
        let mut first = HashMap::with_capacity(ids.len());
        let mut positions = Vec::with_capacity(ids.len());
        let mut unique = Vec::with_capacity(ids.len());
        for id in &ids {
            let next = unique.len();
            let index = *first.entry(id.as_str()).or_insert(next);
            if index == next {
                unique.push(*id);
            }
            positions.push(index);
        }
        Ok(Self { unique, positions })
    }

    /// One item for each unique phone, of those that were given for each position of the caller's list; none if their
    /// number is another one.
    pub fn gather<T: Clone>(&self, given: &[T]) -> Option<Vec<T>> {
        let positions = if self.positions.is_empty() { self.unique.len() } else { self.positions.len() };
        if given.len() != positions {
            return None;
        }
        let first = |index| self.positions.iter().position(|&position| position == index).unwrap_or(index);
        Some((0..self.unique.len()).map(|index| given[first(index)].clone()).collect())
    }

    /// Distributes one result per unique phone to the caller's positions.
    pub fn spread<T: Clone>(&self, results: Vec<T>) -> Vec<T> {
        if self.positions.is_empty() {
            return results;
        }
        self.positions.iter().map(|&index| results[index].clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_id_is_named_by_its_position() {
        let error = Phones::new(["ok", "a/b"]).unwrap_err();
        assert!(error.message().starts_with("phone 2 of the list: "), "{error}");
    }

    // docs/spec/wire-notes.md#26
    #[test]
    fn empty_lists_are_refused_and_repeats_are_asked_once() {
        assert_eq!(Phones::new([""; 0]).unwrap_err().argument(), Some("instance_ids"));
        let phones = Phones::new(["b", "a", "b"]).unwrap();
        assert_eq!(phones.unique.iter().map(InstanceId::as_str).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(phones.spread(vec![1, 2]), [1, 2, 1]);
        assert_eq!((phones.gather(&[1, 2, 3]), phones.gather(&[1, 2])), (Some(vec![1, 2]), None));
    }
}
