//! Runs `verifysms::fuzz::phone`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::phone(data));
