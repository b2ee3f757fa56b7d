//! Many processes and threads at once: as many are let through as a limit says, whatever becomes of the
//! others.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::history::subjects;
use super::place::{FileUser, Folder, NOW, only};
use super::stores::Random;
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
        #[cfg(unix)]
        role => super::forks::play(role, place),
        #[cfg(not(unix))]
        role => panic!("no role {role}"),
    }
}

/// How many of the calls are let through.
pub(super) fn count(user: &FileUser) -> u32 {
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
    assert!(!process.wait().expect("it has ended").success());
}
