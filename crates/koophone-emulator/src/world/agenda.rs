//! Events that happen when their time has come.

use std::collections::BTreeMap;

/// Something that ends at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The job of this phone, unless it has another one by then.
    Work { instance_id: String, fails: bool },
    /// An application is installed.
    Install(Install),
}

/// An installation on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Install {
    pub(crate) instance_id: String,
    pub(crate) task_id: String,
    pub(crate) job_id: String,
    pub(crate) package: String,
    pub(crate) label: String,
    pub(crate) version: String,
    pub(crate) fails: bool,
}

/// All pending events, in order.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    due: BTreeMap<(i64, u64), Due>,
    last: u64,
}

impl Agenda {
    /// A number that no other entry has.
    pub(crate) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(crate) fn add(&mut self, time_ms: i64, number: u64, due: Due) {
        self.due.insert((time_ms, number), due);
    }

    /// Takes the first entry whose time has come, with that time and its number.
    pub(crate) fn take(&mut self, now_ms: i64) -> Option<(i64, u64, Due)> {
        let (time_ms, _) = *self.due.first_key_value()?.0;
        if time_ms > now_ms {
            return None;
        }
        self.due.pop_first().map(|((time_ms, number), due)| (time_ms, number, due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_taken_in_their_order_when_their_time_has_come() {
        let mut agenda = Agenda::default();
        let due = |id: &str| Due::Work { instance_id: id.to_owned(), fails: false };
        for (time_ms, id) in [(20, "b"), (10, "a"), (20, "c")] {
            let number = agenda.number();
            agenda.add(time_ms, number, due(id));
        }
        assert_eq!(agenda.take(9), None);
        assert_eq!(agenda.take(20), Some((10, 2, due("a"))));
        assert_eq!(agenda.take(20), Some((20, 1, due("b"))));
        assert_eq!(agenda.take(20), Some((20, 3, due("c"))));
        assert_eq!(agenda.take(i64::MAX), None);
    }
}
