//! Many processes and threads at once: as many are let through as a limit says, whatever becomes of the
//! others.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::history::subjects;
use super::place::{FileUser, Folder, NOW, only};
use super::stores::Random;
use super::{faults, redis};
use crate::guard::limits::Limits;
use crate::guard::memory::Memory;
use crate::guard::step::Step;
use crate::limit::Limit;
use crate::sys::Process;

/// What this program does instead of its tests, and with which file.
const ROLE: &str = "VERIFYSMS_GUARD_ROLE";
const PLACE: &str = "VERIFYSMS_GUARD_PLACE";

pub(super) const PROCESSES: u32 = 8;
const THREADS: u32 = 64;
pub(super) const CALLS: u32 = 500;
/// How many of the calls are let through.
const MOST: u32 = 3000;
const KILLS: u32 = 150;
const FORKS: u32 = 300;

/// Another process, which does what a role says with a file.
pub(super) fn process(role: &str, place: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command
        .args(["--exact", "fuzz::guard::processes::role", "--ignored", "--nocapture"])
        .env(ROLE, role)
        .env(PLACE, place)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

pub(super) fn start(role: &str, place: &Path) -> Child {
    process(role, place).spawn().expect("this program can be started again")
}

/// What a process says, which must end well.
pub(super) fn said(child: Child) -> String {
    let output = child.wait_with_output().expect("a child");
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{}: {said}", output.status);
    said
}

#[test]
#[ignore = "a process of the other tests"]
fn role() {
    let (Ok(role), Some(place)) = (std::env::var(ROLE), std::env::var_os(PLACE)) else { return };
    let place = Path::new(&place);
    match role.as_str() {
        "count" => eprintln!("{}", count(&FileUser::new(place))),
        "write" => write(place),
        "fork" => fork_while_others_write(place),
        "fork in memory" => fork_while_others_count(),
        "be interrupted" => be_interrupted(place),
        "count in Redis" => redis::count_in(place),
        _ => faults::play(&role, place),
    }
}

/// How many of the calls are let through.
fn count(user: &FileUser) -> u32 {
    let limits = usual();
    let allowed = |_| user.may_send(&limits).expect("it waits for the others");
    (0..CALLS).map(allowed).filter(|&allowed| allowed).count() as u32
}

fn usual() -> Limits {
    only(Limit::SendsApp, MOST)
}

#[test]
fn processes_let_exactly_as_many_through_as_the_limit_says() {
    let folder = Folder::new();
    let processes: Vec<Child> = (0..PROCESSES).map(|_| start("count", &folder.file())).collect();
    let allowed = |process| said(process).trim().parse::<u32>().expect("a number");
    assert_eq!(processes.into_iter().map(allowed).sum::<u32>(), MOST);
    assert_eq!(FileUser::new(&folder.file()).sends(), Ok(MOST));
}

#[test]
fn threads_let_exactly_as_many_through_as_the_limit_says() {
    let folder = Folder::new();
    let user = FileUser::new(&folder.file());
    assert_eq!(in_threads(|| count(&user)), MOST);
    let (memory, whose, limits) = (Memory::new(), subjects()[0], usual());
    let count = || {
        let step = || memory.step(Process::current(), &Step::Send, &whose, &limits, NOW);
        (0..CALLS).filter(|_| step().refused.is_none()).count() as u32
    };
    assert_eq!(in_threads(count), MOST);
}

/// The sum of what many threads return.
pub(super) fn in_threads(work: impl Fn() -> u32 + Sync) -> u32 {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends well")).sum()
    })
}

/// Writes until it is killed, and says so after each step.
fn write(place: &Path) {
    let (user, limits) = (FileUser::new(place), only(Limit::SendsApp, u16::MAX.into()));
    for whose in subjects().iter().cycle() {
        let decision = user.step(&Step::Send, whose, &limits, NOW).expect("a step");
        assert_eq!(decision.refused, None);
        eprintln!("done");
    }
}

#[test]
fn a_killed_writer_loses_no_count_and_blocks_nobody() {
    let folder = Folder::new();
    let user = FileUser::new(&folder.file());
    let mut random = Random(1);
    let mut done = 0;
    for kill in 1..=KILLS {
        let mut writer = start("write", &folder.file());
        let mut output = BufReader::new(writer.stderr.take().expect("a pipe"));
        let mut told = String::new();
        output.read_line(&mut told).expect("it writes");
        thread::sleep(Duration::from_micros(random.next() % 2000));
        kill_at_once(&mut writer);
        output.read_to_string(&mut told).expect("text");
        done += told.lines().count() as u32;
        let counted = user.sends().expect("the file can be used");
        // Each may have counted one that it could not say any more.
        assert!((done..=done + kill).contains(&counted), "{done} of {kill}: {counted}");
    }
}

#[test]
fn a_process_that_is_killed_while_it_makes_the_file_leaves_one_that_can_be_used() {
    for _ in 0..KILLS / 5 {
        let folder = Folder::new();
        let mut writer = start("write", &folder.file());
        while !folder.file().exists() {
            std::hint::spin_loop();
        }
        kill_at_once(&mut writer);
        assert!(FileUser::new(&folder.file()).sends().is_ok());
    }
}

fn kill_at_once(process: &mut Child) {
    process.kill().expect("it runs");
    assert_eq!(process.wait().expect("it has ended").signal(), Some(libc::SIGKILL));
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
    assert!(TICKS.load(Ordering::Relaxed) > 100, "there were no signals");
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
