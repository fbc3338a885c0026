//! Entry points for the fuzz targets in tests/fuzz: whatever reads untrusted bytes, without the network. Exists only
//! under `--cfg fuzzing`, so it is not part of the API.

#![doc(hidden)]
#![allow(missing_docs)]

use crate::auth::provider::Profile;
use crate::client::Client;
use crate::operations;
use crate::retry::Limit;

/// Reads `body` as the response of every operation and as an error.
pub fn response(body: &[u8]) {
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

/// Reads `text` as a saved task; an accepted task is saved and read again.
pub fn saved_task(client: &Client, text: &str) {
    if let Ok(task) = client.resume_task(text) {
        let again = client.resume_task(&task.save()).expect("a saved task is accepted");
        assert_eq!((again.task_ids(), again.phones()), (task.task_ids(), task.phones()));
    }
}

/// Reads `text` as the gateway's limit.
pub fn limit(text: &str) {
    if let Some(limit) = Limit::parse(text) {
        assert!(limit.calls > 0 && !limit.window.is_zero());
    }
}
