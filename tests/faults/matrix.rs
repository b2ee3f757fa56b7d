//! Plays the fault matrix: what a call answers when the network or the service fails in a given way,
//! and how often the service saw it. `fault-matrix.md` is printed from the same table.
//!
//! Every call is made by a process of its own, over real sockets. With `FAULT` in the environment only
//! the rows with this in their name are played: `FAULT=RST cargo test --test faults every_fault`.

use std::fmt::Write as _;
use std::time::Duration;

use verifysms::{Code, Reached};

use crate::support::client_process::{
    CallReport, ClientProcess, ClientSettings, Interface, ResourceUse,
};
use crate::support::dns::{NameServer, skip};
use crate::support::script::Operation;
use crate::support::server::RawServer;
use crate::support::{CA, CODE, KEY, TO, client, failure, play_all};

use super::scenario::{Earlier, Expected, Fault, LONG, SHORT, Scenario};
use super::{connecting, framing, responses};

/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(100);
/// What a call may add to the memory of its process, in KiB, whatever the server sends.
const MEMORY: usize = 8 * 1024;

/// What a message for people must not contain: other programs' names for errors, and where to read
/// about them.
const FOREIGN: [&str; 10] = [
    "Other(", "Error(", "Os {", "Error {", "io:", "docs.rs", "rustls", "http://", "https://",
    "/403",
];

/// The whole table.
pub(crate) fn matrix() -> Vec<Fault> {
    let before = responses::rows_before_framing();
    let after = responses::rows_after_framing();
    [connecting::rows(), before, framing::rows(), after].into_iter().flatten().collect()
}

/// The host of an address.
fn host(url: &str) -> &str {
    let authority = url.split("//").nth(1).unwrap_or_default();
    authority.split(['/', ':']).next().unwrap_or_default()
}

impl Expected {
    /// What is wrong with how a call to `url` ended.
    fn complaints(&self, operation: Operation, url: &str, report: &CallReport) -> Vec<String> {
        let mut complaints = Vec::new();
        let message = &report.message;
        let mut expect = |holds: bool, complaint: String| {
            if !holds {
                complaints.push(complaint);
            }
        };
        let end @ (code, reached) = report.end();
        let wanted = (self.code(operation), self.reached);
        expect(
            end == wanted,
            format!("{code} {reached} instead of {} {} ({message})", wanted.0, wanted.1),
        );
        expect(
            reached == Reached::No || report.attempts == 1,
            format!("{} attempts though the request left", report.attempts),
        );
        for text in FOREIGN {
            expect(!message.contains(text), format!("{text:?} in: {message}"));
        }
        let is_camel_case =
            |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
        expect(
            !message.as_bytes().windows(2).any(is_camel_case),
            format!("a name of code in: {message}"),
        );
        let is_of_the_network =
            matches!(code, Code::Connect | Code::Tls | Code::Timeout | Code::ConnectionLost);
        expect(
            !is_of_the_network || message.contains(host(url)),
            format!("does not name the host: {message}"),
        );
        for secret in [KEY, CODE, TO] {
            expect(!message.contains(secret), format!("says {secret}"));
        }
        complaints
    }
}

/// How late a call ended, if it did.
fn lateness(scenario: &Scenario, report: &CallReport) -> Option<String> {
    // A build without optimisation takes its time to write and wipe a message of megabytes.
    let unhurried = Duration::from_nanos(60) * u32::try_from(scenario.message).unwrap_or(u32::MAX);
    let limit = if scenario.timeout == SHORT { SHORT + LATE + unhurried } else { LONG / 2 };
    let elapsed = report.elapsed;
    (elapsed > limit).then(|| format!("it took {elapsed:?}, and may take {limit:?}"))
}

/// One call in one scenario.
#[derive(Clone, Copy)]
struct Case<'a> {
    fault: &'a Fault,
    scenario: &'a Scenario,
    operation: Operation,
    interface: Interface,
}

