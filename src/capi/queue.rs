//! Calls for a program with an event loop.

use std::ffi::{c_char, c_int, c_void};
use std::sync::{Mutex, TryLockError};

use super::client::{existing, verifysms_client};
use super::handle::{self, Handle};
use super::panic_boundary;
use super::request::{given, verifysms_request};
use super::result::{ResultState, verifysms_result};
use super::text;
use crate::client::Queue;
use crate::error::{Code, Error};
use crate::memory;
use crate::rule::Rule;
use crate::sys;

/// A queue, as C sees it.
#[repr(C)]
pub struct verifysms_queue {
    _private: [u8; 0],
}

/// What a pointer to a queue points to.
pub(super) struct QueueState {
    descriptor: c_int,
    /// Locked already if a callback uses the queue that called it, and in a child process if a thread of
    /// the parent was using it.
    queue: Mutex<Queue<*mut c_void>>,
}

impl Handle for verifysms_queue {
    type Inner = QueueState;
}

/// Makes a queue: any number of calls at once, in one thread with an event loop that never blocks.
///
/// @code
/// verifysms_queue_send(queue, "050-123-4567", NULL, NULL, &session);
/// ...
/// poll(&descriptor, 1, -1);    where descriptor.fd is verifysms_queue_descriptor(queue)
/// while ((result = verifysms_queue_next(queue, &user_data)) != NULL) {
///     ...
///     verifysms_result_free(result);
/// }
/// @endcode
/// Every started call has one result, which is kept until it is taken. A queue has no thread of its
/// own; only name lookups and the reading of certificate authorities run in threads. Of your
/// functions only the log function and the event function are called, by verifysms_queue_next() and
/// verifysms_queue_free().
/// The interrupt function is not called, because nothing waits. At most 1024 calls have a
/// connection at once, and at most half as many as the process may have descriptors
/// (RLIMIT_NOFILE). Further calls wait for others to end; their time runs. On Windows the thread pool
/// of the system waits for the sockets; it calls nothing of yours.
///
/// After fork() the queue belongs to the parent. In the child it starts, cancels and returns
/// nothing, and it may be freed, which does not affect the parent. If another thread was using the
/// queue at that moment, freeing it does nothing, and its descriptors stay open in the child. The
/// child makes a queue of its own.
///
/// @param client A client. It may have several queues, and may be freed before them.
/// @return A queue, to be freed with verifysms_queue_free(). NULL if client is NULL, or if the
///         process has no descriptor left: a queue needs three, on macOS one.
/// @threads Any thread; one thread at a time for one queue. For a log or event function the queue that
///          called it is in use: it can neither start a call there nor take a result, and
///          verifysms_queue_free() does nothing.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_new(
    client: *mut verifysms_client,
) -> *mut verifysms_queue {
    panic_boundary::enter(std::ptr::null_mut, || {
        // SAFETY: the module's promise.
        let made = unsafe { existing(client) }.and_then(Queue::new);
        made.map_or(std::ptr::null_mut(), |queue| {
            let descriptor = sys::as_int(queue.descriptor());
            verifysms_queue::into_raw(QueueState { descriptor, queue: Mutex::new(queue) })
        })
    })
}

/// The descriptor to wait for with poll(), epoll (with EPOLLET or without) or kqueue. It is readable
/// when verifysms_queue_next() has something to do: data has come, a timer has expired, a call was
/// started or cancelled, or there is a result.
///
/// On Windows it is a SOCKET, for select(), WSAPoll(), WSAEventSelect() or libuv; its value fits an int.
///
/// @param queue A queue, or NULL.
/// @return The descriptor. Use it only to wait until it is readable. It is closed when the queue is
///         freed. -1 for NULL.
/// @threads Any thread at any time.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_descriptor(queue: *const verifysms_queue) -> c_int {
    // SAFETY: the module's promise.
    let state = || unsafe { handle::borrow(queue) };
    panic_boundary::enter(|| -1, || state().map_or(-1, |state| state.descriptor))
}

