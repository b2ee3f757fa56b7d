//! A name server on loopback, for a client process that lives in a mount namespace of its own.
//!
//! glibc asks port 53 only, so this takes the rights of root.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

use super::server::PATIENCE;

/// How the name server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DnsFault {
    NoAnswer,
    NxDomain,
    ServFail,
    /// Every name is 127.0.0.1. Like some home routers, it does not answer AAAA queries.
    OnlyA,
    /// Every name is ::1. It does not answer A queries.
    OnlyAaaa,
}

impl DnsFault {
    /// The answer to a question, if there is one (RFC 1035, 4.1; RFC 3596, 2).
    fn answer(self, question: &[u8]) -> Option<Vec<u8>> {
        // The question is the last thing but for what EDNS adds: its name, type and class.
        let name = 12 + question.get(12..)?.iter().position(|&byte| byte == 0)? + 1;
        let kind = *question.get(name + 1)?;
        let (flags, address) = match (self, kind) {
            (DnsFault::NxDomain, _) => (NXDOMAIN, None),
            (DnsFault::ServFail, _) => (SERVFAIL, None),
            (DnsFault::OnlyA, A) => (NOERROR, Some(Ipv4Addr::LOCALHOST.octets().to_vec())),
            (DnsFault::OnlyAaaa, AAAA) => (NOERROR, Some(Ipv6Addr::LOCALHOST.octets().to_vec())),
            (DnsFault::NoAnswer | DnsFault::OnlyA | DnsFault::OnlyAaaa, _) => return None,
        };
        let mut answer = question.get(..name + 4)?.to_vec();
        answer[2..4].copy_from_slice(&flags);
        // One question, as many answers as there are, nothing else.
        answer[4..12].copy_from_slice(&[0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
        if let Some(address) = address {
            // The question's name; the class is the internet's, and the answer holds for an hour.
            answer.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 14, 16, 0]);
            answer.push(u8::try_from(address.len()).expect("an address is short"));
            answer.extend(address);
        }
        Some(answer)
    }
}

/// A bound name server and the resolv.conf that leads to it.
pub(crate) struct NameServer {
    address: SocketAddr,
    file: PathBuf,
    serving: Option<JoinHandle<()>>,
    socket: UdpSocket,
}

/// The flags of a DNS answer: a response, recursion desired and available, NXDOMAIN (RFC 1035).
const NXDOMAIN: [u8; 2] = [0x81, 0x83];
/// The same, SERVFAIL.
const SERVFAIL: [u8; 2] = [0x81, 0x82];
/// The same, no error.
const NOERROR: [u8; 2] = [0x81, 0x80];
/// The types of questions for addresses.
const A: u8 = 1;
const AAAA: u8 = 28;

impl NameServer {
    /// The error says why this machine does not let a test have one.
    pub(crate) fn start(fault: DnsFault) -> Result<NameServer, String> {
        let allowed = Command::new("unshare").args(["--mount", "true"]).output();
        if !allowed.is_ok_and(|output| output.status.success()) {
            return Err("a mount namespace takes the rights of root".into());
        }
        let socket = (60..250)
            .find_map(|last| UdpSocket::bind((Ipv4Addr::new(127, 0, 0, last), 53)).ok())
            .ok_or("port 53 takes the rights of root")?;
        let address = socket.local_addr().map_err(|error| error.to_string())?;
        let name = format!("resolv-{}-{}.conf", std::process::id(), address.ip());
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // One question and one second, so that the lookup does not long outlive the call.
        let text = format!("nameserver {}\noptions timeout:1 attempts:1\n", address.ip());
        std::fs::write(&file, text).map_err(|error| error.to_string())?;
        let serving = (fault != DnsFault::NoAnswer).then(|| {
            let socket = socket.try_clone().expect("a socket can be cloned");
            std::thread::spawn(move || {
                let mut question = [0; 512];
                while let Ok((count, from)) = socket.recv_from(&mut question) {
                    if count < 4 {
                        break;
                    }
                    if let Some(answer) = fault.answer(&question[..count]) {
                        let _ = socket.send_to(&answer, from);
                    }
                }
            })
        });
        Ok(NameServer { address, file, serving, socket })
    }

    /// Waits until a silent name server was asked for a name's addresses, of both families.
    pub(crate) fn wait_for_queries(&self) {
        self.socket.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
        for _ in 0..2 {
            self.socket.recv_from(&mut [0; 512]).expect("a question comes");
        }
    }

    /// The file to put in resolv.conf's place.
    pub(crate) fn file(&self) -> &str {
        self.file.to_str().expect("a path in UTF-8")
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.take() {
            // A question that is too short to be one ends the server.
            let sent = UdpSocket::bind("127.0.0.1:0").and_then(|s| s.send_to(&[0], self.address));
            if sent.is_ok() {
                let _ = serving.join();
            }
        }
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Names a test that this machine cannot run; `cargo test -- --nocapture` shows it. With CI in the
/// environment that is a failure, unless it is made for another system.
pub(crate) fn skip(what: &str, why: &str) {
    let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!in_ci || cfg!(windows), "{what}: {why}");
    eprintln!("skipped: {what}: {why}");
}
