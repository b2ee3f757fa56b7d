//! Waits for the events of many sockets: the system's thread pool waits, and makes one socket readable.

use std::ffi::c_void;
use std::io;
use std::ptr::{null, null_mut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, HANDLE};
use windows_sys::Win32::Networking::WinSock::{
    FD_CLOSE, FD_CONNECT, FD_READ, FD_WRITE, SOCKET, WSAEVENT, WSAEnumNetworkEvents,
    WSAEventSelect, WSANETWORKEVENTS,
};
use windows_sys::Win32::System::Threading::{
    CloseThreadpoolTimer, CloseThreadpoolWait, CreateEventW, CreateThreadpoolTimer,
    CreateThreadpoolWait, PTP_CALLBACK_INSTANCE, PTP_TIMER, PTP_WAIT, SetThreadpoolTimer,
    SetThreadpoolWait, WaitForThreadpoolTimerCallbacks, WaitForThreadpoolWaitCallbacks,
};

use super::{Descriptor, WakeFd};

/// Waits for sockets, for a timer and for wake-ups. Its descriptor is a socket, which is readable while there
/// are events that were not taken.
///
/// Events are edge-triggered: a socket is added once and stays while its registration does.
pub(crate) struct Selector {
    timer: Timer,
    shared: Arc<Shared>,
}

/// What the threads of the pool use.
struct Shared {
    bell: WakeFd,
    /// The sockets that have events.
    ready: Mutex<Vec<Descriptor>>,
}

impl Shared {
    fn ready(&self) -> MutexGuard<'_, Vec<Descriptor>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report(&self, socket: Descriptor) {
        self.ready().push(socket);
        self.bell.wake();
    }
}

impl Selector {
    /// There is no fork.
    pub(crate) const IS_INHERITED: bool = true;

    pub(crate) fn new() -> io::Result<Selector> {
        let shared = Arc::new(Shared { bell: WakeFd::new()?, ready: Mutex::default() });
        Ok(Selector { timer: Timer::new(&shared)?, shared })
    }

    /// Adds a socket, until the registration is dropped. That has to be before the socket is closed. Its first
    /// event is made here, because what it was told before that is not told again.
    pub(crate) fn watch(&self, socket: Descriptor) -> io::Result<Registration> {
        let registration = Registration::new(socket, &self.shared)?;
        self.shared.report(socket);
        Ok(registration)
    }

    /// Sets the timer, in place of an earlier setting.
    pub(crate) fn set_timer(&self, after: Duration) {
        self.timer.set(after);
    }

    /// Makes an event. From any thread.
    pub(crate) fn wake(&self) {
        self.shared.bell.wake();
    }

    /// Passes the sockets that have events to `take`, without waiting. Returns whether there may be more.
    pub(crate) fn take(&self, take: impl FnMut(Descriptor)) -> bool {
        self.shared.bell.clear();
        let ready = std::mem::take(&mut *self.shared.ready());
        ready.into_iter().for_each(take);
        false
    }

    /// What the event loop of the host waits for.
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.shared.bell.descriptor()
    }
}

/// A timer of the thread pool, which makes an event.
struct Timer(PTP_TIMER);

// SAFETY: the functions of the pool may be called from any thread.
unsafe impl Send for Timer {}
// SAFETY: as above.
unsafe impl Sync for Timer {}

impl Timer {
    /// The selector drops the timer before what is shared.
    fn new(shared: &Arc<Shared>) -> io::Result<Timer> {
        unsafe extern "system" fn expired(
            _: PTP_CALLBACK_INSTANCE,
            shared: *mut c_void,
            _: PTP_TIMER,
        ) {
            // SAFETY: the timer is dropped, and its callbacks have ended, before what is shared is.
            unsafe { &*shared.cast::<Shared>() }.bell.wake();
        }
        let shared = Arc::as_ptr(shared).cast_mut().cast();
        // SAFETY: the callback has the form that it must have.
        match unsafe { CreateThreadpoolTimer(Some(expired), shared, null()) } {
            0 => Err(io::Error::last_os_error()),
            timer => Ok(Timer(timer)),
        }
    }