/// Starts a verifysms_send_with(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param to        An Israeli phone number as people write it, in UTF-8.
/// @param sender    As for verifysms_config_set_sender(); NULL: the client's own.
/// @param message   As for verifysms_config_set_message(); NULL: the client's own.
/// @param user_data Returned with the result.
/// @return VERIFYSMS_OK if the call was started: it has one result, even if an argument is invalid.
///         Otherwise there is no result: VERIFYSMS_INVALID_ARGUMENT if queue is NULL, is in use, or
///         belongs to the parent process; VERIFYSMS_INTERNAL for a defect of the library.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_send(
    queue: *mut verifysms_queue,
    to: *const c_char,
    sender: *const c_char,
    message: *const c_char,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        start(queue, |queue| {
            let arguments = || {
                let to = text::required("to", to)?;
                Ok((to, text::optional("sender", sender)?, text::optional("message", message)?))
            };
            match arguments() {
                Ok((to, sender, message)) => queue.send_with(user_data, to, sender, message),
                Err(error) => queue.fail(user_data, "send", error),
            }
        })
    }
}

/// Starts a verifysms_check(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param to        The number that received the message, as people write it, in UTF-8.
/// @param code      What the person typed, as for verifysms_check().
/// @param user_data Returned with the result.
/// @return As verifysms_queue_send(). A number or code that is NULL is an invalid argument.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_check(
    queue: *mut verifysms_queue,
    to: *const c_char,
    code: *const c_char,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        start(queue, |queue| {
            let arguments = || Ok((text::required("to", to)?, text::required("code", code)?));
            match arguments() {
                Ok((to, code)) => queue.check(user_data, to, code),
                Err(error) => queue.fail(user_data, "check", error),
            }
        })
    }
}

/// Starts a verifysms_send_request(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param request   A request. It may be changed or freed at once.
/// @param user_data Returned with the result.
/// @return As verifysms_queue_send(). A request that is NULL is an invalid argument.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_send_request(
    queue: *mut verifysms_queue,
    request: *const verifysms_request,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        start(queue, |queue| match given(request) {
            Ok(request) => queue.send_request(user_data, request.clone()),
            Err(error) => queue.fail(user_data, "send", error),
        })
    }
}

/// Starts a verifysms_check_request(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param request   A request. It may be changed or freed at once.
/// @param code      What the person typed, as for verifysms_check().
/// @param user_data Returned with the result.
/// @return As verifysms_queue_send(). A request or code that is NULL is an invalid argument.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_check_request(
    queue: *mut verifysms_queue,
    request: *const verifysms_request,
    code: *const c_char,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        start(queue, |queue| {
            let arguments = || Ok((given(request)?, text::required("code", code)?));
            match arguments() {
                Ok((request, code)) => queue.check_request(user_data, request.clone(), code),
                Err(error) => queue.fail(user_data, "check", error),
            }
        })
    }
}

/// Starts a verifysms_client_connect(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param user_data Returned with the result; may be NULL.
/// @return As verifysms_queue_send().
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_connect(
    queue: *mut verifysms_queue,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe { start(queue, |queue| queue.connect(user_data)) }
}

/// Starts a verifysms_delivery(), and returns at once. Its deadline begins now.
///
/// @param queue     A queue.
/// @param unique    The message's id, from verifysms_result_unique().
/// @param user_data Returned with the result.
/// @return As verifysms_queue_send(). An id that is NULL is an invalid argument.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_delivery(
    queue: *mut verifysms_queue,
    unique: *const c_char,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    unsafe {
        start(queue, |queue| match text::required("unique", unique) {
            Ok(unique) => queue.delivery(user_data, unique),
            Err(error) => queue.fail(user_data, "delivery", error),
        })
    }
}

/// Advances the calls as far as they can go without waiting, and takes a result. Call it until it
/// returns NULL, then wait for the descriptor, which is readable as long as there are results.
///
/// @param queue     A queue, or NULL.
/// @param user_data Where to store the user_data of the call, or NULL. NULL is stored if there is
///                  no result.
/// @return The outcome of one call, to be freed with verifysms_result_free(). Results come in the
///         order in which the calls ended. NULL if there is none now. The code is VERIFYSMS_OK for
///         an accepted message, too; verifysms_result_status() is 1 only for a check that verified
///         the number.
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_next(
    queue: *mut verifysms_queue,
    user_data: *mut *mut c_void,
) -> *mut verifysms_result {
    panic_boundary::enter(std::ptr::null_mut, || {
        // SAFETY: the module's promise.
        let next = unsafe { with(queue, |queue| queue.take()) }.ok().flatten();
        let (key, result) = match next {
            None => (std::ptr::null_mut(), std::ptr::null_mut()),
            Some((key, result)) => {
                let state = || result.map_or_else(ResultState::from, ResultState::from);
                let state = panic_boundary::catch(ResultState::defect, state);
                (key, verifysms_result::into_raw(state))
            }
        };
        // SAFETY: the caller's pointer is NULL or leads to a pointer of theirs.
        if let Some(user_data) = unsafe { user_data.as_mut() } {
            *user_data = key;
        }
        result
    })
}

