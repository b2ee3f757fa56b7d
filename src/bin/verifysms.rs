//! The command `verifysms`.
fn main() {}
