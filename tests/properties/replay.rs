//! Runs every stored input once: those that found a defect, those that cover the code, and some plain cases.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Runs the stored inputs of a target, and `more`.
fn replay(name: &str, target: fn(&[u8]), more: Vec<Vec<u8>>) {
    let Some(stored) = tests("fuzz") else { return };
    let inputs = ["corpus", "found"].map(|kind| files(&stored.join(kind).join(name))).concat();
    assert!(!inputs.is_empty(), "no inputs for {name}");
    let read = |path: PathBuf| (fs::read(&path).expect("a file"), path.display().to_string());
    let named = |data: Vec<u8>| (data.clone(), data.escape_ascii().to_string());
    let breaks_a_promise =
        |(data, _): &(Vec<u8>, _)| std::panic::catch_unwind(|| target(data)).is_err();
    let all = inputs.into_iter().map(read).chain(more.into_iter().map(named));
    let broken: Vec<_> = all.filter(breaks_a_promise).map(|(_, name)| name).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A path in tests/. The package on crates.io does not contain it.
fn tests(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path);
    let exists = path.exists();
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(exists || !in_ci, "no {}", path.display());
    if !exists {
        eprintln!("skipped: no {}", path.display());
    }
    exists.then_some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("a folder that can be read").path()).collect()
}

/// The bodies in the shared file of cases that are text, each with its HTTP status.
fn cases() -> Vec<(u64, String)> {
    let Some(path) = tests("cases/replies.json") else { return Vec::new() };
    let cases: Vec<Value> =
        serde_json::from_slice(&fs::read(path).expect("a file")).expect("the file is well-formed");
    let read = |case: &Value| {
        Some((case["http_status"].as_u64()?, case["body"].as_str().map(str::to_owned)?))
    };
    cases.iter().filter_map(read).collect()
}

/// Programs for the target `capi`: every call with every response, and every setter before and after an
/// error.
#[cfg(feature = "capi")]
fn programs() -> Vec<Vec<u8>> {
    const NEW_CONFIG: &[u8] = &[0, 0, 0, 0];
    const NEW_USUAL_CLIENT: &[u8] = &[1, 0];
    const INVALID: &[u8] = &[2, 0, 0, 0, 6];
    const NEW_CLIENT: &[u8] = &[6, 0, 0];
    let steps: [&[u8]; 3] = [&[0, 0, 0], &[1], &[2, 0, 0, 0, 0]];
    let calls = steps.iter().flat_map(|step| {
        (0..13).map(move |answer| [NEW_USUAL_CLIENT, &[7, 0, 0, 0], step, &[answer, 0]].concat())
    });
    let settings = (0..13).flat_map(|setter| {
        (0..8).map(move |value| {
            let set: &[u8] = &[2, 0, 0, setter, value, 0];
            [NEW_CONFIG, set, INVALID, set, NEW_CLIENT].concat()
        })
    });
    calls.chain(settings).collect()
}

#[test]
fn addresses() {
    // A SOCKS proxy that answers with another version than 5, first or last.
    let versions = [(4, 5), (5, 4)]
        .map(|(first, last)| vec![3, 0, 1, 0, 0, first, 0, last, 0, 0, 1, 127, 0, 0, 1, 0, 80]);
    replay("address", super::address, versions.into());
}

#[test]
fn answers() {
    let answer = |(status, body): (u64, String)| {
        format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    };
    let redirect = |status: u16| {
        format!("HTTP/1.1 {status} X\r\nLocation: ?again\r\nContent-Length: 0\r\n\r\n").into_bytes()
    };
    let cases = cases().into_iter().map(answer);
    let redirects = [301, 302, 303, 307, 308].map(redirect);
    replay("answer", super::answer, cases.chain(redirects).collect());
}

#[cfg(feature = "capi")]
#[test]
fn calls_of_c() {
    replay("capi", super::capi, programs());
}

#[cfg(feature = "sandbox")]
#[test]
fn forms() {
    replay("form", super::form, Vec::new());
}

#[test]
fn histories_of_the_guard() {
    replay("guard", super::guard, Vec::new());
}

#[test]
fn phones() {
    replay("phone", super::phone, Vec::new());
}

#[test]
fn proxies() {
    replay("proxy", super::proxy, Vec::new());
}

#[test]
fn replies() {
    let bodies = cases().into_iter().map(|(_, body)| body.into_bytes());
    replay("reply", super::reply, bodies.collect());
}

#[test]
fn texts() {
    replay("texts", super::texts, Vec::new());
}
