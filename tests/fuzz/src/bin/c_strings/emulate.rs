//! The emulator: options, faults and rules as JSON, and phone ids.

use std::ffi::CString;
use std::ptr;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::functions::*;
use crate::handle::Handle;
use crate::input::Input;
use crate::refusal::{Kind, check, make, must, text};

const REFUSED: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT];
const NOT_FOUND: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT, Kind::KOOPHONE_NOT_FOUND];
/// Not every loopback address exists on every machine.
const NOT_STARTED: &[Kind] = &[Kind::KOOPHONE_INVALID_ARGUMENT, Kind::KOOPHONE_NETWORK];
/// The maximum number of phones, because the emulator is stopped at once.
const MOST_PHONES: u64 = 8;

static EMULATOR: LazyLock<Handle<koophone_emulator>> = LazyLock::new(|| {
    must(koophone_emulator_free, |emulator, error| unsafe { koophone_emulator_start(ptr::null(), emulator, error) })
});

/// Options; if they are valid, an emulator starts.
pub fn options(input: &mut Input) {
    let tamed = input.next().map(|text| tamed(text.to_bytes())).unwrap_or_default();
    let mut tamed = Input::new(0, tamed.as_bytes_with_nul());
    let options = if input.has_more() { input.text_or_null() } else { tamed.text() };
    let emulator = make(input, NOT_STARTED, koophone_emulator_free, |emulator, error| unsafe {
        koophone_emulator_start(options, emulator, error)
    });
    let Some(emulator) = emulator else { return };
    let mut count = 0;
    let ids = unsafe { koophone_emulator_instance_ids(emulator.pointer, &mut count) };
    for id in (0..count).map(|number| unsafe { *ids.add(number) }) {
        phone(input, &emulator, id);
    }
    let endpoint = unsafe { text(koophone_emulator_endpoint(emulator.pointer)) };
    assert!(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")));
    let credentials = make(input, REFUSED, koophone_credentials_free, |credentials, error| unsafe {
        koophone_emulator_credentials(input.handle(emulator.pointer), credentials, error)
    });
    drop(credentials);
}

/// Limits valid options to few phones, any port, and no files of this machine.
fn tamed(text: &[u8]) -> CString {
    let mut options = match serde_json::from_slice::<Map<String, Value>>(text) {
        Ok(options) => options,
        Err(_) => return CString::new(text).unwrap_or_default(),
    };
    options.remove("port");
    options.remove("rules_file");
    if options.get("phones").and_then(Value::as_u64).is_some_and(|phones| phones > MOST_PHONES) {
        options.insert("phones".to_owned(), MOST_PHONES.into());
    }
    CString::new(Value::Object(options).to_string()).unwrap_or_default()
}

pub fn faults(input: &mut Input) {
    let json = input.text_or_null();
    let emulator = input.handle(EMULATOR.pointer);
    check(input, REFUSED, |error| unsafe { koophone_emulator_add_faults(emulator, json, error) });
    unsafe { koophone_emulator_clear_faults(EMULATOR.pointer) };
}

pub fn rules(input: &mut Input) {
    let json = input.text_or_null();
    let emulator = input.handle(EMULATOR.pointer);
    check(input, REFUSED, |error| unsafe { koophone_emulator_add_rules(emulator, json, error) });
    unsafe { koophone_emulator_clear_rules(EMULATOR.pointer) };
}

/// Phones, most of which do not exist.
pub fn phones(input: &mut Input) {
    let id = input.text_or_null();
    phone(input, &EMULATOR, id);
    let state = input.number();
    let emulator = input.handle(EMULATOR.pointer);
    check(input, NOT_FOUND, |error| unsafe { koophone_emulator_set_phone_state(emulator, id, state, error) });
    check(input, NOT_FOUND, |error| unsafe { koophone_emulator_start_stream(emulator, id, error) });
    check(input, NOT_FOUND, |error| unsafe { koophone_emulator_pay_order(emulator, id, error) });
}

/// Checks that what the emulator returns about a phone is JSON.
fn phone(input: &Input, emulator: &Handle<koophone_emulator>, id: *const std::ffi::c_char) {
    let emulator = input.handle(emulator.pointer);
    let text = [
        make(input, NOT_FOUND, koophone_string_free, |json, error| unsafe {
            koophone_emulator_phone(emulator, id, json, error)
        }),
        make(input, NOT_FOUND, koophone_string_free, |json, error| unsafe {
            koophone_emulator_journal(emulator, id, json, error)
        }),
    ];
    for string in text.iter().flatten().filter_map(|text| unsafe { text.pointer.as_ref() }) {
        let bytes = unsafe { std::slice::from_raw_parts(string.data.cast::<u8>(), string.length) };
        serde_json::from_slice::<Value>(bytes).expect("it is JSON");
    }
}
