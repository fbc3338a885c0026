//! What belongs to the runtime that drives it: connections (see `runtime.rs`), and all of them to one process: a forked
//! child opens its own sockets.

use std::sync::Mutex;

use tokio::runtime::{Handle, Id};

use crate::per_process::PerProcess;
use crate::runtime::MAX_LANES;

/// A value per runtime and process. Looked through in order: usually there is one, and at most 2 × [`MAX_LANES`] + 1.
pub(super) struct PerRuntime<T: 'static>(PerProcess<Mutex<Vec<(Id, T)>>>);

impl<T: Default> PerRuntime<T> {
    pub fn new() -> Self {
        Self(PerProcess::new())
    }

    /// Lends `work` the value of the runtime that polls the caller.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let made: Result<_, std::convert::Infallible> = self.0.get_or_try_init(|| Ok(Mutex::default()), drop);
        let values: &Mutex<Vec<(Id, T)>> = match made {
            Ok(values) => values,
            Err(never) => match never {},
        };
        let runtime = Handle::current().id();
        let mut values = values.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        // A lane that saw a panic is given up; what it left behind must not pile up.
        if values.len() > 2 * MAX_LANES {
            values.clear();
        }
        let known = values.iter().position(|(id, _)| *id == runtime);
        let at = known.unwrap_or_else(|| {
            values.push((runtime, T::default()));
            values.len() - 1
        });
        work(&mut values[at].1)
    }
}
