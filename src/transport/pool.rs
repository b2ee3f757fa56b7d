//! The idle connections of a client, and its calls that are under way.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::call::Call;
use super::connection::Connection;

/// How many idle connections are kept when no call is under way. While one is, all are kept that calls
/// brought back: the next ones are likely to be as many at once.
const IDLE_MOST: usize = 8;

/// Shared by the threads of one process.
pub(super) struct Pool<H>(Mutex<State<H>>);

struct State<H> {
    /// Those used last at the back.
    idle: Vec<Connection<H>>,
    active: Vec<Arc<Call>>,
}

impl<H> Pool<H> {
    pub(super) fn new() -> Pool<H> {
        Pool(Mutex::new(State { idle: Vec::new(), active: Vec::new() }))
    }

    /// Notes that a call is under way.
    pub(super) fn begin(&self, call: &Arc<Call>) {
        let mut state = self.lock();
        call.place.store(state.active.len(), Ordering::Relaxed);
        state.active.push(call.clone());
    }

    /// Notes that it is over.
    pub(super) fn end(&self, call: &Call) {
        let mut state = self.lock();
        let place = call.place.load(Ordering::Relaxed);
        if place < state.active.len() {
            let ended = state.active.swap_remove(place);
            if let Some(moved) = state.active.get(place) {
                moved.place.store(place, Ordering::Relaxed);
            }
            let spare = state.surplus();
            drop(state);
            drop((ended, spare));
        }
    }

    /// Cancels the calls that are under way.
    pub(super) fn cancel(&self) {
        // Awakened outside the lock: they need it to end.
        let active = self.lock().active.clone();
        active.iter().for_each(|call| call.cancel());
    }

    /// The connection that was used last, of those that are usable and that `may_use` allows.
    pub(super) fn take(&self, may_use: impl Fn(&H) -> bool) -> Option<Connection<H>> {
        loop {
            let candidate = {
                let mut state = self.lock();
                let at = state.idle.iter().rposition(|connection| may_use(&connection.history));
                at.map(|at| state.idle.remove(at))
            };
            // Asked, and closed, outside the lock.
            let mut connection = candidate?;
            if !connection.is_expired(Instant::now()) && connection.is_usable() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection for the next call. It has been idle since its last answer.
    pub(super) fn put(&self, mut connection: Connection<H>) {
        connection.wipe();
        let spare = {
            let mut state = self.lock();
            let spare = state.expired(connection.since);
            state.idle.push(connection);
            spare
        };
        drop(spare);
    }

    fn lock(&self) -> MutexGuard<'_, State<H>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H> State<H> {
    /// Takes out those that were idle for too long.
    fn expired(&mut self, now: Instant) -> Vec<Connection<H>> {
        let mut expired = Vec::new();
        let mut at = 0;
        while let Some(connection) = self.idle.get(at) {
            if connection.is_expired(now) {
                expired.push(self.idle.remove(at));
            } else {
                at += 1;
            }
        }
        expired
    }

    /// Takes out the oldest of too many, once no call is under way.
    fn surplus(&mut self) -> Vec<Connection<H>> {
        match self.active.is_empty() {
            true => self.idle.drain(..self.idle.len().saturating_sub(IDLE_MOST)).collect(),
            false => Vec::new(),
        }
    }
}
