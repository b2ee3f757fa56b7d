//! Windows. The thread pool of the system, which waits for a queue, has threads and handles of its own: neither
//! are counted.
#![allow(unsafe_code, reason = "these are calls of the system")]

use std::ffi::c_void;
use std::io;
use std::os::windows::io::AsRawSocket;
use std::process::{Child, Command};
use std::time::Duration;

use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;
use windows_sys::Win32::Networking::WinSock::{POLLIN, WSAPOLLFD, WSAPoll};

use super::TcpRow;

/// Starts a process. On a busy machine wine fails now and then to start one, which then never ran: that is tried again.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    let stumbled = |started: &io::Result<Child>| {
        started
            .as_ref()
            .is_err_and(|error| error.raw_os_error() == Some(ERROR_INTERNAL_ERROR as i32))
    };
    (0..3)
        .map(|_| command.spawn())
        .find(|started| !stumbled(started))
        .unwrap_or_else(|| command.spawn())
}

/// Whether it is readable, now or within `timeout`.
pub(crate) fn is_readable(socket: &impl AsRawSocket, timeout: Duration) -> bool {
    let fd = socket.as_raw_socket() as usize;
    let mut polled = WSAPOLLFD { fd, events: POLLIN, revents: 0 };
    let timeout = i32::try_from(timeout.as_millis()).expect("a short timeout");
    // SAFETY: the structure is live and exclusively borrowed.
    unsafe { WSAPoll(&mut polled, 1, timeout) == 1 }
}

/// No descriptor is counted.
pub(crate) fn descriptors() -> usize {
    0
}

/// No thread is counted.
pub(crate) fn threads() -> usize {
    0
}

/// See PROCESS_MEMORY_COUNTERS.
#[repr(C)]
#[derive(Default)]
struct Memory {
    size: u32,
    faults: u32,
    peak_working_set: usize,
    working_set: usize,
    others: [usize; 6],
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetCurrentProcess() -> *mut c_void;
    fn K32GetProcessMemoryInfo(process: *mut c_void, memory: *mut Memory, size: u32) -> i32;
}

fn memory_counters() -> Memory {
    let size = size_of::<Memory>() as u32;
    let mut memory = Memory { size, ..Memory::default() };
    // SAFETY: the structure is live, exclusively borrowed and of this size.
    let answer = unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &mut memory, size) };
    assert_ne!(answer, 0, "a process sees itself");
    memory
}

/// The most memory that this process has used, in KiB.
pub(crate) fn peak_memory() -> usize {
    memory_counters().peak_working_set / 1024
}

/// The memory that this process uses, in KiB.
pub(crate) fn memory() -> usize {
    memory_counters().working_set / 1024
}

#[link(name = "iphlpapi")]
unsafe extern "system" {
    fn GetTcpTable(table: *mut u32, size: *mut u32, sorted: i32) -> u32;
}

/// The connections over IPv4 of this machine. What is unacknowledged is not known.
pub(crate) fn tcp_table() -> Vec<TcpRow> {
    const ESTABLISHED: u32 = 5;
    const TOO_SMALL: u32 = 122;
    let mut words = vec![0u32; 1024];
    loop {
        let mut size = (words.len() * 4) as u32;
        // SAFETY: the memory is live, exclusively borrowed and of this size.
        match unsafe { GetTcpTable(words.as_mut_ptr(), &mut size, 0) } {
            0 => break,
            TOO_SMALL => words.resize(words.len() * 2, 0),
            error => panic!("the system's table: {error}"),
        }
    }
    // A port is in the order of the network.
    let port = |word: u32| (word as u16).swap_bytes();
    let rows = words[1..].chunks_exact(5).take(words[0] as usize);
    rows.map(|row| TcpRow {
        local: port(row[2]),
        remote: port(row[4]),
        established: row[0] == ESTABLISHED,
        unacknowledged: false,
    })
    .filter(|row| row.remote != 0)
    .collect()
}
