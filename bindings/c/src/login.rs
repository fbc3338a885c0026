//! Logging in, as a blocking call and as a call to start.

use std::mem::MaybeUninit;

use koophone::{Call, Identity, Result};

use crate::call::{begin, koophone_call, wait};
use crate::client::{client, koophone_client};
use crate::error::koophone_error;
use crate::generated::enums::koophone_status;
use crate::generated::structs::koophone_identity;
use crate::guard::guard;
use crate::input::Out;
use crate::options::koophone_call_options;

fn login(handle: Option<&koophone_client>) -> Result<Call<Identity>> {
    Ok(client(handle)?.login())
}

/// Makes sure that there is a credential, logging in if necessary (`POST /v3/auth/tokens` of the identity service), and says
/// whose it is. `options` may be NULL. Free the identity with `koophone_identity_free`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_login(
    client: Option<&koophone_client>,
    options: Option<&koophone_call_options>,
    identity: Option<&mut MaybeUninit<*mut koophone_identity>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe { wait(Out::new(identity, "identity")?, login(client)?, options) })
}

/// Starts `koophone_client_login` without waiting. Take the result with `koophone_call_take_identity`.
#[unsafe(no_mangle)]
pub extern "C" fn koophone_client_begin_login(
    client: Option<&koophone_client>,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_status {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe { begin::<koophone_identity>(Out::new(call, "call")?, login(client)?, options) })
}
