//! Plays the fault matrix: what a call answers when the network or the service fails in a given way,
//! and how often the service saw it. `fault-matrix.md` is printed from the same table.
//!
//! Every call is made by a process of its own, over real sockets.
#![cfg(target_os = "linux")]

mod support;

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use verifysms::{Client, Code, Reached};

use support::client_process::{self, ClientProcess, Driver, Outcome, Remains, Settings, Step};
use support::matrix::matrix;
use support::resolver::{Resolver, skip};
use support::scene::{AUTHORITY, Earlier, Fault, LONG, SHORT, Scene};
use support::server::Server;
use support::{CODE, KEY, TO};

/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(100);
/// What a call may add to the memory of its process, in KiB, whatever the server sends.
const MEMORY: usize = 8 * 1024;

/// What a sentence for people has no place for: other programs' names for errors, and where to read
/// about them.
const FOREIGN: [&str; 10] = [
    "Other(", "Error(", "Os {", "Error {", "io:", "docs.rs", "rustls", "http://", "https://",
    "/403",
];

/// The host of an address.
fn host(url: &str) -> &str {
    let authority = url.split("//").nth(1).unwrap_or_default();
    authority.split(['/', ':']).next().unwrap_or_default()
}

impl Fault {
    /// What is wrong with how a call to `url` ended.
    fn complaints(&self, step: Step, url: &str, outcome: &Outcome) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut expect = |fine: bool, complaint: String| {
            if !fine {
                complaints.push(complaint);
            }
        };
        let (code, reached) = (outcome.code(), outcome.reached());
        let wanted = (self.code(step), self.reached);
        expect(
            (code, reached) == wanted,
            format!("{code} {reached} instead of {} {} ({})", wanted.0, wanted.1, outcome.sentence),
        );
        expect(
            reached == Reached::No || outcome.attempts == 1,
            format!("{} attempts though the request left", outcome.attempts),
        );
        for text in FOREIGN {
            expect(!outcome.sentence.contains(text), format!("{text:?} in: {}", outcome.sentence));
        }
        let letters = outcome.sentence.as_bytes();
        let has_a_name_of_code =
            |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
        expect(
            !letters.windows(2).any(has_a_name_of_code),
            format!("a name of code in: {}", outcome.sentence),
        );
        let is_of_the_network =
            matches!(code, Code::Connect | Code::Tls | Code::Timeout | Code::ConnectionLost);
        expect(
            !is_of_the_network || outcome.sentence.contains(host(url)),
            format!("does not name the host: {}", outcome.sentence),
        );
        for secret in [KEY, CODE, TO] {
            expect(!outcome.sentence.contains(secret), format!("says {secret}"));
        }
        complaints
    }
}

/// How late a call ended, if it did.
fn lateness(scene: &Scene, outcome: &Outcome) -> Option<String> {
    // A build without optimisation takes its time to write and wipe a message of megabytes.
    let unhurried = Duration::from_nanos(60) * u32::try_from(scene.message).unwrap_or(u32::MAX);
    let limit = if scene.timeout == SHORT { SHORT + LATE + unhurried } else { LONG / 2 };
    let elapsed = outcome.elapsed;
    (elapsed > limit).then(|| format!("it took {elapsed:?}, and may take {limit:?}"))
}

/// Plays one scene, and tells what was not as it should be. What is late is played again: a busy
/// machine delays a call now and then, a defect always does.
fn play(fault: &Fault, scene: &Scene, step: Step, driver: Driver) -> Result<Vec<String>, String> {
    for _ in 0..3 {
        let (outcome, complaints) = play_once(fault, scene, step, driver)?;
        if !complaints.is_empty() || lateness(scene, &outcome).is_none() {
            return Ok(complaints);
        }
    }
    let (outcome, complaints) = play_once(fault, scene, step, driver)?;
    Ok(complaints.into_iter().chain(lateness(scene, &outcome)).collect())
}

