//! The core's device token that is renewed in time.

use std::ffi::c_char;
use std::mem::MaybeUninit;

use koophone::{Call, DeviceAuthorization, DeviceToken, Result};

use crate::call::{begin, wait};
use crate::client::{client, koophone_client};
use crate::generated::enums::koophone_kind;
use crate::generated::structs::{koophone_device_authorization, koophone_error};
use crate::guard::guard;
use crate::input::{self, Out, required};
use crate::options::koophone_call_options;
use crate::shared::koophone_call;

/// The device token of one phone, for a program that needs it again and again: it is kept, and renewed before it ends. Free to use
/// from many threads at once, also after its client is freed.
pub struct koophone_device_token {
    inner: DeviceToken,
}

fn get(token: Option<&koophone_device_token>) -> Result<Call<DeviceAuthorization>> {
    required(token, "token").map(|token| token.inner.get())
}

/// Makes the device token of a phone that is renewed before it ends. Nothing is sent, and `instance_id` is checked when the token is
/// asked for. Free it with `koophone_device_token_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_client_device_token(
    client: Option<&koophone_client>,
    instance_id: *const c_char,
    token: Option<&mut MaybeUninit<*mut koophone_device_token>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    guard(err, || {
        let out = Out::new(token, "token")?;
        // SAFETY: by the conventions, texts end with NUL.
        let instance_id = unsafe { input::text(instance_id, "instance_id")? };
        out.set_box(koophone_device_token { inner: self::client(client)?.device_token(instance_id) });
        Ok(())
    })
}

/// Gives a device token that has at least a tenth of its life before it: the one that is kept, or a new one. Where the service gives
/// no life, nothing is kept, and every call asks. Of calls at the same time one asks, and the others wait for it. `options` may be
/// NULL. Free the authorization with `koophone_device_authorization_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_device_token_get(
    token: Option<&koophone_device_token>,
    options: Option<&koophone_call_options>,
    authorization: Option<&mut MaybeUninit<*mut koophone_device_authorization>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe { wait(Out::new(authorization, "authorization")?, get(token)?, options) })
}

/// Starts `koophone_device_token_get` without waiting. Take the result with `koophone_call_take_device_authorization`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn koophone_device_token_begin_get(
    token: Option<&koophone_device_token>,
    options: Option<&koophone_call_options>,
    call: Option<&mut MaybeUninit<*mut koophone_call>>,
    err: Option<&mut MaybeUninit<*mut koophone_error>>,
) -> koophone_kind {
    // SAFETY: by the conventions, pointers are valid or NULL.
    guard(err, || unsafe { begin::<koophone_device_authorization>(Out::new(call, "call")?, get(token)?, options) })
}