impl Case<'_> {
    /// Plays the case, and tells what was not as it should be. What is late is played again: a busy
    /// machine delays a call now and then, a defect always does. An error says why this machine
    /// cannot play it.
    fn play(self) -> Result<Vec<String>, String> {
        for _ in 0..3 {
            let (report, complaints) = self.play_once()?;
            if !complaints.is_empty() || lateness(self.scenario, &report).is_none() {
                return Ok(complaints);
            }
        }
        let (report, complaints) = self.play_once()?;
        Ok(complaints.into_iter().chain(lateness(self.scenario, &report)).collect())
    }

    fn play_once(self) -> Result<(CallReport, Vec<String>), String> {
        let Case { fault, scenario, operation, interface } = self;
        let setup = (scenario.set_up)(operation)?;
        let settings = ClientSettings {
            timeout: scenario.timeout,
            connect_timeout: scenario.connect_timeout,
            ca_file: setup.url().starts_with("https").then(|| CA.file()),
            proxy: setup.proxy.clone(),
            message: if operation == Operation::Send { scenario.message } else { 0 },
            interface,
            ..ClientSettings::new(setup.url())
        };
        let resolv_conf = setup.name_server.as_ref().map(NameServer::file);
        let mut client = ClientProcess::start(&settings, resolv_conf);
        if let Some(earlier) = scenario.earlier {
            client.call(if earlier == Earlier::TheSame { operation } else { Operation::Send });
            (scenario.before)(setup.server.as_ref().expect("a server answered the earlier call"));
        }
        let report = client.call(operation);
        let ResourceUse { descriptors, threads, memory } = client.finish();

        let mut complaints = fault.expected.complaints(operation, &settings.url, &report);
        let mut expect = |holds: bool, complaint: String| {
            if !holds {
                complaints.push(complaint);
            }
        };
        let seen = setup.server.as_ref().map_or(0, |server| {
            server.settle();
            server.requests().len() - usize::from(scenario.earlier.is_some())
        });
        expect(seen == fault.expected.requests, format!("the server saw {seen} requests"));
        let strayed = setup.bystander.as_ref().map_or(0, RawServer::settle);
        expect(strayed == 0, "another server was spoken to".into());
        expect(descriptors.0 == descriptors.1, format!("descriptors {descriptors:?}"));
        expect(threads.0 == threads.1, format!("threads {threads:?}"));
        let most = MEMORY + settings.message / 1024 * 6;
        expect(memory < most, format!("{memory} KiB of memory"));
        Ok((report, complaints))
    }
}

/// In TLS 1.3 the client is done before the server looks at its certificate: the request may have left by
/// then, or not.
#[test]
fn a_service_that_wants_a_certificate_in_tls_1_3_answers_no_call() {
    for _ in 0..20 {
        let server = RawServer::start_tls(CA.with_client_auth(&rustls::version::TLS13), drop);
        let error = client(&server.url()).send(TO).expect_err("no message was accepted");
        let end = failure(&error);
        let ends = [(Code::Tls, Reached::No), (Code::ConnectionLost, Reached::Unknown)];
        assert!(ends.contains(&end), "{end:?}: {error}");
        assert!(error.to_string().contains("it wants a certificate"), "{error}");
    }
}

#[test]
fn every_fault_ends_as_the_matrix_says() {
    let only = std::env::var("FAULT").unwrap_or_default();
    let matrix = matrix();
    let mut cases = Vec::new();
    // Wine's recv makes an orderly end of this RST; Windows' own says WSAECONNRESET.
    let is_hidden = |name: &str| cfg!(windows) && name == "an answer without a length ends in RST";
    let is_played = |fault: &&Fault| fault.name.contains(&only) && !is_hidden(fault.name);
    for fault in matrix.iter().filter(is_played) {
        for scenario in &fault.scenarios {
            for operation in [Operation::Send, Operation::Check] {
                for interface in [Interface::Blocking, Interface::EventLoop] {
                    cases.push(Case { fault, scenario, operation, interface });
                }
            }
        }
    }
    assert!(!cases.is_empty(), "no fault has {only:?} in its name");
    let complaints = play_all(6, &cases, |case| {
        let Case { fault, scenario, operation, interface } = case;
        let title = format!("{} [{}] {operation:?} {interface:?}", fault.name, scenario.label);
        match case.play() {
            Ok(found) => found.iter().map(|found| format!("{title}: {found}")).collect(),
            Err(why) => {
                skip(&title, &why);
                Vec::new()
            }
        }
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The table as the documentation shows it.
fn page() -> String {
    let mut page = String::from(
        "# What a call answers when something fails\n\n\
         Printed from `tests/faults` by `cargo test --test faults print_the_page -- --ignored`; change the\n\
         rows there. A test plays every row over real sockets, for a Send and for a Check. Whatever the row,\n\
         the call ends within its deadline, the service sees at most one request, no descriptor and no\n\
         thread is left, and nobody is verified whom the service did not verify.\n\n\
         | fault | Send | Check | reached | may it be repeated? | requests seen |\n\
         |---|---|---|---|---|---|\n",
    );
    for fault in matrix() {
        let Expected { send, check, reached, requests } = fault.expected;
        let repeated = match reached {
            Reached::No => "yes",
            Reached::Yes => "the answer decides",
            _ => "only by your own decision",
        };
        let name = fault.name;
        writeln!(page, "| {name} | {send} | {check} | {reached} | {repeated} | {requests} |")
            .expect("a String takes everything");
    }
    page
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fault-matrix.md");

#[test]
fn the_page_is_the_table() {
    let stored = std::fs::read_to_string(PAGE).expect("the page is there");
    assert_eq!(stored, page(), "run `cargo test --test faults print_the_page -- --ignored`");
}

#[test]
#[ignore = "writes tests/fault-matrix.md"]
fn print_the_page() {
    std::fs::write(PAGE, page()).expect("the page can be written");
}
