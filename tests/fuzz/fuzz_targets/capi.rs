//! Runs `verifysms::fuzz::capi`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| verifysms::fuzz::capi(data));