/// The number of calls whose results have not been taken.
///
/// @param queue A queue, or NULL.
/// @return Their number; 0 for NULL, and in a child process after fork().
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_count(queue: *mut verifysms_queue) -> c_int {
    // SAFETY: the module's promise.
    let count = || unsafe { with(queue, |queue| queue.len()) };
    panic_boundary::enter(
        || 0,
        || count().map_or(0, |count| c_int::try_from(count).unwrap_or(c_int::MAX)),
    )
}

/// Ends the running calls that were started with this user_data as VERIFYSMS_CANCELLED. Take their
/// results as usual. verifysms_client_cancel() ends all calls of a client from any thread, those of
/// its queues included.
///
/// @param queue     A queue, or NULL.
/// @param user_data The user_data of the calls.
/// @return The number of calls; 0 for NULL, and in a child process after fork().
/// @threads One thread at a time for one queue.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_cancel(
    queue: *mut verifysms_queue,
    user_data: *mut c_void,
) -> c_int {
    // SAFETY: the module's promise.
    let cancel = || unsafe { with(queue, |queue| queue.cancel_those(|&other| other == user_data)) };
    panic_boundary::enter(
        || 0,
        || cancel().map_or(0, |count| c_int::try_from(count).unwrap_or(c_int::MAX)),
    )
}

/// Frees a queue. Running calls end as VERIFYSMS_CANCELLED, and only the log and the events report
/// them. Results that were not taken are lost, so that you do not know whether a message is out: if
/// that matters, cancel the calls and take their results first.
///
/// @param queue A queue that is not used again; NULL does nothing.
/// @threads Any thread, once no other uses the queue. Does nothing in a log or event function that the
///          queue called: free it later.
/// @since 1.0
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn verifysms_queue_free(queue: *mut verifysms_queue) {
    panic_boundary::enter(
        || (),
        || {
            // SAFETY: the module's promise. A callback that uses the queue finds it locked, not freed.
            unsafe {
                // A queue in use may be half changed.
                if with(queue, Queue::close).is_ok() {
                    handle::free(queue);
                }
            }
        },
    );
}

/// Starts a call, and returns a code.
///
/// # Safety
/// The module's promise.
unsafe fn start(
    queue: *mut verifysms_queue,
    start: impl FnOnce(&mut Queue<*mut c_void>) -> Result<u64, Error>,
) -> c_int {
    // SAFETY: the module's promise.
    let started = || unsafe { with(queue, start) }.and_then(|started| started);
    let code = |error: Error| error.code();
    panic_boundary::enter(
        || Code::Internal.number(),
        || started().map_or_else(code, |_| Code::Ok).number(),
    )
}

/// Calls `work` with the queue of a handle.
///
/// # Safety
/// The module's promise.
unsafe fn with<T>(
    queue: *mut verifysms_queue,
    work: impl FnOnce(&mut Queue<*mut c_void>) -> T,
) -> Result<T, Error> {
    // SAFETY: the module's promise.
    let state = unsafe { handle::borrow(queue) };
    let state = state.ok_or_else(|| Error::invalid("queue", Rule::Null))?;
    memory::wiping_stack(|| match state.queue.try_lock() {
        Ok(mut queue) => Ok(work(&mut queue)),
        // uncovered: a defect of the library, in a call that has the queue.
        Err(TryLockError::Poisoned(queue)) => Ok(work(&mut queue.into_inner())),
        Err(TryLockError::WouldBlock) => Err(Error::invalid("queue", Rule::QueueInUse)),
    })
}
