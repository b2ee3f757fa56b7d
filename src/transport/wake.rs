//! How another thread, or an event, ends the wait of a call.
//!
//! A blocking call waits in poll(2) or in recv(2), a call in a reactor for the events of its selector.

use std::io;
use std::net::Shutdown;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::sys::{Descriptor, Registration, Selector, WakeFd};

/// Wakes up a call, from any thread.
pub(super) enum Wake {
    /// A blocking call.
    Blocking(WakeFd),
    /// The call in this slot of a reactor.
    Slot(Weak<ReactorHandle>, usize),
}

impl Wake {
    pub(super) fn wake(&self) {
        match self {
            Wake::Blocking(wake) => wake.wake(),
            Wake::Slot(reactor, slot) => {
                // seldom covered: a lookup that ends after the queue of its call.
                if let Some(reactor) = reactor.upgrade() {
                    reactor.wake(*slot);
                }
            }
        }
    }
}

/// No other reactor of the process has the same. 0 is none.
pub(super) type ReactorId = u64;

/// The part of a reactor that its calls, and the threads that wake them, share.
pub(super) struct ReactorHandle {
    pub(super) id: ReactorId,
    pub(super) selector: Selector,
    /// The slots of the calls that were woken up.
    woken: Mutex<Vec<usize>>,
}

impl ReactorHandle {
    pub(super) fn new(id: ReactorId, selector: Selector) -> ReactorHandle {
        ReactorHandle { id, selector, woken: Mutex::default() }
    }

    /// Wakes up the call in a slot. From any thread.
    fn wake(&self, slot: usize) {
        let is_first = {
            let mut woken = self.woken();
            woken.push(slot);
            woken.len() == 1
        };
        if is_first {
            self.selector.wake();
        }
    }

    pub(super) fn woken(&self) -> MutexGuard<'_, Vec<usize>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which reactor watches a descriptor. Dropped before the descriptor is closed.
#[derive(Default)]
pub(super) struct Watched(Mutex<Option<(ReactorId, Registration)>>);

impl Watched {
    pub(super) fn is_by(&self, id: ReactorId) -> bool {
        self.lock().as_ref().is_some_and(|(by, _)| *by == id)
    }

    /// Adds the descriptor to the selector of `reactor`, in place of an earlier one.
    pub(super) fn watch(&self, reactor: &ReactorHandle, descriptor: Descriptor) -> io::Result<()> {
        let mut by = self.lock();
        *by = None;
        *by = Some((reactor.id, reactor.selector.watch(descriptor)?));
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(ReactorId, Registration)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that another thread can shut down.
#[derive(Clone)]
pub(super) struct SocketHandle(pub(super) Arc<socket2::Socket>);

impl SocketHandle {
    /// Ends both directions, and every system call that waits for them.
    pub(super) fn shut_down(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}
