//! Answers as they come over a connection: the first byte says in how large pieces.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((step, bytes)) = input.split_first() {
        koophone::fuzzing::http(bytes, usize::from(*step));
    }
});
