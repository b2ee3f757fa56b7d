//! Runs `verifysms::fuzz::reply`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::reply(data));
