//! The client: making, freeing, and taking up tasks. Its operations are generated.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::{Client, Result};

use crate::config::koophone_config;
use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::{Out, required, text};
use crate::owned::Owned;
use crate::panic::quietly;
use crate::task::koophone_task;

/// A client of KooPhone. Free to use from many threads at once, and after a fork in parent and child.
pub struct koophone_client {
    inner: Client,
}

/// Makes a client. Nothing is sent. `config` may be NULL: then everything comes from the environment (`KOOPHONE_...`) and the
/// provider chain. The configuration is read and not kept. Free the client with `koophone_client_free`.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` or `KOOPHONE_CONFIGURATION`, and `koophone_error_argument` names the setting.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_new(
    config: Option<&koophone_config>,
    client: Option<&mut MaybeUninit<*mut koophone_client>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    guard(err, || {
        let out = Out::new(client, "client")?;
        let inner = match config {
            Some(config) => config.build()?,
            None => Client::from_env()?,
        };
        out.set_box(koophone_client { inner });
        Ok(())
    })
}

/// Frees a client. No thread may be inside one of its blocking calls; started calls and tasks go on. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_free(client: Option<Box<koophone_client>>) {
    quietly((), || drop(client))
}

/// The core's client.
pub(crate) fn client(handle: Option<&koophone_client>) -> Result<&Client> {
    required(handle, "client").map(|client| &client.inner)
}

/// Takes up a task again, perhaps in another process: `saved` is what `koophone_task_save` gave, or one or more bare task ids with
/// commas between. Nothing is sent. Free the task with `koophone_task_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_resume_task(
    client: Option<&koophone_client>,
    saved: *const c_char,
    task: Option<&mut MaybeUninit<*mut koophone_task>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe {
        let out = Out::new(task, "task")?;
        out.set(Owned::hand_out(required(client, "client")?.inner.resume_task(text(saved, "saved")?)?));
        Ok(())
    })
}
