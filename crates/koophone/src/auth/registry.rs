//! State that the clients of one process share about something outside, such as a key, found by a hash of what it
//! belongs to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::model::{Error, Result};
use crate::runtime::PerProcess;

/// How many entries are kept that no client uses.
const UNUSED: usize = 256;

/// Entries of one kind. They belong to one process: a forked child starts empty.
pub(super) struct Registry<T: 'static>(PerProcess<Mutex<Entries<T>>>);

struct Entries<T> {
    /// Some parts are secrets: the salt keeps anyone who sees a hash from guessing them.
    salt: [u8; 32],
    by_hash: HashMap<[u8; 32], Arc<T>>,
    /// The number of entries at which unused ones are searched for.
    most: usize,
}

impl<T: Default> Registry<T> {
    pub const fn new() -> Self {
        Self(PerProcess::new())
    }

    /// The entry that belongs to `parts`, created if there is none. When there are many, unused ones that are not
    /// `worth_keeping` are dropped.
    pub fn entry(&self, parts: &[&str], worth_keeping: impl Fn(&T) -> bool) -> Result<Arc<T>> {
        let entries = self.0.get_or_try_init(Entries::begin, drop)?;
        let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut hash = Sha256::new_with_prefix(entries.salt);
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let hash = hash.finalize().into();
        if let Some(entry) = entries.by_hash.get(&hash) {
            return Ok(entry.clone());
        }
        if entries.by_hash.len() >= entries.most {
            let is_used = |entry: &Arc<T>| Arc::strong_count(entry) > 1;
            entries.by_hash.retain(|_, entry| is_used(entry) || worth_keeping(entry));
            if entries.by_hash.len() >= entries.most {
                entries.by_hash.retain(|_, entry| is_used(entry));
            }
            // Keeps the cost of the search per entry low, however many are in use.
            entries.most = UNUSED + 2 * entries.by_hash.len();
        }
        let entry = Arc::<T>::default();
        entries.by_hash.insert(hash, entry.clone());
        Ok(entry)
    }
}

impl<T> Entries<T> {
    fn begin() -> Result<Mutex<Self>> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt)
            .map_err(|e| Error::internal("the system provides no random numbers").caused_by(&e))?;
        Ok(Mutex::new(Self { salt, by_hash: HashMap::new(), most: UNUSED }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Flags = Registry<Mutex<bool>>;

    fn set(registry: &Flags, parts: &[&str]) {
        *registry.entry(parts, |flag| *flag.lock().unwrap()).unwrap().lock().unwrap() = true;
    }

    fn is_set(registry: &Flags, parts: &[&str]) -> bool {
        *registry.entry(parts, |flag| *flag.lock().unwrap()).unwrap().lock().unwrap()
    }

    #[test]
    fn an_entry_is_found_by_all_of_its_parts() {
        let registry = Flags::new();
        set(&registry, &["endpoint", "id", "secret"]);
        assert!(is_set(&registry, &["endpoint", "id", "secret"]));
        for other in [&["endpoint", "id", "other"][..], &["endpoint", "id"], &["endpoin", "tid", "secret"]] {
            assert!(!is_set(&registry, other), "{other:?}");
        }
    }

    #[test]
    fn entries_that_nobody_uses_are_dropped_when_there_are_many() {
        let registry = Flags::new();
        set(&registry, &["kept"]);
        let used = registry.entry(&["used"], |_| false).unwrap();
        for number in 0..20 * UNUSED {
            assert!(!is_set(&registry, &[&number.to_string()]));
        }
        let count = || registry.0.get_or_try_init(Entries::begin, drop).unwrap().lock().unwrap().by_hash.len();
        assert!(count() <= 2 * UNUSED, "{}", count());
        assert!(is_set(&registry, &["kept"]));
        assert!(Arc::ptr_eq(&used, &registry.entry(&["used"], |_| false).unwrap()));
        // Even entries worth keeping are bounded.
        for number in 0..20 * UNUSED {
            set(&registry, &["set", &number.to_string()]);
        }
        assert!(count() <= 2 * UNUSED, "{}", count());
    }
}
