//! Which files are accepted, which are rejected, and that no error text quotes one.

use std::fs;
#[cfg(unix)]
use std::fs::File;
#[cfg(unix)]
use std::os::unix::{fs::symlink, net::UnixListener};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A folder of its own, which ends with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("verifysms-trust-{}-{count}", process::id()));
        fs::create_dir(&path).expect("a folder");
        Folder(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An authority's certificate and its key.
fn authority(name: &str) -> (String, String) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let certificate = params.self_signed(&key).expect("a certificate");
    // On Windows its lines end as they do there.
    (certificate.pem().replace('\r', ""), key.serialize_pem().replace('\r', ""))
}

/// How many certificates a file has, or the error text.
fn count(folder: &Folder, content: impl AsRef<[u8]>) -> Result<usize, String> {
    let path = folder.file("authorities.pem", content);
    let loaded = RootSource::File(path.clone()).load();
    if let Err(error) = &loaded {
        assert!(!error.is_transient(), "{error}");
        assert!(error.to_string().ends_with(&format!(": {}", path.display())), "{error}");
    }
    loaded.map(|store| store.len()).map_err(|error| error.to_string())
}

#[test]
fn every_authority_of_a_file_is_believed_however_it_was_put_together() {
    let folder = Folder::new();
    let ((first, key), (second, _)) = (authority("first"), authority("second"));
    let (one, two) = (first.trim_end(), second.trim_end());
    let wide: String = one.lines().filter(|line| !line.contains('-')).collect();
    let wide = format!("-----BEGIN CERTIFICATE-----\n{wide}\n-----END CERTIFICATE-----");
    let narrow: String = one
        .lines()
        .map(|line| match line.contains('-') {
            true => format!("{line}\n"),
            false => line.chars().map(|c| format!("{c}\n")).collect(),
        })
        .collect();
    for (what, content, expected) in [
        ("as they are", format!("{first}{second}"), 2),
        ("glued", format!("{one}{two}"), 2),
        ("glued with a blank", format!("{one} {two}"), 2),
        ("glued with a byte order mark", format!("{one}\u{FEFF}{two}"), 2),
        ("no line break at the end", format!("{first}{two}"), 2),
        ("CR LF", format!("{first}{second}").replace('\n', "\r\n"), 2),
        ("CR", format!("{one}\n{two}").replace("\r\n", "\n").replace('\n', "\r"), 2),
        ("each with a byte order mark", format!("\u{FEFF}{first}\u{FEFF}{second}"), 2),
        (
            "text around",
            format!("# authorities\nCertificate:\n  Data: 1--2\n{first}x\n{second}y"),
            2,
        ),
        ("indented", format!("  {}", first.replace('\n', "\n  ")), 1),
        ("blanks at the ends of lines", first.replace('\n', " \t\n"), 1),
        ("empty lines", first.replace('\n', "\n\n"), 1),
        ("one long line", wide, 1),
        ("lines of one", narrow, 1),
        ("with its key", format!("{first}{key}{second}"), 2),
        ("another one left out", format!("#{}\n{second}", one.replace('\n', "\n#")), 1),
        ("the old name", first.replace(" CERTIFICATE", " X509 CERTIFICATE"), 1),
        ("the same twice", format!("{first}{first}"), 2),
        (
            "an encrypted key",
            format!(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n\
                 AAAA\n-----END RSA PRIVATE KEY-----\n{first}"
            ),
            1,
        ),
    ] {
        assert_eq!(count(&folder, content), Ok(expected), "{what}");
    }
}

#[test]
fn a_file_that_may_mean_more_than_is_understood_is_refused() {
    let folder = Folder::new();
    let ((first, key), (second, _)) = (authority("first"), authority("second"));
    let cut: String =
        first.lines().filter(|line| line.contains('-')).collect::<Vec<_>>().join("\n");
    let shorter = {
        let mut lines: Vec<&str> = first.lines().collect();
        lines.remove(2);
        lines.join("\n")
    };
    let wide: Vec<u8> = first.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let der = pem::read(first.as_bytes()).certificates[0].1.to_vec();
    let line = second.lines().count() + 1;
    for (what, content, why) in [
        ("no line break before BEGIN", format!("{second}x{first}"), "malformed or has something"),
        ("one line", first.replace('\n', " "), "malformed or has something"),
        ("backslash n", first.replace('\n', "\\n"), "malformed or has something"),
        ("a key on one line", key.replace('\n', " "), "malformed or has something"),
        ("a key with backslash n", key.replace('\n', "\\n"), "malformed or has something"),
        ("four hyphens", format!("{second}{}", first.replace("-----", "----")), "malformed or has"),
        ("dashes", format!("{second}{}", first.replace("-----", "\u{2014}")), "malformed or has"),
        ("text behind BEGIN", first.replacen("-----\n", "----- x\n", 1), "malformed or has"),
        ("no END", format!("{second}{}", first.replace("-----END", "")), "no END line of its own"),
        ("another END", first.replace("END CERTIFICATE", "END X"), "no END line of its own"),
        ("BEGIN twice", format!("{}{second}", &first[..100]), "malformed or has something"),
        ("no base64", first.replacen("\nMII", "\n%II", 1), "not in base64"),
        ("nothing in it", cut, "cut short or is none"),
        ("a line less", shorter, "cut short or is none"),
        ("no certificate", format!("{first}{}", HELLO), "cut short or is none"),
        (
            "OpenSSL's own form",
            first.replace(" CERT", " TRUSTED CERT"),
            "kind of block is not read",
        ),
        ("PKCS #7", first.replace(" CERTIFICATE", " PKCS7"), "kind of block is not read"),
        ("an empty one", format!("{second}{}", EMPTY), "a certificate that cannot be used (line "),
        ("a key alone", key.clone(), "has no certificate"),
        ("empty", String::new(), "has no certificate"),
        ("words", "not what was meant".to_owned(), "has no certificate"),
    ] {
        let refused = count(&folder, content).expect_err(what);
        assert!(refused.contains(why), "{what}: {refused}");
    }
    for (what, content) in [("UTF-16", wide), ("DER", der)] {
        let refused = count(&folder, content).expect_err(what);
        assert!(refused.contains("line 1: this is not text in PEM format"), "{what}: {refused}");
    }
    let refused = count(&folder, format!("{second}{HELLO}")).expect_err("its second is none");
    assert!(refused.contains(&format!("line {line}: ")), "{refused}");
}

