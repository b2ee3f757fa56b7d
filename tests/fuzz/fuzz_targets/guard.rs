//! Runs `verifysms::fuzz::guard`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::guard(data));
