//! Every input that is kept, run once: those that a fault was found with, and those that cover the code.

use std::fs;
use std::path::{Path, PathBuf};

/// Runs the inputs of a target.
fn replay(name: &str, target: fn(&[u8])) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    if !kept.exists() {
        // The package for cargo comes without them.
        assert!(std::env::var_os("CI").is_none(), "no {}", kept.display());
        eprintln!("skipped: no {}", kept.display());
        return;
    }
    let inputs = ["corpus", "found"].map(|kind| files(&kept.join(kind).join(name))).concat();
    assert!(!inputs.is_empty(), "no inputs for {name}");
    let breaks_a_promise = |path: &PathBuf| {
        let data = fs::read(path).expect("a file that can be read");
        std::panic::catch_unwind(|| target(&data)).is_err()
    };
    let broken: Vec<_> = inputs.into_iter().filter(breaks_a_promise).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("a folder that can be read").path()).collect()
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
