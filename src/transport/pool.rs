//! The idle connections of a client, and its running calls.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::call::Call;
use super::connection::Connection;

/// How many idle connections are kept when no call is running. While calls are running all idle connections
/// are kept, because as many calls are likely to follow.
const MAX_IDLE: usize = 8;

/// Shared by the threads of one process.
pub(super) struct Pool<H>(Mutex<PoolState<H>>);

struct PoolState<H> {
    /// The most recently used are at the end.
    idle: Vec<Connection<H>>,
    active: Vec<Arc<Call>>,
}

impl<H> Pool<H> {
    pub(super) fn new() -> Pool<H> {
        Pool(Mutex::new(PoolState { idle: Vec::new(), active: Vec::new() }))
    }

    /// Adds a running call.
    pub(super) fn begin(&self, call: &Arc<Call>) {
        let mut state = self.lock();
        call.pool_index.store(state.active.len(), Ordering::Relaxed);
        state.active.push(call.clone());
    }

    /// Removes a call that has ended.
    pub(super) fn end(&self, call: &Call) {
        let mut state = self.lock();
        let index = call.pool_index.load(Ordering::Relaxed);
        // uncovered: each call that ends has begun.
        if index < state.active.len() {
            let ended = state.active.swap_remove(index);
            if let Some(moved) = state.active.get(index) {
                moved.pool_index.store(index, Ordering::Relaxed);
            }
            let spare = state.surplus();
            drop(state);
            drop((ended, spare));
        }
    }

    /// Cancels the running calls.
    pub(super) fn cancel(&self) {
        // Outside the lock, which calls take when they end.
        let active = self.lock().active.clone();
        active.iter().for_each(|call| call.cancel());
    }

    /// The most recently used connection that is usable and that `may_use` accepts.
    pub(super) fn take(&self, may_use: impl Fn(&H) -> bool) -> Option<Connection<H>> {
        loop {
            let candidate = {
                let mut state = self.lock();
                let at = state.idle.iter().rposition(|connection| may_use(&connection.history));
                at.map(|at| state.idle.remove(at))
            };
            // Probed, and closed, outside the lock.
            let mut connection = candidate?;
            let now = Instant::now();
            if !connection.is_expired(now) && connection.is_usable(now) {
                return Some(connection);
            }
        }
    }

    /// Adds an idle connection.
    pub(super) fn put(&self, mut connection: Connection<H>) {
        connection.wipe();
        let spare = {
            let mut state = self.lock();
            let spare = state.expired(connection.idle_since);
            state.idle.push(connection);
            spare
        };
        drop(spare);
    }

    fn lock(&self) -> MutexGuard<'_, PoolState<H>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H> PoolState<H> {
    /// Removes the connections that were idle for too long.
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

    /// Removes the oldest connections beyond [`MAX_IDLE`], if no call is running.
    fn surplus(&mut self) -> Vec<Connection<H>> {
        match self.active.is_empty() {
            true => self.idle.drain(..self.idle.len().saturating_sub(MAX_IDLE)).collect(),
            false => Vec::new(),
        }
    }
}
