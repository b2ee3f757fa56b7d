//! A Rust program that has an allocator of its own, and the C functions beside the client.

use std::alloc::System;

use verifysms::capi::{verifysms_client_new, verifysms_config_free, verifysms_config_new};

#[global_allocator]
static OWN: System = System;

#[test]
#[allow(unsafe_code)]
fn a_program_may_have_its_own_allocator_beside_the_c_functions() {
    // SAFETY: a literal, and a handle that is new and freed once.
    unsafe {
        let config = verifysms_config_new(c"key".as_ptr());
        assert!(!config.is_null());
        assert!(!verifysms_client_new(config).is_null());
        verifysms_config_free(config);
    }
}
