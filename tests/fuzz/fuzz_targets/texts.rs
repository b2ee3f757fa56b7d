//! Runs `verifysms::fuzz::texts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::texts(data));