    fn set(&self, after: Duration) {
        // Negative times, in units of 100 ns, count from now.
        let ticks = i64::try_from(after.as_nanos().div_ceil(100)).unwrap_or(i64::MAX);
        let ticks = (-ticks.max(1)) as u64;
        let time = FILETIME { dwLowDateTime: ticks as u32, dwHighDateTime: (ticks >> 32) as u32 };
        // SAFETY: the timer exists, and the time is live during the call.
        unsafe { SetThreadpoolTimer(self.0, &time, 0, 0) };
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: the timer exists. No callback runs after the second call.
        unsafe {
            SetThreadpoolTimer(self.0, null(), 0, 0);
            WaitForThreadpoolTimerCallbacks(self.0, 1);
            CloseThreadpoolTimer(self.0);
        }
    }
}

/// A socket that is watched.
pub(crate) struct Registration {
    wait: PTP_WAIT,
    /// Shared with the callback, so never borrowed exclusively.
    watch: *mut Watch,
}

struct Watch {
    socket: Descriptor,
    /// Set by the system when the socket has an event, and reset by the wait for it.
    event: HANDLE,
    /// Whether another wait may begin.
    goes_on: Mutex<bool>,
    shared: Arc<Shared>,
}

impl Watch {
    fn goes_on(&self) -> MutexGuard<'_, bool> {
        self.goes_on.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: the functions of the pool may be called from any thread, and the callbacks only read.
unsafe impl Send for Registration {}
// SAFETY: as above.
unsafe impl Sync for Registration {}

impl Registration {
    fn new(socket: Descriptor, shared: &Arc<Shared>) -> io::Result<Registration> {
        unsafe extern "system" fn happened(
            _: PTP_CALLBACK_INSTANCE,
            watch: *mut c_void,
            wait: PTP_WAIT,
            _: u32,
        ) {
            // SAFETY: the registration ends only after this callback.
            let watch = unsafe { &*watch.cast::<Watch>() };
            let goes_on = watch.goes_on();
            if *goes_on {
                // SAFETY: the socket is open while it is registered. The call makes the system tell of the
                // next event; the structure is live. A wait of the pool is for one event.
                unsafe {
                    let mut events: WSANETWORKEVENTS = std::mem::zeroed();
                    WSAEnumNetworkEvents(watch.socket as SOCKET, 0, &mut events);
                    SetThreadpoolWait(wait, watch.event, null());
                }
            }
            drop(goes_on);
            watch.shared.report(watch.socket);
        }
        // SAFETY: the call has no names and no pointers that outlive it.
        let event = unsafe { CreateEventW(null(), 0, 0, null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        let (goes_on, shared) = (Mutex::new(true), shared.clone());
        let watch = Box::into_raw(Box::new(Watch { socket, event, goes_on, shared }));
        // SAFETY: the callback has the form that it must have, and the box outlives it.
        let wait = unsafe { CreateThreadpoolWait(Some(happened), watch.cast(), null()) };
        if wait == 0 {
            let error = io::Error::last_os_error();
            // SAFETY: there is no wait that uses them.
            unsafe {
                CloseHandle(event);
                drop(Box::from_raw(watch));
            }
            return Err(error);
        }
        let registration = Registration { wait, watch };
        let events = (FD_READ | FD_WRITE | FD_CONNECT | FD_CLOSE) as i32;
        // SAFETY: the socket and the event are open, and the wait exists.
        unsafe {
            SetThreadpoolWait(wait, event, null());
            if WSAEventSelect(socket as SOCKET, event as WSAEVENT, events) != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(registration)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: the socket is open, as `watch` asks for. No callback begins another wait, and none runs after
        // the wait for them. Then nothing uses the box and the event.
        unsafe {
            let watch = &*self.watch;
            let mut goes_on = watch.goes_on();
            *goes_on = false;
            WSAEventSelect(watch.socket as SOCKET, 0, 0);
            SetThreadpoolWait(self.wait, null_mut(), null());
            drop(goes_on);
            WaitForThreadpoolWaitCallbacks(self.wait, 1);
            CloseThreadpoolWait(self.wait);
            CloseHandle(watch.event);
            drop(Box::from_raw(self.watch));
        }
    }
}
