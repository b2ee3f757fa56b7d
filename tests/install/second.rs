//! A second library written in Rust, for a program that is linked with two.

use std::collections::HashMap;
use std::ffi::c_int;

/// Uses what both libraries bring along: memory, threads, panics.
#[unsafe(no_mangle)]
pub extern "C" fn second_answer() -> c_int {
    std::panic::set_hook(Box::new(|_| ()));
    let panicked = std::thread::spawn(|| assert_eq!(1, 2)).join().is_err();
    let map: HashMap<_, _> = (0..100).map(|i| (i.to_string(), i)).collect();
    if panicked { map["42"] } else { 0 }
}
