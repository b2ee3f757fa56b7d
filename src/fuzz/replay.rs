//! Every input that is kept, run once: those that a fault was found with, and those that cover the code.

use std::fs;
use std::path::Path;

/// Runs the inputs of a target.
fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(name);
    let Ok(inputs) = fs::read_dir(&folder) else {
        // The package for cargo comes without them.
        assert!(std::env::var_os("CI").is_none(), "no {}", folder.display());
        eprintln!("skipped: no {}", folder.display());
        return;
    };
    let mut count = 0;
    for input in inputs {
        let path = input.expect("a folder that can be read").path();
        let data = fs::read(&path).expect("a file that can be read");
        let ran = std::panic::catch_unwind(|| target(&data));
        assert!(ran.is_ok(), "{} breaks a promise", path.display());
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn addresses() {
    replay("address", super::address);
}

#[test]
fn answers() {
    replay("answer", super::answer);
}

#[cfg(feature = "capi")]
#[test]
fn calls_of_c() {
    replay("capi", super::capi);
}

#[cfg(feature = "sandbox")]
#[test]
fn forms() {
    replay("form", super::form);
}

#[test]
fn phones() {
    replay("phone", super::phone);
}

#[test]
fn proxies() {
    replay("proxy", super::proxy);
}

#[test]
fn replies() {
    replay("reply", super::reply);
}

#[test]
fn texts() {
    replay("texts", super::texts);
}
