//! The client. Except for its creation, its functions are generated.

use std::mem::MaybeUninit;

use koophone::{Client, Result};

use crate::config::koophone_config;
use crate::generated::enums::koophone_kind;
use crate::generated::structs::koophone_error;
use crate::guard::guard;
use crate::input::{Out, required};

/// A client of KooPhone. May be used from many threads at once, and after a fork in parent and child.
pub struct koophone_client {
    pub(crate) inner: Client,
}

/// Creates a client. Nothing is sent. If `config` is NULL, everything is taken from the environment (`KOOPHONE_...`)
/// and the provider chain. The configuration is read and not kept. Free the client with `koophone_client_free`.
///
/// Fails with `KOOPHONE_INVALID_ARGUMENT` or `KOOPHONE_CONFIGURATION`, and `koophone_error_argument` names the setting.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_new(
    config: Option<&koophone_config>,
    client: Option<&mut MaybeUninit<*mut koophone_client>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
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

/// The core's client.
pub(crate) fn client(handle: Option<&koophone_client>) -> Result<&Client> {
    required(handle, "client").map(|client| &client.inner)
}
