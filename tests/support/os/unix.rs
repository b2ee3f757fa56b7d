//! Linux, and as far as it goes any Unix.
#![allow(unsafe_code, reason = "these are calls of the C library")]

use std::io;
use std::os::fd::AsRawFd;
use std::process::{Child, Command};
use std::sync::Once;
use std::time::Duration;

use super::TcpRow;

/// Whether it is readable, now or within `timeout`.
pub(crate) fn is_readable(file: &impl AsRawFd, timeout: Duration) -> bool {
    let mut polled = [libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
    let timeout = i32::try_from(timeout.as_millis()).expect("a short timeout");
    // SAFETY: the array is live and exclusively borrowed.
    unsafe { libc::poll(polled.as_mut_ptr(), 1, timeout) == 1 }
}

/// Starts a process.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

/// A thread whose system calls a signal can interrupt.
#[derive(Clone, Copy)]
pub(crate) struct Thread(libc::pthread_t);

impl Thread {
    /// The calling thread. From here on SIGUSR1 does not end the process.
    pub(crate) fn current() -> Thread {
        static HANDLER: Once = Once::new();
        extern "C" fn nothing(_: libc::c_int) {}
        HANDLER.call_once(|| {
            // SAFETY: an all-zero sigaction is valid, without SA_RESTART; the handler does nothing.
            let set = unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = nothing as *const () as libc::sighandler_t;
                libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut())
            };
            assert_eq!(set, 0, "a handler can be set");
        });
        // SAFETY: the call has no preconditions.
        Thread(unsafe { libc::pthread_self() })
    }

    /// Sends the thread a signal. It must not have been joined yet.
    pub(crate) fn interrupt(self) {
        // SAFETY: the caller keeps the thread from being joined, so its id is valid.
        unsafe { libc::pthread_kill(self.0, libc::SIGUSR1) };
    }
}

/// How many descriptors this process has open.
pub(crate) fn descriptors() -> usize {
    entries("/proc/self/fd")
}

/// How many threads this process has.
pub(crate) fn threads() -> usize {
    entries("/proc/self/task")
}

fn entries(directory: &str) -> usize {
    std::fs::read_dir(directory).expect("a process can look at itself").count()
}

/// A number of kilobytes in /proc/self/status (proc_pid_status(5)).
fn status(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process sees itself");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")).expect("a number in kB");
    number.trim().parse().expect("a number")
}

/// The most memory that this process has used, in KiB.
pub(crate) fn peak_memory() -> usize {
    status("VmHWM:")
}

/// The memory that this process uses, in KiB.
pub(crate) fn memory() -> usize {
    status("VmRSS:")
}

/// The rows of /proc/net/tcp (see proc_pid_net(5)).
pub(crate) fn tcp_table() -> Vec<TcpRow> {
    const ESTABLISHED: u32 = 1;
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the kernel's table");
    let hex = |text: &str| u32::from_str_radix(text, 16).expect("a hexadecimal number");
    let port = |address: &str| hex(address.split_once(':').expect("a port").1) as u16;
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    rows.map(|row| TcpRow {
        local: port(row[1]),
        remote: port(row[2]),
        established: hex(row[3]) == ESTABLISHED,
        unacknowledged: !row[4].starts_with("00000000:"),
    })
    .filter(|row| row.remote != 0)
    .collect()
}
