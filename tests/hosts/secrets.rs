//! No message quotes a file that was read, whatever is wrong with it: people keep a private key beside
//! the certificates, and give the one file for the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use verifysms::Client;

use crate::support::TO;
use crate::support::server::RawServer;

/// A certificate with its private key, in all the ways in which such a file goes wrong.
fn files(certificate: &str, key: &str) -> Vec<(&'static str, Vec<u8>)> {
    let both = format!("{certificate}{key}");
    let changed = |what: &str, with: &str| both.replace(what, with).into_bytes();
    let mut with_nul = both.clone().into_bytes();
    with_nul.insert(both.len() - 40, 0);
    let mut not_utf8 = both.clone().into_bytes();
    not_utf8.insert(both.len() - 40, 0xFF);
    vec![
        ("as it should be", both.clone().into()),
        ("the key alone", key.into()),
        ("on one line", changed("\n", " ")),
        ("with a backslash and an n", changed("\n", "\\n")),
        ("without line breaks", changed("\n", "")),
        ("with CR", changed("\n", "\r")),
        ("with four hyphens", changed("-----", "----")),
        ("without END", changed("-----END", "")),
        ("the key as a certificate", changed(" PRIVATE KEY", " CERTIFICATE")),
        (
            "the key as a certificate on one line",
            key.replace(" PRIVATE KEY", " CERTIFICATE").replace('\n', " ").into(),
        ),
        ("not in base64", changed("M", "%")),
        ("as a label", key.replace("-----\n", "\n").into()),
        ("cut short", both[..both.len() - 60].into()),
        ("UTF-16", both.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("with a NUL", with_nul),
        ("with a byte that is not UTF-8", not_utf8),
    ]
}

/// Whether `said` has a part of the key: as it stands in the file, or as the numbers of its bytes.
fn tells(said: &str, key: &str) -> bool {
    let secret = key.lines().filter(|line| !line.contains('-'));
    secret.collect::<String>().as_bytes().windows(10).any(|part| {
        let numbers = format!("{part:?}");
        let text = std::str::from_utf8(part).expect("base64");
        said.contains(text) || said.contains(numbers.trim_matches(['[', ']']))
    })
}

/// Everything that the command says when it is run so.
fn command(url: &str, arguments: &[&str], variables: &[(&str, &Path)]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_verifysms"))
        .args(["send", "--url", url, "--timeout", "5", "--json"])
        .args(arguments)
        .args(["--", TO])
        .env_clear()
        .envs([("VERIFYSMS_SENDER", "Acme"), ("VERIFYSMS_API_KEY", "k-123")])
        .envs(variables.iter().copied())
        .envs(std::env::vars_os().filter(|(name, _)| name == "LLVM_PROFILE_FILE"))
        .stdin(Stdio::null())
        .output()
        .expect("the command");
    assert!(!output.status.success());
    [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat()
}

/// Everything that a client says of a call, in its error and to its log.
fn client(url: &str, ca_file: &Path) -> String {
    let log = Arc::new(Mutex::new(String::new()));
    let records = log.clone();
    let client = Client::builder("k-123")
        .sender("Acme")
        .url(url)
        .timeout(Duration::from_secs(5))
        .ca_file(ca_file)
        .log(move |_, text| *records.lock().expect("the lock") += text)
        .build();
    let error = match client {
        Ok(client) => client.send(TO).expect_err("nobody answers"),
        Err(error) => error,
    };
    let log = log.lock().expect("the lock");
    format!("{error}\n{error:?}\n{log}")
}

#[test]
fn nothing_that_is_said_quotes_a_file() {
    // A server that closes every connection at once.
    let server = RawServer::start(drop);
    let url = format!("https://127.0.0.1:{}/", server.port());
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("secrets");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("both.pem");
    let name = path.to_str().expect("UTF-8");
    for (what, content) in files(&certificate, &key) {
        fs::write(&path, &content).expect("a file");
        // Where somebody gives what is in the file in place of its path.
        let content = String::from_utf8(content).ok().filter(|content| !content.contains('\0'));
        let given = Path::new(content.as_deref().unwrap_or(name));
        for (input, said) in [
            ("ca_file", client(&url, &path)),
            ("ca_file as content", client(&url, given)),
            ("--ca-file", command(&url, &["--ca-file", name], &[])),
            ("--api-key-file", command(&url, &["--api-key-file", name], &[])),
            ("--config", command(&url, &["--config", name], &[])),
            ("SSL_CERT_FILE", command(&url, &[], &[("SSL_CERT_FILE", &path)])),
            ("SSL_CERT_FILE as content", command(&url, &[], &[("SSL_CERT_FILE", given)])),
            ("SSL_CERT_DIR", command(&url, &[], &[("SSL_CERT_DIR", &folder)])),
        ] {
            assert!(!said.is_empty());
            assert!(!tells(&said, &key), "{input}, {what}: {said}");
        }
    }
    fs::remove_dir_all(&folder).expect("the folder");
}

#[test]
fn a_part_of_a_key_is_found_in_what_is_said() {
    let key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEH\n-----END PRIVATE KEY-----\n";
    assert!(!tells("the CA file is not well-formed", key));
    assert!(tells("x GByqGSM49AgEGC x", key));
    assert!(tells(&format!("{:?}", key.as_bytes()), key));
}
