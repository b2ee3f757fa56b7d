//! Plays the faults of the guard's stores: what becomes of each limit when its store is not as it should be.
//! `guard-faults.md` is printed from the same table.
//!
//! Each row is played for every limit and for every setting of what to do without the store: two calls of which
//! the limit allows one.
#![cfg(unix)]

mod servers;

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use servers::{Held, has_redis, redis, silent, socket, tell, with_lock};
use verifysms::sandbox::{Options, Sandbox};
use verifysms::{Builder, Client, Code, Error, GuardFailure, Limit, Request};

/// What is done meanwhile, and its name in the table.
const POLICIES: [(GuardFailure, &str); 3] = [
    (GuardFailure::Local, "local"),
    (GuardFailure::Refuse, "refuse"),
    (GuardFailure::Allow, "allow"),
];
/// How long a step waits for its store.
const TIMEOUT: Duration = Duration::from_millis(100);

/// What becomes of two calls of which the limit allows one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The second is refused.
    Holds,
    /// Both pass.
    IsLost,
    /// From the fault on no call leaves.
    Down,
}

impl Outcome {
    fn text(self) -> &'static str {
        match self {
            Outcome::Holds => "the second is refused",
            Outcome::IsLost => "both pass",
            Outcome::Down => "`GUARD_DOWN`",
        }
    }
}

/// By local, refuse and allow.
type Outcomes = [Outcome; 3];

const HOLDS: Outcomes = [Outcome::Holds; 3];
const IS_LOST: Outcomes = [Outcome::IsLost; 3];
/// The store cannot be asked.
const IS_AWAY: Outcomes = [Outcome::Holds, Outcome::Down, Outcome::IsLost];

/// It cannot be asked at the second call.
const GOES_AWAY: Outcomes = [Outcome::IsLost, Outcome::Down, Outcome::IsLost];

/// What is wrong, before the first call or between the two.
struct Fault {
    store: &'static str,
    name: &'static str,
    outcomes: Outcomes,
    before: fn(&Place) -> Held,
    between: fn(&Place, Held) -> Held,
    /// The second call is another client's.
    is_of_two: bool,
}

