//! The entry points of libkoophone that take texts, called as from C: with any bytes, NULL, and impossible counts.
//!
//! The first byte selects the entry points, the second says which arguments are NULL or too large, and the rest is
//! NUL-terminated texts. Nothing is sent: clients have no credential, or their calls are cancelled beforehand. An error
//! that only the network can cause is a finding.

#![no_main]

mod configure;
mod emulate;
mod functions;
mod handle;
mod input;
mod live;
mod names;
mod operate;
mod operations;
mod refusal;

use crate::input::Input;

#[global_allocator]
static ALLOCATOR: live::Counting = live::Counting;

/// `a` selects the first one, `b` the second and so on; the operations follow.
const ENTRIES: &[fn(&mut Input)] = &[
    configure::settings,
    configure::credentials,
    operate::video_settings_from_json,
    operate::resume_task,
    emulate::options,
    emulate::faults,
    emulate::rules,
    emulate::phones,
    names::names,
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let [entry, flags, texts @ ..] = bytes {
        let texts = [texts, b"\0"].concat();
        let entries = ENTRIES.len() + operations::ENTRIES.len();
        let number = usize::from(entry.wrapping_sub(b'a')) % entries;
        let entry = ENTRIES.iter().chain(operations::ENTRIES).nth(number).expect("there are so many");
        entry(&mut Input::new(*flags, &texts));
    }
    live::check();
});
