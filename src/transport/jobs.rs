//! Blocking work in threads of its own: a name lookup, or reading a file on a network file system that
//! may hang.
//!
//! Calls that need the same work share one thread. If all of them end first, the thread finishes alone. It
//! holds nothing of the calls.

use std::future::poll_fn;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use super::call::Call;
use super::wake::Wake;
use crate::sys;

/// The running jobs of a process.
pub(super) struct Jobs<T>(Arc<Mutex<Vec<Job<T>>>>);

struct Job<T> {
    key: String,
    state: Arc<Mutex<JobState<T>>>,
}

enum JobState<T> {
    /// The calls to wake up at the end.
    Running(Vec<Weak<Wake>>),
    Done(T),
    /// The work panicked.
    Failed,
}

impl<T> Default for Jobs<T> {
    fn default() -> Jobs<T> {
        Jobs(Arc::default())
    }
}

impl<T: Clone + Send + 'static> Jobs<T> {
    /// The result of `work`, or of the job that is running with the same `key`. An error if there is no
    /// thread for it, or if the call has to end.
    pub(super) async fn run(
        &self,
        call: &Call,
        key: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let state = self.join(key, work).map_err(io::Error::other)?;
        let mut waits = false;
        poll_fn(|_| {
            call.check()?;
            match &mut *lock(&state) {
                JobState::Done(answer) => return Poll::Ready(Ok(answer.clone())),
                JobState::Failed => return Poll::Ready(Err(io::Error::other("a defect"))),
                JobState::Running(waiting) if !waits => {
                    waiting.push(Arc::downgrade(&call.wake()?));
                    waits = true;
                }
                JobState::Running(_) => {}
            }
            Poll::Pending
        })
        .await
    }

    fn join(
        &self,
        key: &str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<Arc<Mutex<JobState<T>>>> {
        let state = {
            let mut running = lock(&self.0);
            if let Some(job) = running.iter().find(|job| job.key == key) {
                return Ok(job.state.clone());
            }
            let state = Arc::new(Mutex::new(JobState::Running(Vec::new())));
            running.push(Job { key: key.to_owned(), state: state.clone() });
            state
        };
        // Ends the job even if no thread can be started. Dropped outside the lock.
        let end = End { jobs: self.0.clone(), state: state.clone(), answer: None };
        sys::spawn_without_signals(move || {
            let mut end = end;
            end.answer = Some(work());
        })?;
        Ok(state)
    }
}

/// Ends a job and wakes up its calls, even after a panic.
struct End<T> {
    jobs: Arc<Mutex<Vec<Job<T>>>>,
    state: Arc<Mutex<JobState<T>>>,
    answer: Option<T>,
}

impl<T> Drop for End<T> {
    fn drop(&mut self) {
        lock(&self.jobs).retain(|job| !Arc::ptr_eq(&job.state, &self.state));
        let ended = self.answer.take().map_or(JobState::Failed, JobState::Done);
        match std::mem::replace(&mut *lock(&self.state), ended) {
            JobState::Running(waiting) => {
                waiting.iter().filter_map(Weak::upgrade).for_each(|wake| wake.wake());
            }
            // uncovered: nothing else ends it.
            JobState::Done(_) | JobState::Failed => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::panic::resume_unwind;
    use std::pin::pin;
    use std::task::{Context, Waker};
    use std::time::Duration;

    use super::super::call::Start;
    use super::*;
    use crate::callbacks::Listeners;

    #[test]
    fn a_panic_ends_a_job_and_its_calls() {
        let call = Call::new(Duration::from_secs(60), None, Listeners::default(), Start::now());
        let jobs = Jobs::<()>::default();
        let mut work = pin!(jobs.run(&call, "key", || resume_unwind(Box::new(()))));
        let answer = loop {
            match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => break answer,
                Poll::Pending => call.wait().unwrap(),
            }
        };
        assert_eq!(answer.unwrap_err().to_string(), "a defect");
        assert!(lock(&jobs.0).is_empty());
    }
}