/// A folder of a case, and the file of the guard in it.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn new() -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("verifysms-guard-faults-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).expect("a folder");
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).expect("our own");
        Place { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("guard")
    }

    /// Makes a file with this in it.
    fn write(&self, content: &[u8]) {
        fs::write(self.file(), content).expect("our own");
        self.set_mode(&self.file(), 0o600);
    }

    fn set_mode(&self, path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // A row removes it.
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn nothing(_: &Place) -> Held {
    None
}

fn nothing_between(_: &Place, held: Held) -> Held {
    held
}

/// A fault of the file that is there before the first call.
fn of_file(name: &'static str, before: fn(&Place) -> Held) -> Fault {
    let outcomes = IS_AWAY;
    Fault { store: "file", name, outcomes, before, between: nothing_between, is_of_two: false }
}

/// A fault of Redis that is there before the first call.
fn of_redis(name: &'static str, before: fn(&Place) -> Held) -> Fault {
    Fault { store: "Redis", ..of_file(name, before) }
}

/// A server without a fault.
fn fine_redis(place: &Place) -> Held {
    redis(&place.folder, &[])
}

fn rows() -> Vec<Fault> {
    let fine = |store, is_of_two, outcomes| Fault {
        store,
        name: if is_of_two { "none; the calls of two clients" } else { "none" },
        outcomes,
        before: if store == "Redis" { fine_redis } else { nothing },
        between: nothing_between,
        is_of_two,
    };
    let fault_between =
        |name, outcomes, between| Fault { outcomes, between, ..of_redis(name, fine_redis) };
    vec![
        fine("memory", false, HOLDS),
        fine("memory", true, IS_LOST),
        fine("file", false, HOLDS),
        fine("file", true, HOLDS),
        of_file("its folder is missing", |place| {
            fs::remove_dir(&place.folder).expect("it is empty");
            None
        }),
        of_file("everybody may write to its folder", |place| {
            place.set_mode(&place.folder, 0o777);
            None
        }),
        of_file("others may read it", |place| {
            place.write(b"");
            place.set_mode(&place.file(), 0o644);
            None
        }),
        of_file("it is a symbolic link", |place| {
            symlink("elsewhere", place.file()).expect("a link");
            None
        }),
        of_file("it has a second name", |place| {
            place.write(b"");
            fs::hard_link(place.file(), place.folder.join("second")).expect("a link");
            None
        }),
        of_file("it is a FIFO", |place| {
            let made = Command::new("mkfifo").args(["-m", "600"]).arg(place.file()).status();
            assert!(made.expect("mkfifo").success());
            None
        }),
        of_file("it is a folder", |place| {
            fs::create_dir(place.file()).expect("a folder");
            None
        }),
        of_file("it is another program's", |place| {
            place.write(b"something else");
            None
        }),
        of_file("another process has it locked for longer than a call waits", |place| {
            place.write(b"");
            with_lock(&place.file())
        }),
        Fault {
            between: |place, held| {
                fs::remove_file(place.file()).expect("it was made");
                held
            },
            outcomes: IS_LOST,
            ..of_file("it is removed between two calls: it begins anew", nothing)
        },
        Fault {
            between: |place, held| {
                let file = File::options().write(true).open(place.file()).expect("our own");
                file.set_len(4096).expect("our own");
                held
            },
            outcomes: GOES_AWAY,
            ..of_file("it is cut between two calls", nothing)
        },
        fine("Redis", false, HOLDS),
        fine("Redis", true, HOLDS),
        of_redis("nobody listens", nothing),
        of_redis("it never answers", |place| silent(&place.folder)),
        of_redis("it wants a password", |place| {
            redis(&place.folder, &["--requirepass", "hunter2"])
        }),
        of_redis("it is a replica", |place| {
            redis(&place.folder, &["--replicaof", "127.0.0.1", "1"])
        }),
        of_redis("its memory is full, and it may evict nothing", |place| {
            redis(&place.folder, &["--maxmemory", "1", "--maxmemory-policy", "noeviction"])
        }),
        fault_between("it is killed between two calls", GOES_AWAY, |_, _| None),
        fault_between("it forgets the script between two calls", HOLDS, |place, held| {
            tell(&place.folder, "SCRIPT FLUSH").expect("it answers");
            held
        }),
        fault_between("it evicts the counts between two calls", IS_LOST, |place, held| {
            tell(&place.folder, "FLUSHALL").expect("it answers");
            held
        }),
        fault_between(
            "it starts anew between two calls, without persistence",
            IS_LOST,
            |place, held| {
                drop(held);
                redis(&place.folder, &[])
            },
        ),
        Fault {
            outcomes: HOLDS,
            between: |place, held| {
                drop(held);
                redis(&place.folder, &["--appendonly", "yes"])
            },
            ..of_redis("it starts anew between two calls, with an append-only file", |place| {
                redis(&place.folder, &["--appendonly", "yes", "--appendfsync", "always"])
            })
        },
    ]
}

/// A client on which the limit allows one call, and no other limit is on.
fn client(settings: &Builder, limit: Limit) -> Client {
    let off =
        Limit::ALL.iter().fold(settings.clone(), |settings, &other| settings.limit(other, 0, 0));
    off.limit(limit, 1, 3600).build().expect("valid settings")
}

/// Makes a call that the limit counts.
fn call(client: &Client, limit: Limit, request: &Request) -> Result<(), Error> {
    match limit {
        Limit::Tries | Limit::FailuresNumber | Limit::FailuresUser => {
            client.check_request(request, "none").map(drop)
        }
        _ => client.send_request(request).map(drop),
    }
}

impl Fault {
    fn play(&self, sandbox: &Sandbox, limit: Limit, policy: GuardFailure) -> Outcome {
        let place = Place::new();
        let store = match self.store {
            "memory" => "memory:".to_owned(),
            "Redis" => format!("redis+unix://{}", socket(&place.folder).display()),
            _ => format!("file:{}", place.file().display()),
        };
        let settings = sandbox.client().sender("Acme").guard(Some(&store));
        let settings = settings.guard_failure(policy).guard_timeout(TIMEOUT);
        let request = Request::new("0501234567").end_user("203.0.113.7");
        let held = (self.before)(&place);
        let first_client = client(&settings, limit);
        let first = call(&first_client, limit, &request);
        let held = (self.between)(&place, held);
        let second_client = self.is_of_two.then(|| client(&settings, limit));
        let second = call(second_client.as_ref().unwrap_or(&first_client), limit, &request);
        drop(held);
        let is_down = |error: &Error| error.code() == Code::GuardDown;
        match (first, second) {
            (Ok(()), Ok(())) => Outcome::IsLost,
            (Ok(()), Err(error)) if error.code() == Code::Limited => {
                assert_eq!(error.limit(), Some(limit));
                Outcome::Holds
            }
            (Ok(()), Err(error)) if is_down(&error) => Outcome::Down,
            (Err(first), Err(second)) if is_down(&first) && is_down(&second) => Outcome::Down,
            ends => panic!("{}: {limit}: {ends:?}", self.name),
        }
    }
}

#[test]
fn every_limit_fares_as_the_page_says() {
    let has_redis = has_redis();
    for fault in rows() {
        if fault.store == "Redis" && !has_redis {
            println!("skipped: no redis-server: {}", fault.name);
            continue;
        }
        let sandbox = Sandbox::start(Options::new()).expect("a sandbox");
        for ((policy, name), expected) in POLICIES.into_iter().zip(fault.outcomes) {
            for limit in Limit::ALL {
                let before = sandbox.requests().len();
                let outcome = fault.play(&sandbox, limit, policy);
                let title = format!("{}, {}, {name}, {limit}", fault.store, fault.name);
                assert_eq!(outcome, expected, "{title}");
                let left = sandbox.requests().len() - before;
                assert!(
                    left == 2 || outcome != Outcome::IsLost && left < 2,
                    "{title}: {left} requests"
                );
            }
        }
    }
}

/// The table as the documentation shows it.
fn page() -> String {
    let mut page = String::from(
        "# What becomes of a limit when its store fails\n\n\
         Printed from `tests/guard/faults.rs` by\n\
         `cargo test --features sandbox --test guard_faults print_the_page -- --ignored`; change the rows there.\n\
         A test plays every row for each of the nine limits and each setting of what to do without the store\n\
         (`guard_failure`): two calls of which the limit allows one. What is refused, or ends as `GUARD_DOWN`,\n\
         sends nothing. A store that cannot be asked costs a call its timeout at most, and the calls of the next\n\
         second nothing.\n\n\
         | store | fault | local (default) | refuse | allow |\n\
         |---|---|---|---|---|\n",
    );
    for Fault { store, name, outcomes, .. } in rows() {
        let [local, refuse, allow] = outcomes.map(Outcome::text);
        writeln!(page, "| {store} | {name} | {local} | {refuse} | {allow} |")
            .expect("a String takes everything");
    }
    page
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard-faults.md");

#[test]
fn the_page_is_the_table() {
    let stored = fs::read_to_string(PAGE).expect("the page is there");
    assert_eq!(stored, page(), "print_the_page writes it anew");
}

#[test]
#[ignore = "writes tests/guard-faults.md"]
fn print_the_page() {
    fs::write(PAGE, page()).expect("the page can be written");
}
