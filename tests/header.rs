//! The header that is checked in is what the source of the C functions says.
//!
//! `make lint` runs this. No build does: another cbindgen's blanks would stop a packager's.

use std::{env, fs};

const HEADER: &str = "include/verifysms.h";
/// In the order of the header.
const SOURCES: [&str; 16] = [
    "src/capi/codes.rs",
    "src/capi/callbacks.rs",
    "src/capi/config.rs",
    "src/capi/environment.rs",
    "src/capi/event.rs",
    "src/capi/guard.rs",
    "src/capi/client.rs",
    "src/capi/request.rs",
    "src/capi/queue.rs",
    "src/capi/result.rs",
    "src/capi/standing.rs",
    "src/capi/delivery.rs",
    "src/capi/words.rs",
    "src/capi/phone.rs",
    "src/capi/message.rs",
    "src/capi/text.rs",
];
/// When set, the header is written instead: `make header`.
const WRITE: &str = "VERIFYSMS_WRITE_HEADER";

/// The header's text with the version of Cargo.toml in it, as a text and as numbers.
fn with_version(text: &str) -> String {
    let numbers = [
        ("major", env!("CARGO_PKG_VERSION_MAJOR")),
        ("minor", env!("CARGO_PKG_VERSION_MINOR")),
        ("patch", env!("CARGO_PKG_VERSION_PATCH")),
    ];
    let number = numbers.iter().fold(0, |all, (_, one)| all * 100 + one.parse::<u32>().unwrap());
    let text = text.replace("@version@", env!("CARGO_PKG_VERSION"));
    let text = text.replace("@number@", &number.to_string());
    numbers.iter().fold(text, |text, (name, one)| text.replace(&format!("@{name}@"), one))
}

/// How functions are called, as the head in cbindgen.toml defines it.
const CONVENTION: &str = "VERIFYSMS_CALL ";

/// cbindgen has no place for a word between a type and a name. The arguments on further lines move along.
fn with_convention(text: &str) -> String {
    let mut indent = String::new();
    let mut written = String::new();
    for line in text.lines() {
        if let Some(at) = declared_name(line) {
            written += &format!("{}{CONVENTION}{}", &line[..at], &line[at..]);
            indent = " ".repeat(CONVENTION.len());
        } else {
            written += &format!("{indent}{line}");
        }
        written += "\n";
        if line.ends_with(';') {
            indent.clear();
        }
    }
    written
}

/// Where the name of a function begins, or the star of a type of functions.
fn declared_name(line: &str) -> Option<usize> {
    let head = &line[..line.find('(')?];
    let is_declaration = line.starts_with(|c: char| c.is_ascii_lowercase());
    let name = head.rfind("verifysms_").or(line.find("(*").map(|at| at + 1));
    name.filter(|_| is_declaration)
}

#[test]
#[ignore = "of the locked cbindgen only; make lint runs it"]
fn the_header_is_what_the_source_says() {
    let mut settings = cbindgen::Config::from_file("cbindgen.toml").unwrap();
    settings.header = settings.header.map(|text| with_version(&text));
    let builder = cbindgen::Builder::new().with_config(settings);
    let builder = SOURCES.iter().fold(builder, |builder, source| builder.with_src(source));
    let mut generated = Vec::new();
    builder.generate().unwrap().write(&mut generated);
    let generated = with_convention(&String::from_utf8(generated).unwrap());
    if env::var_os(WRITE).is_some() {
        fs::write(HEADER, generated).unwrap();
    } else {
        let same = fs::read_to_string(HEADER).unwrap() == generated;
        assert!(same, "{HEADER} is not what the source says; `make header` makes it anew");
    }
}
