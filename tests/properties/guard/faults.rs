//! What becomes of a step when the file is not what it should be.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::history::subjects;
use super::place::{FileUser, Folder, NOW, only};
use super::processes::{said, start};
use crate::guard::limits::Limits;
use crate::guard::step::Step;
use crate::limit::Limit;
use crate::sys::file;

/// A longer wait is one for something, even on a machine that is busy.
const AT_ONCE: Duration = Duration::from_secs(3);
const NOBODY: u32 = 65_534;

fn limits() -> Limits {
    only(Limit::SendsApp, 100)
}

/// One send. The error is the reason why the store cannot be asked.
fn send(path: &Path) -> Result<bool, String> {
    let begun = Instant::now();
    let sent = FileUser::new(path).may_send(&limits());
    assert!(begun.elapsed() < AT_ONCE, "{:?}: {sent:?}", begun.elapsed());
    sent
}

fn sends(path: &Path) -> Result<u32, String> {
    FileUser::new(path).sends()
}

/// Checks that a step ends with this reason, which begins with the path.
#[track_caller]
fn assert_refused(path: &Path, why: &str) {
    let error = send(path).expect_err("the file cannot be used");
    assert!(error.contains(why) && error.contains(path.to_str().expect("text")), "{error}");
}

/// A new folder with a file in use.
fn used() -> Folder {
    let folder = Folder::new();
    assert_eq!(send(&folder.file()), Ok(true));
    folder
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own");
}

fn is_root() -> bool {
    // SAFETY: the call has no arguments and no errors.
    unsafe { libc::geteuid() == 0 }
}

/// What another process does for these tests.
pub(super) fn play(role: &str, place: &Path) {
    match role {
        "send" => {}
        "hold" => hold(place),
        "with a small limit" => limit_resource(libc::RLIMIT_FSIZE as _, 1024 * 1024),
        "without descriptors" => limit_resource(libc::RLIMIT_NOFILE as _, 3),
        // SAFETY: the call has no preconditions.
        "as nobody" => assert_eq!(unsafe { libc::seteuid(NOBODY) }, 0),
        _ => panic!("no role {role}"),
    }
    eprintln!("{:?}", send(place));
}

fn limit_resource(resource: u32, most: libc::rlim_t) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { libc::setrlimit(resource as _, &raw const limit) }, 0);
}

/// Has the file locked until it is killed.
fn hold(place: &Path) {
    let held = file::open(place, false).expect("a file");
    assert!(file::try_lock(&held).expect("a file can be locked"));
    eprintln!("locked");
    loop {
        std::thread::park();
    }
}

#[test]
fn a_file_is_of_this_user_alone_and_as_small_as_it_is_used() {
    let folder = used();
    let about = fs::metadata(folder.file()).expect("it was made");
    assert_eq!(about.permissions().mode() & 0o7777, 0o600);
    assert!(std::os::unix::fs::MetadataExt::blocks(&about) * 512 <= 64 * 1024);
    assert_eq!(sends(&folder.file()), Ok(1));
}

#[test]
fn a_place_where_no_file_can_be() {
    let folder = Folder::new();
    assert_refused(&folder.path().join("missing/guard"), "it does not exist");
    assert_refused(&folder.path().join("n".repeat(256)), "");
    fs::write(folder.path().join("plain"), "").expect("a file");
    assert_refused(&folder.path().join("plain/guard"), "");
    assert_refused(folder.path(), "");
    if is_root() {
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("our own");
        let told = said(start("as nobody", &folder.file()));
        assert!(told.contains("this machine does not permit it"), "{told}");
    } else {
        set_mode(folder.path(), 0o500);
        assert_refused(&folder.file(), "this machine does not permit it");
    }
}

#[test]
fn a_folder_that_everybody_may_write_to() {
    let folder = Folder::new();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).expect("a folder");
    for (outer_mode, inner_mode, is_fine) in [
        (0o755, 0o700, true),
        (0o1777, 0o700, true),
        (0o755, 0o1777, true),
        (0o777, 0o700, false),
        (0o755, 0o777, false),
        (0o755, 0o702, false),
    ] {
        set_mode(folder.path(), outer_mode);
        set_mode(&inner, inner_mode);
        let sent = send(&inner.join("guard"));
        assert_eq!(sent.is_ok(), is_fine, "{outer_mode:o} {inner_mode:o}: {sent:?}");
    }
}

