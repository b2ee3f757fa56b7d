//! Descriptors, threads and wake-ups.

use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::sys::{Interest, PollResult};

#[test]
#[cfg_attr(miri, ignore = "Miri starts no processes")]
fn no_descriptor_of_ours_is_where_a_host_has_closed_its_standard_input() {
    const HOST: &str = "VERIFYSMS_TEST_HOST";
    let program = std::env::current_exe().unwrap();
    if std::env::var_os(HOST).is_none() {
        let name = "no_descriptor_of_ours_is_where_a_host_has_closed_its_standard_input";
        let name = format!("sys::unix::tests::{name}");
        let mut host = Command::new(program);
        host.args(["--exact", &name]).env(HOST, "").stdin(Stdio::null()).stdout(Stdio::null());
        assert!(host.status().unwrap().success());
        return;
    }
    // SAFETY: nothing in this process reads from it.
    assert_eq!(unsafe { libc::close(libc::STDIN_FILENO) }, 0);
    let low = OwnedFd::from(File::open(program).unwrap());
    assert_eq!(low.as_raw_fd(), libc::STDIN_FILENO);
    let above = above_stdio(low).unwrap();
    assert!(above.as_raw_fd() > libc::STDERR_FILENO);
    // SAFETY: the calls take numbers alone.
    let (moved, closed) = unsafe {
        let flags = |fd| libc::fcntl(fd, libc::F_GETFD);
        (flags(above.as_raw_fd()), flags(libc::STDIN_FILENO))
    };
    assert_eq!((moved, closed), (libc::FD_CLOEXEC, -1));
    let number = above.as_raw_fd();
    assert_eq!(above_stdio(above).unwrap().as_raw_fd(), number);
}

#[test]
fn a_panic_ends_its_thread_alone() {
    /// Reports that it is dropped while a panic unwinds.
    struct Dropped(mpsc::Sender<()>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let (dropped, drops) = mpsc::channel();
    let guard = Dropped(dropped);
    spawn_without_signals(move || {
        let _guard = guard;
        // Without the message that a panic prints.
        std::panic::resume_unwind(Box::new("a defect of ours"));
    })
    .unwrap();
    assert_eq!(drops.recv(), Ok(()));
}

#[test]
fn a_wake_up_before_the_wait_counts() {
    let wake = WakeFd::new().unwrap();
    wake.wake();
    let waits = [(wake.descriptor(), Interest::Readable)];
    let woken = PollResult::Ready { last: true };
    assert_eq!(poll(&waits, Duration::from_secs(60)).unwrap(), woken);
    wake.clear();
    assert_eq!(poll(&waits, Duration::ZERO).unwrap(), PollResult::Timeout);
}

#[test]
fn an_error_without_a_kind_is_told_in_our_words() {
    for (number, text) in [
        (libc::EMFILE, Some("too many open files")),
        (libc::ELOOP, Some("it is a link")),
        (libc::ENAMETOOLONG, Some("its name is too long")),
        (libc::EXDEV, None),
    ] {
        assert_eq!(errors::text(number), text);
    }
}
