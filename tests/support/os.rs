//! What differs between the systems that the tests run on: waits, and how a process and the network look to them.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::*;

/// One end of a connection, as the system sees it.
pub(crate) struct TcpRow {
    /// The port of this end.
    pub(crate) local: u16,
    /// The port of the other end.
    pub(crate) remote: u16,
    pub(crate) established: bool,
    pub(crate) unacknowledged: bool,
}
