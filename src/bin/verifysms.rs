//! The command `verifysms`; what it does is the library's [`verifysms::cli`].

use std::process::ExitCode;

#[global_allocator]
static HEAP: verifysms::WipingAllocator = verifysms::WipingAllocator;

fn main() -> ExitCode {
    ExitCode::from(verifysms::cli::run(std::env::args_os()))
}
