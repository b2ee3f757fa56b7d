//! Forks and signals in the middle of steps.

use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use super::history::subjects;
use super::place::{FileUser, Folder, NOW, only};
use super::processes::{CALLS, count, said, start};
use super::{faults, redis};
use crate::guard::memory::Memory;
use crate::guard::step::Step;
use crate::limit::Limit;
use crate::sys::Process;

const FORKS: u32 = 300;

/// What another process does for these tests, and for those of Unix beside them.
pub(super) fn play(role: &str, place: &Path) {
    match role {
        "fork" => fork_while_others_write(place),
        "fork in memory" => fork_while_others_count(),
        "be interrupted" => be_interrupted(place),
        "count in Redis" => redis::count_in(place),
        _ => faults::play(role, place),
    }
}

/// A child of a process whose other threads are in the middle of steps. Returns its exit status, or None if
/// it did not end by itself.
fn child(work: impl FnOnce() -> bool) -> Option<i32> {
    /// Nobody holds the lock as long as this.
    const SECONDS: u32 = 60;
    // SAFETY: the child does nothing but work, and ends without running anything of its parent's.
    let id = unsafe { libc::fork() };
    if id == 0 {
        // SAFETY: the calls have no preconditions.
        unsafe { libc::alarm(SECONDS) };
        let status = match catch_unwind(AssertUnwindSafe(work)) {
            Ok(true) => 0,
            _ => 1,
        };
        // SAFETY: as above.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: `status` is valid.
    assert_eq!(unsafe { libc::waitpid(id, &raw mut status, 0) }, id);
    ExitStatus::from_raw(status).code()
}

/// Forks while other threads do steps; each child does one, too. Returns how many steps there were.
fn fork_while(step: impl Fn() -> bool + Sync) -> u32 {
    let (stopping, steps) = (AtomicBool::new(false), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stopping.load(Ordering::Relaxed) {
                    assert!(step());
                    steps.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let statuses: Vec<_> = (0..FORKS).map(|_| child(&step)).collect();
        stopping.store(true, Ordering::Relaxed);
        assert!(statuses.iter().all(|status| *status == Some(0)), "{statuses:?}");
    });
    steps.into_inner()
}

fn fork_while_others_write(place: &Path) {
    let (user, limits) = (FileUser::new(place), only(Limit::SendsApp, i32::MAX as u32));
    let steps = fork_while(|| user.may_send(&limits) == Ok(true));
    assert_eq!(user.sends(), Ok(steps + FORKS));
}

fn fork_while_others_count() {
    let (memory, whose) = (Memory::new(), subjects()[0]);
    let limits = only(Limit::SendsApp, i32::MAX as u32);
    let step = |step| memory.step(Process::current(), &step, &whose, &limits, NOW);
    let steps = fork_while(|| step(Step::Send).refused.is_none());
    // The children have counts of their own.
    assert_eq!(step(Step::Show).shown[0].count, steps);
}

#[test]
fn children_of_a_process_in_the_middle_of_steps_go_on() {
    let folder = Folder::new();
    said(start("fork", &folder.file()));
    said(start("fork in memory", &folder.file()));
}

static TICKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn tick(_: libc::c_int) {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

/// Does steps while a timer interrupts it.
fn be_interrupted(place: &Path) {
    let every = libc::timeval { tv_sec: 0, tv_usec: 100 };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: the handler is async-signal-safe, and all pointers are valid or null.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = tick as extern "C" fn(libc::c_int) as libc::sighandler_t;
        assert_eq!(libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut()), 0);
        assert_eq!(libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()), 0);
    }
    eprintln!("{}", count(&FileUser::new(place)));
    // A fast machine is done after a few milliseconds.
    assert!(TICKS.load(Ordering::Relaxed) > 10, "there were no signals");
}

#[test]
fn signals_interrupt_no_step() {
    let folder = Folder::new();
    let processes =
        [start("be interrupted", &folder.file()), start("be interrupted", &folder.file())];
    let allowed = processes.map(|process| said(process).trim().parse::<u32>().expect("a number"));
    assert_eq!(allowed, [CALLS; 2]);
    assert_eq!(FileUser::new(&folder.file()).sends(), Ok(2 * CALLS));
}
