//! Runs `verifysms::fuzz::form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::form(data));