#[test]
fn a_file_that_is_another() {
    let folder = used();
    let size = fs::metadata(folder.file()).expect("it was made").len();
    let garbage = |length| {
        let file = File::create(folder.file()).expect("our own");
        file.write_all_at(b"something else, of somebody else", 0).expect("our own");
        file.set_len(length).expect("our own");
    };
    for length in [1, 15, 16, 17, 4096, size - 1, size, size + 1] {
        garbage(length);
        assert_refused(&folder.file(), "");
        assert_eq!(fs::metadata(folder.file()).expect("our own").len(), length, "it is left alone");
    }
}

#[test]
fn a_file_that_was_cut() {
    let folder = used();
    let file = File::options().write(true).open(folder.file()).expect("our own");
    let size = file.metadata().expect("our own").len();
    for length in [size - 1, 8192, 4096, 17] {
        file.set_len(length).expect("our own");
        assert_refused(&folder.file(), "cut");
    }
    file.set_len(0).expect("our own");
    assert_eq!((send(&folder.file()), sends(&folder.file())), (Ok(true), Ok(1)), "it begins anew");
}

/// A process may be killed after each step of the making.
#[test]
fn a_file_that_was_half_made() {
    let folder = used();
    let (whole, size) = (fs::read(folder.file()).expect("our own"), fs::metadata(folder.file()));
    let size = size.expect("our own").len();
    for (begin, length) in [(0, 0), (0, size)] {
        let file = File::create(folder.file()).expect("our own");
        file.write_all_at(&whole[..begin], 0).expect("our own");
        file.set_len(length).expect("our own");
        assert_eq!(send(&folder.file()), Ok(true), "{length} bytes");
        assert_eq!(sends(&folder.file()), Ok(1));
    }
}

#[test]
fn a_file_that_goes_or_is_replaced_while_it_is_used() {
    let folder = used();
    let user = FileUser::new(&folder.file());
    assert_eq!(user.may_send(&limits()), Ok(true));
    fs::remove_file(folder.file()).expect("it is there");
    assert_eq!(user.may_send(&limits()), Ok(true));
    assert_eq!(user.sends(), Ok(1));
    let other = used();
    fs::rename(other.file(), folder.file()).expect("one file system");
    assert_eq!(user.may_send(&limits()), Ok(true));
    assert_eq!(user.sends(), Ok(2));
}

/// Who waits for the lock of a file that is replaced meanwhile counts in the new one.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_replaced_while_somebody_waits_for_it() {
    let folder = used();
    let held = file::open(&folder.file(), false).expect("it is there");
    assert!(file::try_lock(&held).expect("a file can be locked"));
    let waiting = start("send", &folder.file());
    // It is a waiting one as soon as it has opened the file.
    let opened = format!("/proc/{}/fd", waiting.id());
    let has_opened = || {
        let descriptors = fs::read_dir(&opened).into_iter().flatten().flatten();
        let mut files = descriptors.filter_map(|entry| fs::read_link(entry.path()).ok());
        files.any(|path| path == folder.file())
    };
    while !has_opened() {
        std::thread::sleep(Duration::from_micros(100));
    }
    fs::remove_file(folder.file()).expect("it is there");
    drop(held);
    assert_eq!(said(waiting), "Ok(true)\n");
    assert_eq!(sends(&folder.file()), Ok(1));
}

#[test]
fn a_name_that_is_no_file_of_its_own() {
    let folder = used();
    let path = |name| folder.path().join(name);
    symlink(folder.file(), path("link")).expect("a link");
    fs::hard_link(folder.file(), path("second")).expect("a link");
    fs::create_dir(path("folder")).expect("a folder");
    let _socket = UnixListener::bind(path("socket")).expect("a socket");
    assert!(Command::new("mkfifo").arg(path("fifo")).status().expect("mkfifo").success());
    for (name, why) in [
        ("link", "it is a link"),
        ("second", "is no file of its own"),
        ("guard", "is no file of its own"),
        ("fifo", "is no file of its own"),
        ("socket", ""),
        ("folder", ""),
    ] {
        assert_refused(&path(name), why);
    }
    assert_refused(Path::new("/dev/null"), "is no file of its own");
    fs::remove_file(path("second")).expect("a link");
    assert_eq!(sends(&folder.file()), Ok(1), "nothing was written");
}

#[test]
fn a_file_that_others_may_use_or_own() {
    let folder = used();
    for mode in [0o640, 0o604, 0o620, 0o602] {
        set_mode(&folder.file(), mode);
        assert_refused(&folder.file(), "0600");
    }
    set_mode(&folder.file(), 0o600);
    if is_root() {
        std::os::unix::fs::chown(folder.file(), Some(NOBODY), None).expect("root may do so");
        assert_refused(&folder.file(), "another user");
    }
}