fn play_once(
    fault: &Fault,
    scene: &Scene,
    step: Step,
    driver: Driver,
) -> Result<(Outcome, Vec<String>), String> {
    let stage = (scene.stage)(step)?;
    let settings = Settings {
        url: stage.url(),
        timeout: scene.timeout,
        connect_timeout: scene.connect_timeout,
        ca_file: stage.url().starts_with("https").then(|| AUTHORITY.file()),
        proxy: stage.proxy.clone(),
        message: if step == Step::Send { scene.message } else { 0 },
        driver,
    };
    let resolver = stage.resolver.as_ref().map(Resolver::file);
    let mut client = ClientProcess::start("client_process", &settings, resolver);
    let mut earlier = 0;
    if let Some(before) = scene.earlier {
        client.call(if before == Earlier::Same { step } else { Step::Send });
        earlier = 1;
        (scene.before)(stage.server.as_ref().expect("a server answered the call before"));
    }
    let outcome = client.call(step);
    let Remains { descriptors, threads, memory } = client.finish();

    let mut complaints = fault.complaints(step, &settings.url, &outcome);
    let mut expect = |fine: bool, complaint: String| {
        if !fine {
            complaints.push(complaint);
        }
    };
    let seen = stage.server.as_ref().map_or(0, |server| {
        server.settle();
        server.requests().len() - earlier
    });
    expect(seen == fault.requests, format!("the server saw {seen} requests"));
    let strayed = stage.bystander.as_ref().map_or(0, Server::settle);
    expect(strayed == 0, "another server was spoken to".into());
    expect(descriptors.0 == descriptors.1, format!("descriptors {descriptors:?}"));
    expect(threads.0 == threads.1, format!("threads {threads:?}"));
    let most = MEMORY + settings.message / 1024 * 6;
    expect(memory < most, format!("{memory} KiB of memory"));
    Ok((outcome, complaints))
}

/// In TLS 1.3 the client is done before the server looks at its certificate: the request may have left by
/// then, or not.
#[test]
fn a_service_that_wants_a_certificate_in_tls_1_3_answers_no_call() {
    for _ in 0..20 {
        let config = AUTHORITY.wanting_a_certificate(&rustls::version::TLS13);
        let server = Server::start_tls(config, |_| {});
        let builder = Client::builder(KEY).sender("Acme").url(&server.url());
        let client = builder.ca_file(AUTHORITY.file()).build().expect("valid settings");
        let error = client.send(TO).expect_err("no message was accepted");
        let end = (error.code(), error.reached());
        let ends = [(Code::Tls, Reached::No), (Code::ConnectionLost, Reached::Unknown)];
        assert!(ends.contains(&end), "{end:?}: {error}");
        assert!(error.to_string().contains("it wants a certificate"), "{error}");
    }
}

#[test]
fn every_fault_ends_as_the_matrix_says() {
    let matrix = matrix();
    let scenes: Vec<_> = matrix
        .iter()
        .flat_map(|fault| fault.scenes.iter().map(move |scene| (fault, scene)))
        .flat_map(|(fault, scene)| [(fault, scene, Step::Send), (fault, scene, Step::Check)])
        .flat_map(|(fault, scene, step)| {
            [Driver::Call, Driver::Loop].map(|driver| (fault, scene, step, driver))
        })
        .collect();
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(&(fault, scene, step, driver)) =
                    scenes.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let title = format!("{} [{}] {step:?} {driver:?}", fault.name, scene.label);
                    match play(fault, scene, step, driver) {
                        Ok(found) => complaints
                            .lock()
                            .expect("no thread panics with the lock")
                            .extend(found.into_iter().map(|found| format!("{title}: {found}"))),
                        Err(why) => skip(&title, &why),
                    }
                }
            });
        }
    });
    let mut complaints = complaints.into_inner().expect("no thread panics with the lock");
    complaints.sort();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The table as the documentation shows it.
fn page() -> String {
    let mut page = String::from(
        "# What a call answers when something fails\n\n\
         Printed by `tests/faults.rs`, which plays every row over real sockets, for a Send and for a\n\
         Check. Whatever the row, the call ends within its deadline, the service sees at most one\n\
         request, no descriptor and no thread is left, and nobody is verified whom the service did\n\
         not verify.\n\n\
         | fault | Send | Check | reached | may it be repeated? | requests seen |\n\
         |---|---|---|---|---|---|\n",
    );
    for fault in matrix() {
        let repeated = match fault.reached {
            Reached::No => "yes",
            Reached::Yes => "the answer decides",
            _ => "only by your own decision",
        };
        let Fault { name, send, check, reached, requests, .. } = fault;
        writeln!(page, "| {name} | {send} | {check} | {reached} | {repeated} | {requests} |")
            .expect("a String takes everything");
    }
    page
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fault-matrix.md");

#[test]
fn the_page_is_the_table() {
    let stored = std::fs::read_to_string(PAGE).expect("the page is there");
    assert_eq!(stored, page(), "run `cargo test --test faults -- --ignored print_the_page`");
}

#[test]
#[ignore = "writes tests/fault-matrix.md"]
fn print_the_page() {
    std::fs::write(PAGE, page()).expect("the page can be written");
}

#[test]
#[ignore = "the process that the matrix makes its calls in"]
fn client_process() {
    client_process::serve();
}
