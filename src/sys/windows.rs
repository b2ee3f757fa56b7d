//! Windows 7 and later. There are no forks and no signals, and a closed standard output is no descriptor that a
//! socket can get.
#![allow(unsafe_code)]

pub(crate) mod errors;
pub(crate) mod file;
mod security;
mod selector;
#[cfg(feature = "cli")]
pub(crate) mod signals;
mod socket;
mod wait;

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use windows_sys::Win32::Networking::WinSock::{WSAHOST_NOT_FOUND, WSANO_DATA};
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

use super::{Family, SystemRoots};
use crate::panics;

pub(crate) use selector::{Registration, Selector};
pub(crate) use socket::{
    descriptor_of, is_closed, is_in_progress, is_unresponsive, keep_alive, new_socket, receive,
    send, set_user_timeout, unacknowledged, wait_in_receive,
};
pub(crate) use wait::{WakeFd, poll};

/// What an event loop waits for: a socket here, on Unix a file descriptor.
pub type Descriptor = std::os::windows::io::RawSocket;

/// A descriptor, as the C functions give it. The handles of Windows have 32 significant bits.
#[cfg(feature = "capi")]
pub(crate) fn as_int(descriptor: Descriptor) -> std::ffi::c_int {
    descriptor as std::ffi::c_int
}

/// Gives a public type, which has the method `descriptor`, the system's own trait for it.
macro_rules! impl_descriptor {
    ($type:ident<$parameter:ident>) => {
        impl<$parameter> std::os::windows::io::AsRawSocket for $type<$parameter> {
            fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
                self.descriptor()
            }
        }
    };
}
pub(crate) use impl_descriptor;

/// The process. It has no copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Process;

impl Process {
    pub(crate) fn current() -> Process {
        Process
    }
}

/// Keeps the library loaded: a DLL that is unloaded while a thread of it runs takes the process with it. Called
/// before the first client is made.
pub(crate) fn init() {
    let flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    let mut module = std::ptr::null_mut();
    // SAFETY: the address is one in this module, not that of a name; the pointer is that of a live variable.
    unsafe { GetModuleHandleExW(flags, (init as fn()) as *const u16, &mut module) };
}

/// How many descriptors the process may have open: there is no limit of its own for sockets.
pub(crate) fn max_descriptors() -> usize {
    usize::MAX
}

/// The addresses that the system's resolver knows for a name, in its order (RFC 6724); none if it
/// knows none.
pub(crate) fn look_up(name: &str, family: Family) -> io::Result<Vec<IpAddr>> {
    let found = match (name, 0).to_socket_addrs() {
        Ok(found) => found,
        Err(error) => {
            return match error.raw_os_error() {
                Some(WSAHOST_NOT_FOUND | WSANO_DATA) => Ok(Vec::new()),
                _ => Err(io::ErrorKind::HostUnreachable.into()),
            };
        }
    };
    let is_wanted = |address: &IpAddr| match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    };
    Ok(found.map(|address| address.ip()).filter(is_wanted).collect())
}

/// Whether the C library has memory: it says so itself where it has none.
pub(crate) fn has_memory() -> bool {
    true
}

/// Starts a thread. It prints panics only if the calling thread does.
pub(crate) fn spawn_without_signals<W: FnOnce() + Send + 'static>(work: W) -> io::Result<()> {
    let silent = panics::are_silent();
    let run = move || {
        panics::set_silent(silent);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            // The payload of a panic may panic when it is dropped.
            std::mem::forget(panic);
        }
    };
    thread::Builder::new().name("verifysms".into()).spawn(run).map(drop)
}

/// The authorities in the certificate store of the user and of the machine.
pub(crate) fn system_roots() -> SystemRoots {
    let certificates = rustls_native_certs::load_native_certs().certs;
    SystemRoots { certificates, ..SystemRoots::default() }
}

/// The error of a function that returned 0.
fn checked(answer: i32) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// A thread is not cancelled here.
#[cfg(feature = "capi")]
pub(crate) mod cancellation {
    pub(crate) fn disable() {}
    pub(crate) fn restore((): ()) {}
}

/// A value that a variable of the environment may have, and that is no text.
#[cfg(test)]
pub(crate) fn not_unicode() -> std::ffi::OsString {
    std::os::windows::ffi::OsStringExt::from_wide(&[0xd800])
}

#[cfg(test)]
mod tests;