#[test]
fn a_damaged_record_costs_its_own_counts_alone() {
    let folder = Folder::new();
    let user = FileUser::new(&folder.file());
    let (first, second) = (subjects()[0], subjects().pop().expect("subjects"));
    let limits = only(Limit::SendsNumber, 5);
    for whose in [first, second] {
        user.step(&Step::Send, &whose, &limits, NOW).expect("a step");
    }
    // The record has the key in clear, and a checksum before it.
    let bytes = fs::read(folder.file()).expect("our own");
    let key = first.number.0;
    let place = bytes.windows(key.len()).position(|bytes| bytes == key).expect("the key");
    let file = File::options().write(true).open(folder.file()).expect("our own");
    file.write_all_at(&[0xff; 3], place as u64 + 100).expect("our own");
    let count = |whose| {
        let stepped = user.step_of_damaged(&Step::Show, whose, &limits, NOW);
        stepped.map(|(decision, is_damaged)| (decision.shown[0].count, is_damaged))
    };
    assert_eq!(count(&first), Ok((0, true)));
    assert_eq!(count(&second), Ok((1, false)));
    user.step_of_damaged(&Step::Send, &first, &limits, NOW).expect("a step");
    assert_eq!(count(&first), Ok((1, false)));
}

#[test]
fn a_process_that_may_write_less_or_open_no_more() {
    let folder = Folder::new();
    for (role, why) in
        [("with a small limit", "RLIMIT_FSIZE"), ("without descriptors", "too many open files")]
    {
        let told = said(start(role, &folder.file()));
        assert!(told.starts_with("Err") && told.contains(why), "{role}: {told}");
    }
    assert_eq!(send(&folder.file()), Ok(true), "others go on");
    let told = said(start("with a small limit", &folder.file()));
    assert!(told.starts_with("Err"), "{told}");
    assert_eq!(sends(&folder.file()), Ok(1));
}

/// Mounts a small file system on the folder, and sends there twice: when it is full, and when there is room
/// again.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_one_that_is_read_only() {
    let folder = Folder::new();
    let script = r#"mount -t tmpfs -o mode=700,"$1" guard "$2" || exit 9; shift; cd "$1"; shift
        test -z "$1" || head -c "$1" /dev/zero > filler; shift
        "$@" 2>&1 && rm -f filler && exec "$@""#;
    for (options, filler, first, second) in [
        ("size=64k", "65536", "there is no space left", "Ok(true)"),
        ("size=64k", "61440", "there is no space left", "Ok(true)"),
        ("ro", "", "it is on a read-only file system", "it is on a read-only file system"),
    ] {
        let sent = super::processes::process("send", &folder.file());
        let output = Command::new("unshare")
            .args(["--mount", "--map-root-user", "sh", "-c", script, "sh", options])
            .arg(folder.path())
            .arg(filler)
            .arg(sent.get_program())
            .args(sent.get_args())
            .envs(sent.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .output();
        let output = output.expect("unshare");
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.code() != Some(0)
            && std::env::var_os("CI").is_none_or(|value| value.is_empty())
        {
            println!(
                "skipped: a mount takes the rights of root, or a kernel that gives them: {told}"
            );
            return;
        }
        assert!(told.contains(first) && told.contains(second), "{options} {filler}: {told}");
    }
}

#[test]
fn a_holder_of_the_lock_that_is_stopped() {
    let folder = used();
    let mut holder = start("hold", &folder.file());
    let mut output = BufReader::new(holder.stderr.take().expect("a pipe"));
    output.read_line(&mut String::new()).expect("it says that it has the lock");
    // SAFETY: the process is our own.
    assert_eq!(unsafe { libc::kill(holder.id() as libc::pid_t, libc::SIGSTOP) }, 0);
    let mut user = FileUser::new(&folder.file());
    user.patience = Duration::from_millis(250);
    let begun = Instant::now();
    let error = user.may_send(&limits()).expect_err("it is locked");
    let waited = begun.elapsed();
    assert!(error.contains("locked"), "{error}");
    assert!((240..2000).contains(&waited.as_millis()), "{waited:?}");
    holder.kill().expect("it is there");
    holder.wait().expect("it has ended");
    assert_eq!(user.may_send(&limits()), Ok(true));
    assert_eq!(sends(&folder.file()), Ok(2));
}
