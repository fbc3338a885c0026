//! A lazily created value that belongs to one process: after a fork the child creates its own.

use std::convert::Infallible;
use std::mem::ManuallyDrop;

use once_cell::race::OnceBox;

/// A chain of slots, one per process id. No lock is held while it is read or filled, so a fork at any moment cannot
/// leave it half-locked in the child. An ancestor's value is never touched and never dropped: its threads and sockets
/// belong to the ancestor. For bindings, which may be loaded by programs that fork.
pub struct PerProcess<T: 'static> {
    head: ManuallyDrop<OnceBox<Node<T>>>,
}

struct Node<T: 'static> {
    pid: u32,
    value: T,
    next: OnceBox<Node<T>>,
}

impl<T> PerProcess<T> {
    /// An empty slot, for a `static`.
    pub const fn new() -> Self {
        Self { head: ManuallyDrop::new(OnceBox::new()) }
    }

    /// This process's value, created by `make` at first use.
    pub fn get_or_init(&self, make: impl Fn() -> T) -> &T {
        let made: Result<_, Infallible> = self.get_or_try_init(|| Ok(make()), drop);
        match made {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }

    /// This process's value, created by `make` at first use. When two threads race, one value is kept and the other
    /// goes to `retire`.
    ///
    /// # Errors
    ///
    /// Those of `make`.
    pub fn get_or_try_init<E>(&self, make: impl Fn() -> Result<T, E>, retire: impl Fn(T)) -> Result<&T, E> {
        let pid = std::process::id();
        let mut slot: &OnceBox<Node<T>> = &self.head;
        loop {
            match slot.get() {
                Some(node) if node.pid == pid => return Ok(&node.value),
                Some(node) => slot = &node.next,
                None => {
                    let node = Box::new(Node { pid, value: make()?, next: OnceBox::new() });
                    if let Err(lost) = slot.set(node) {
                        retire(lost.value);
                    }
                }
            }
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        // Later nodes come from forked children, so the oldest node shows whether anything here is an ancestor's. A
        // child leaks its own value with the chain: one small leak at exit, instead of joining threads that do not
        // exist in it.
        let inherited = self.head.get().is_some_and(|node| node.pid != std::process::id());
        if !inherited {
            // SAFETY: `head` is not used again after this; `drop` runs once.
            unsafe { ManuallyDrop::drop(&mut self.head) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn is_made_once_per_process() {
        let slot = PerProcess::new();
        let made = Cell::new(0);
        for _ in 0..3 {
            let value = slot.get_or_try_init(
                || {
                    made.set(made.get() + 1);
                    Ok::<_, ()>(7)
                },
                drop,
            );
            assert_eq!(value, Ok(&7));
        }
        assert_eq!(made.get(), 1);
        assert_eq!(PerProcess::<u8>::new().get_or_try_init(|| Err("no"), drop), Err("no"));
    }
}
