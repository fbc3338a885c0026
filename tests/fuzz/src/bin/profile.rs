//! The parser of credential profile files.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| koophone::fuzzing::profile(text));
