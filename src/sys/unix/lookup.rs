//! Name lookups by family: getaddrinfo(3).

use std::ffi::CString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr::{null, null_mut};

use crate::sys::Family;

/// The addresses that the system's resolver knows for a name, in its order (RFC 6724); none if it
/// knows none.
pub(crate) fn look_up(name: &str, family: Family) -> io::Result<Vec<IpAddr>> {
    let name = CString::new(name).map_err(|_| io::ErrorKind::InvalidInput)?;
    // SAFETY: the hints are plain data that is filled in before use; the list is the resolver's until
    // it is freed, and each address is read by the structure that its family says.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_socktype = libc::SOCK_STREAM;
        hints.ai_family = match family {
            Family::Any => libc::AF_UNSPEC,
            Family::V4 => libc::AF_INET,
            Family::V6 => libc::AF_INET6,
        };
        let mut list = null_mut();
        match libc::getaddrinfo(name.as_ptr(), null(), &hints, &mut list) {
            0 => {}
            libc::EAI_NONAME => return Ok(Vec::new()),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            // seldom covered: glibc says EAI_NONAME unless the resolver is told to distinguish the two.
            libc::EAI_NODATA => return Ok(Vec::new()),
            // seldom covered: the resolver itself has no memory.
            libc::EAI_MEMORY => return Err(io::ErrorKind::OutOfMemory.into()),
            libc::EAI_SYSTEM => return Err(io::Error::last_os_error()),
            _ => return Err(io::ErrorKind::HostUnreachable.into()),
        }
        let mut addresses = Vec::new();
        let mut entry: *const libc::addrinfo = list;
        while let Some(found) = entry.as_ref() {
            match found.ai_family {
                libc::AF_INET => {
                    let address = &*found.ai_addr.cast::<libc::sockaddr_in>();
                    let octets = address.sin_addr.s_addr.to_ne_bytes();
                    addresses.push(IpAddr::V4(Ipv4Addr::from(octets)));
                }
                libc::AF_INET6 => {
                    let address = &*found.ai_addr.cast::<libc::sockaddr_in6>();
                    addresses.push(IpAddr::V6(Ipv6Addr::from(address.sin6_addr.s6_addr)));
                }
                // uncovered: the hints ask for no other family.
                _ => {}
            }
            entry = found.ai_next;
        }
        libc::freeaddrinfo(list);
        Ok(addresses)
    }
}

/// Whether malloc(3) succeeds in this thread. Checked before calls in which the C library does not survive
/// a failure of malloc.
pub(crate) fn has_memory() -> bool {
    /// What the C library allocates for a thread.
    const SIZE: usize = 64 * 1024;
    // SAFETY: the write is inside the block; without it the compiler would remove both calls. The block is
    // freed once; free(3) accepts NULL.
    unsafe {
        let block = libc::malloc(SIZE).cast::<u8>();
        // seldom covered: memory that is short in the thread of a lookup; tests/deep/memory.py makes it so.
        if !block.is_null() {
            block.write_volatile(0);
        }
        libc::free(block.cast());
        !block.is_null()
    }
}
