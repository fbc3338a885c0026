//! Machines for phones whose data is in storage.

use std::collections::VecDeque;

/// The free machines, and the phones that wait for one.
#[derive(Debug, Default)]
pub(crate) struct Machines {
    /// None is enough for all.
    free: Option<usize>,
    /// Ids of phones, and whether their restore will fail.
    waiting: VecDeque<(String, bool)>,
}

impl Machines {
    pub(crate) fn new(free: Option<usize>) -> Self {
        Self { free, waiting: VecDeque::new() }
    }

    pub(crate) fn set_free(&mut self, count: usize) {
        self.free = Some(count);
    }

    pub(crate) fn is_free(&self) -> bool {
        self.free != Some(0)
    }

    /// Takes a machine; false if none is free.
    pub(crate) fn take(&mut self) -> bool {
        match &mut self.free {
            Some(0) => false,
            Some(count) => {
                *count -= 1;
                true
            }
            None => true,
        }
    }

    pub(crate) fn give_back(&mut self) {
        self.free = self.free.map(|count| count.saturating_add(1));
    }

    pub(crate) fn wait(&mut self, instance_id: String, fails: bool) {
        self.waiting.push_back((instance_id, fails));
    }

    /// Removes a phone from the queue.
    pub(crate) fn leave(&mut self, instance_id: &str) {
        self.waiting.retain(|(id, _)| id != instance_id);
    }

    /// Its place in the queue, from 1.
    pub(crate) fn place(&self, instance_id: &str) -> Option<usize> {
        self.waiting.iter().position(|(id, _)| id == instance_id).map(|at| at + 1)
    }

    /// The first phone in the queue, with a machine for it.
    pub(crate) fn next(&mut self) -> Option<(String, bool)> {
        if self.waiting.is_empty() || !self.take() { None } else { self.waiting.pop_front() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_wait_in_turn_for_a_machine() {
        let mut machines = Machines::new(Some(1));
        assert!(machines.take() && !machines.is_free() && !machines.take());
        for id in ["a", "b", "c"] {
            machines.wait(id.to_owned(), false);
        }
        assert_eq!(machines.place("c"), Some(3));
        machines.leave("b");
        assert_eq!(machines.place("c"), Some(2));
        assert_eq!(machines.next(), None);
        machines.give_back();
        assert_eq!(machines.next(), Some(("a".to_owned(), false)));
        assert_eq!(machines.next(), None);
        assert!(Machines::default().take(), "enough for all");
    }
}