/// A DER SEQUENCE with a content of this size.
fn sequence(size: usize) -> Vec<u8> {
    let length: Vec<u8> = size.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect();
    let head = match length[..] {
        [short @ 0..=0x7F] => vec![0x30, short],
        _ => [vec![0x30, 0x80 | length.len() as u8], length].concat(),
    };
    [head, vec![0; size]].concat()
}

#[test]
fn a_certificate_of_any_size_is_whole_or_cut() {
    let read = |der: &[u8]| {
        let text = base64::prelude::BASE64_STANDARD.encode(der);
        pem::read(
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").as_bytes(),
        )
        .certificates
        .len()
    };
    for size in [1, 127, 128, 255, 256, 65_535, 65_536, 70_000] {
        let der = sequence(size);
        assert_eq!(read(&der), 1, "{size}");
        assert_eq!(read(&der[..der.len() - 1]), 0, "{size}");
    }
}

const HELLO: &str = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
/// A SEQUENCE of nothing.
const EMPTY: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

#[cfg(unix)]
#[test]
fn what_is_no_file_of_a_bounded_size_is_refused_at_once() {
    let folder = Folder::new();
    let socket = folder.0.join("socket");
    let _listener = UnixListener::bind(&socket).expect("a socket");
    let large = folder.file("large", "");
    File::options().write(true).open(&large).unwrap().set_len(MAX_FILE + 1).unwrap();
    let looped = folder.0.join("loop");
    symlink(&looped, &looped).expect("a link");
    for (path, why) in [
        (PathBuf::from("/dev/zero"), "the CA file is not a regular file: /dev/zero"),
        (folder.0.clone(), "the CA file is not a regular file: "),
        (large, "the CA file is too large; 4 MiB are read: "),
        (folder.0.join("missing"), "the CA file cannot be read (No such file"),
        (socket, "the CA file cannot be read ("),
        (looped, "the CA file cannot be read ("),
    ] {
        let error = RootSource::File(path).load().expect_err(why);
        assert!(error.to_string().starts_with(why) && !error.is_transient(), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_gives_what_can_be_read_of_it_and_each_file_once() {
    let folder = Folder::new();
    let ((first, key), (second, third)) = (authority("first"), authority("second"));
    folder.file("first.pem", &first);
    symlink("first.pem", folder.0.join("0123abcd.0")).expect("a link");
    symlink("missing.pem", folder.0.join("4567abcd.0")).expect("a link");
    fs::create_dir(folder.0.join("folder")).expect("a folder");
    folder.file("copy.pem", format!("{first}{HELLO}{second}"));
    folder.file("key.pem", key.replace('\n', " "));
    folder.file("revoked.pem", third);
    let mut found = SystemRoots::default();
    found.add_directory(&folder.0).expect("it is read");
    found.add_directory(&folder.0.join("missing")).expect("it is passed over");
    assert_eq!(found.store(None).expect("there are two").len(), 2);
}

#[test]
fn a_folder_without_authorities_says_what_it_passed_over() {
    let folder = Folder::new();
    let (_, key) = authority("first");
    folder.file("key.pem", key.replace('\n', " "));
    let mut found = SystemRoots::default();
    found.add_directory(&folder.0).expect("it is read");
    let error = found.store(Some("/etc/acme".into())).expect_err("there are none").to_string();
    assert!(error.contains("no certificate authorities in SSL_CERT_DIR=/etc/acme ("), "{error}");
    assert!(error.contains("key.pem: line 1: a BEGIN or END line is malformed"), "{error}");
    assert!(error.contains("ca_file") && error.contains("bundled"), "{error}");
}

#[test]
fn a_path_that_is_a_files_content_is_not_shown() {
    let (certificate, key) = authority("first");
    for given in [key.clone(), key.replace('\n', " "), format!("{certificate}{key}"), "a\nb".into()]
    {
        let error = RootSource::File(PathBuf::from(&given)).load().expect_err("no such file");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("not like its path"), "{shown}");
        for line in given.lines().filter(|line| line.len() > 20) {
            assert!(!shown.contains(line), "{shown}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 10 } else { 4000 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_certificate_of_a_file_is_lost_in_silence(
        tokens in vec(
            select(vec![
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
                "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----", "-----BEGIN X-----",
                "-----END X-----", "\n", "\n", "\r\n", "\r", " ", "MAA=", "M", "-", "-----", "BEGIN ",
                "CERTIFICATE", "\u{FEFF}", "\0", "0\u{80}",
            ]),
            0..12,
        ),
    ) {
        let file = tokens.concat();
        let contents = pem::read(file.as_bytes());
        let begun = file.matches("BEGIN CERTIFICATE").count();
        prop_assert!(contents.certificates.len() <= begun);
        prop_assert!(contents.defect.is_some() || contents.certificates.len() == begun);
    }

    #[test]
    fn any_bytes_are_read(file in vec(any::<u8>(), 0..200)) {
        prop_assert!(pem::read(&file).certificates.is_empty());
    }
}
