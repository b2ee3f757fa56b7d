//! Runs `verifysms::fuzz::address`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::address(data));
