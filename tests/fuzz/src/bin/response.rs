//! The envelope decoder, with the response types of all operations.

#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| koophone::fuzzing::response(body));
