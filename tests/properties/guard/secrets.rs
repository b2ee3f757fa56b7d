//! Whoever reads a store finds nobody: no number, no end user, no key of the account.

use std::fs;

use super::history::{KEY, NUMBERS, USERS, subjects};
use super::place::{FileUser, Folder, NOW};
use crate::guard::limits::Limits;
use crate::guard::step::{Decision, Step};
use crate::guard::subject::Subjects;

/// How a number may be written or packed.
fn spellings(local: &str) -> Vec<Vec<u8>> {
    let digits = &local[1..];
    let abroad = format!("972{digits}");
    let mut spellings = vec![digits.as_bytes().to_vec(), abroad.as_bytes().to_vec()];
    for text in [digits, local, &abroad] {
        let number: u64 = text.parse().expect("digits");
        spellings.extend(integers(number, text.len()));
        spellings.extend(packed(text));
    }
    // The range is as bad: 10,000 numbers are tried soon.
    spellings.push(digits.as_bytes()[..digits.len() - 4].to_vec());
    spellings
}

/// Integers of either byte order; short ones would be found by chance.
fn integers(number: u64, digits: usize) -> Vec<Vec<u8>> {
    let long = [number.to_be_bytes().to_vec(), number.to_le_bytes().to_vec()];
    let short = u32::try_from(number).ok().filter(|_| digits >= 8);
    let short = short.map(|number| [number.to_be_bytes().to_vec(), number.to_le_bytes().to_vec()]);
    long.into_iter().chain(short.into_iter().flatten()).collect()
}

/// Two digits a byte, from either end.
fn packed(digits: &str) -> Vec<Vec<u8>> {
    let nibbles: Vec<u8> = digits.bytes().map(|digit| digit - b'0').collect();
    let pack = |nibbles: &[u8]| nibbles.chunks_exact(2).map(|two| two[0] << 4 | two[1]).collect();
    let swapped: Vec<u8> = nibbles.chunks_exact(2).flat_map(|two| [two[1], two[0]]).collect();
    vec![pack(&nibbles), pack(&nibbles[1..]), pack(&swapped)]
}

/// How an end user may be written or packed.
fn of_user(user: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![user.as_bytes().to_vec()];
    match user.parse() {
        Ok(std::net::IpAddr::V4(address)) => {
            let mut octets = address.octets();
            spellings.push(octets.to_vec());
            octets.reverse();
            spellings.push(octets.to_vec());
        }
        Ok(std::net::IpAddr::V6(address)) => spellings.push(address.octets()[..8].to_vec()),
        Err(_) => {}
    }
    spellings
}

/// Checks that bytes show nobody.
pub(super) fn check(bytes: &[u8]) {
    let mut secrets: Vec<Vec<u8>> = NUMBERS.iter().flat_map(|number| spellings(number)).collect();
    secrets.extend(USERS.iter().flatten().flat_map(|user| of_user(user)));
    secrets.push(KEY.as_bytes().to_vec());
    for secret in secrets {
        let found = bytes.windows(secret.len()).any(|window| window == secret);
        assert!(!found, "{:?} is found", secret.escape_ascii().to_string());
    }
}

/// Does steps of everybody.
pub(super) fn leave_traces(ask: impl Fn(&Step, &Subjects, &Limits) -> Decision) {
    let limits = Limits::default();
    for whose in subjects() {
        ask(&Step::Check, &whose, &limits);
        let decision = ask(&Step::Send, &whose, &limits);
        if decision.refused.is_none() {
            ask(&Step::Sent(decision.taken), &whose, &limits);
        }
    }
}

#[test]
fn a_file_shows_nobody() {
    let folder = Folder::new();
    let user = FileUser::new(&folder.file());
    leave_traces(|step, whose, limits| user.step(step, whose, limits, NOW).expect("a step"));
    let bytes = fs::read(folder.file()).expect("our own");
    let used = bytes.chunks(64).filter(|chunk| chunk.iter().any(|&byte| byte != 0));
    let used: Vec<u8> = used.flatten().copied().collect();
    assert!(used.len() > 2000, "the records are there");
    check(&used);
}
