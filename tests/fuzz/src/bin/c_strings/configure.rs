//! Settings and credentials, and clients created from them.

use std::ptr;
use std::sync::LazyLock;


use crate::functions::*;
use crate::handle::Handle;
use crate::input::Input;
use crate::refusal::{Kind, check, make, must};

const REFUSED: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT, Kind::KOOPHONE_CONFIGURATION];
const CANCELLED: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT, Kind::KOOPHONE_CANCELLED];

/// A client without credentials: its calls fail at login with `KOOPHONE_CONFIGURATION`, because nothing listens on port
/// 0.
pub static CLIENT: LazyLock<Handle<koophone_client>> = LazyLock::new(|| {
    let config = configuration();
    must(koophone_client_free, |client, error| unsafe { koophone_client_new(config.pointer, client, error) })
});

static CANCEL: LazyLock<Handle<koophone_cancel_token>> = LazyLock::new(|| {
    let token = must(koophone_cancel_token_free, |token, error| unsafe { koophone_cancel_token_new(token, error) });
    unsafe { koophone_cancel_token_cancel(token.pointer) };
    token
});

/// Pairs of setting and value.
pub fn settings(input: &mut Input) {
    let config = configuration();
    let handle = input.handle(config.pointer);
    while input.has_more() {
        let (setting, value) = (input.text(), input.text_or_null());
        check(input, REFUSED, |error| unsafe { koophone_config_set(handle, setting, value, error) });
    }
    client_of(input, &config);
}

/// Pairs of field and value.
pub fn credentials(input: &mut Input) {
    let credentials =
        must(koophone_credentials_free, |credentials, error| unsafe { koophone_credentials_new(credentials, error) });
    let handle = input.handle(credentials.pointer);
    while input.has_more() {
        let (field, value) = (input.text(), input.text_or_null());
        check(input, REFUSED, |error| unsafe { koophone_credentials_set(handle, field, value, error) });
    }
    let config = configuration();
    let set = |error| unsafe { koophone_config_set_credentials(config.pointer, credentials.pointer, error) };
    if check(input, REFUSED, set) {
        drop(credentials);
        client_of(input, &config);
    }
}

/// Ignores the environment, loads no certificates, and cannot reach any source of credentials.
fn configuration() -> Handle<koophone_config> {
    let config = must(koophone_config_free, |config, error| unsafe { koophone_config_new(config, error) });
    unsafe { koophone_config_ignore_environment(config.pointer, ptr::null_mut()) };
    for name in [c"endpoint", c"iam_endpoint", c"metadata_endpoint"] {
        let (name, nowhere) = (name.as_ptr(), c"http://127.0.0.1:0".as_ptr());
        let kind = unsafe { koophone_config_set(config.pointer, name, nowhere, ptr::null_mut()) };
        assert_eq!(kind, Kind::KOOPHONE_OK);
    }
    config
}

fn client_of(input: &Input, config: &Handle<koophone_config>) {
    let client = make(input, REFUSED, koophone_client_free, |client, error| unsafe {
        koophone_client_new(config.pointer, client, error)
    });
    let Some(client) = client else { return };
    // This client may have a credential and any endpoint, so its call is cancelled before it starts.
    let options = koophone_call_options {
        timeout_ms: 0,
        repeatable: false,
        cancel: CANCEL.pointer,
        queue: ptr::null(),
        tag: ptr::null_mut(),
        traceparent: ptr::null(),
    };
    let identity = make(input, CANCELLED, koophone_identity_free, |identity, error| unsafe {
        koophone_client_login(client.pointer, &options, identity, error)
    });
    assert!(identity.is_none(), "a cancelled login succeeded");
}
