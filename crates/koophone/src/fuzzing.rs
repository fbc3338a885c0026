//! Doors for the fuzz targets of tests/fuzz: what reads untrusted bytes, without the network around it. Exists only under
//! `--cfg fuzzing`, so it is no part of the interface.

#![doc(hidden)]
#![allow(missing_docs)]

use crate::auth::provider::Profile;
use crate::client::Client;
use crate::operations;
use crate::retry::Limit;

/// Reads `body` as the answer of every operation and as an error.
pub fn answer(body: &[u8]) {
    operations::read_as_each(body);
}

/// Reads `text` as a profile file.
pub fn profile(text: &str) {
    if let Ok(profile) = Profile::parse(text) {
        for key in ["ak", "sk", "project_id", "iam_endpoint", ""] {
            let value = profile.get(key);
            assert!(value.is_none_or(|value| !value.is_empty() && text.contains(value)));
        }
    }
}

/// Takes `text` for a saved task; what is taken is saved as what it was.
pub fn saved_task(client: &Client, text: &str) {
    if let Ok(task) = client.resume_task(text) {
        let again = client.resume_task(&task.save()).expect("what was saved is taken");
        assert_eq!((again.task_ids(), again.phones()), (task.task_ids(), task.phones()));
    }
}

/// Reads `text` as the gateway's limit.
pub fn limit(text: &str) {
    if let Some(limit) = Limit::parse(text) {
        assert!(limit.calls > 0 && !limit.window.is_zero());
    }
}
