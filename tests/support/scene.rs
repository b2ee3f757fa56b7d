//! What a row of the fault matrix is made of: a fault, and the scenes in which it comes about.
//!
//! Knows how a scene is set, and neither what is expected of the client nor how it is looked at.

use std::any::Any;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::ServerConfig;
use verifysms::{Code, Reached};

use super::client_process::Step;
use super::http::{answer, ok};
use super::resolver::{Manner, Resolver};
use super::server::{Closed, Peer, Server, Silent};
use super::tls::Authority;
use super::{SENT, SENT_BEFORE, VERIFIED};

/// The deadline of a call that is to run into it.
pub(crate) const SHORT: Duration = Duration::from_millis(400);
/// The deadline of a call that is to end by itself.
pub(crate) const LONG: Duration = Duration::from_secs(8);

/// Whom the client is told to trust; its file is named after the test program.
pub(crate) static AUTHORITY: LazyLock<Authority> =
    LazyLock::new(|| Authority::new(concat!(env!("CARGO_CRATE_NAME"), "-ca.pem")));

/// What a server does on a connection, to a Send or to a Check.
pub(crate) type Script = Arc<dyn Fn(Peer, Step) + Send + Sync>;

/// A row of the matrix.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) send: Code,
    pub(crate) check: Code,
    pub(crate) reached: Reached,
    /// How many requests the server saw, whole or in part.
    pub(crate) requests: usize,
    pub(crate) scenes: Vec<Scene>,
}

/// One way in which the fault comes about.
pub(crate) struct Scene {
    pub(crate) label: String,
    pub(crate) stage: Box<dyn Fn(Step) -> Result<Stage, String> + Send + Sync>,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    /// The length of the message, for requests that leave in many pieces.
    pub(crate) message: usize,
    /// The call that the client has behind it.
    pub(crate) earlier: Option<Earlier>,
    /// What a server does on every connection, if that is all there is to the scene.
    pub(crate) script: Option<Script>,
    /// Whether it does so over TLS.
    pub(crate) is_secure: bool,
    /// What has to have happened before the call, once another was answered.
    pub(crate) before: fn(&Server),
}

/// The call before the one that meets the fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Earlier {
    /// A Send.
    Sent,
    /// The same call.
    Same,
}

/// What one call is played on.
pub(crate) struct Stage {
    /// Where the service is, if that is not the server's own address.
    pub(crate) url: String,
    /// Empty for none.
    pub(crate) proxy: String,
    pub(crate) server: Option<Server>,
    /// A server that must not hear of the call.
    pub(crate) bystander: Option<Server>,
    pub(crate) resolver: Option<Resolver>,
    /// Kept until the call is over.
    _holder: Option<Box<dyn Any>>,
}

impl Fault {
    /// What a call ends in.
    pub(crate) fn code(&self, step: Step) -> Code {
        match step {
            Step::Send => self.send,
            Step::Check | Step::CancelledCheck => self.check,
        }
    }
}

impl Scene {
    pub(crate) fn new(
        stage: impl Fn(Step) -> Result<Stage, String> + Send + Sync + 'static,
    ) -> Scene {
        Scene {
            label: String::new(),
            stage: Box::new(stage),
            timeout: LONG,
            connect_timeout: LONG,
            message: 0,
            earlier: None,
            script: None,
            is_secure: false,
            before: |_| {},
        }
    }

    pub(crate) fn label(self, label: impl Into<String>) -> Scene {
        Scene { label: label.into(), ..self }
    }

    /// The deadline passes.
    pub(crate) fn short(self) -> Scene {
        Scene { timeout: SHORT, ..self }
    }

    /// The connect timeout passes, long before the deadline.
    pub(crate) fn short_connect(self) -> Scene {
        Scene { connect_timeout: Duration::from_millis(150), ..self }
    }

    /// A Send is larger than what sockets hold.
    pub(crate) fn large(self) -> Scene {
        Scene { message: 4 * 1024 * 1024, ..self }
    }

    /// An accepted Send went before.
    pub(crate) fn after_another(self, before: fn(&Server)) -> Scene {
        Scene { earlier: Some(Earlier::Sent), before, ..self }
    }

    /// The same call went before.
    pub(crate) fn after_the_same(self, before: fn(&Server)) -> Scene {
        Scene { earlier: Some(Earlier::Same), before, ..self }
    }
}

impl Stage {
    pub(crate) fn at(url: String) -> Stage {
        let proxy = String::new();
        Stage { url, proxy, server: None, bystander: None, resolver: None, _holder: None }
    }

    pub(crate) fn of(server: Server) -> Stage {
        Stage { server: Some(server), ..Stage::at("".into()) }
    }

    /// A server that is the proxy on the way to `url`.
    pub(crate) fn behind(server: Server, url: String) -> Stage {
        let proxy = format!("http://127.0.0.1:{}", server.port());
        Stage { url, proxy, ..Stage::of(server) }
    }

    pub(crate) fn url(&self) -> String {
        let server = self.server.as_ref().filter(|_| self.url.is_empty());
        server.map_or(self.url.clone(), Server::url)
    }
}

/// A server that plays `script`.
pub(crate) fn plain(script: impl Fn(Peer, Step) + Send + Sync + 'static) -> Scene {
    let script: Script = Arc::new(script);
    let played = script.clone();
    let scene = Scene::new(move |step| {
        let script = played.clone();
        Ok(Stage::of(Server::start(move |peer| script(peer, step))))
    });
    Scene { script: Some(script), ..scene }
}

/// The same over TLS.
pub(crate) fn secure(script: impl Fn(Peer, Step) + Send + Sync + 'static) -> Scene {
    let script: Script = Arc::new(script);
    let played = script.clone();
    let scene = handshake(|| AUTHORITY.good(), move |peer, step| played(peer, step));
    Scene { script: Some(script), is_secure: true, ..scene }.label("over TLS")
}

pub(crate) fn handshake(
    config: fn() -> Arc<ServerConfig>,
    script: impl Fn(Peer, Step) + Send + Sync + 'static,
) -> Scene {
    let script = Arc::new(script);
    Scene::new(move |step| {
        let script = script.clone();
        Ok(Stage::of(Server::start_tls(config(), move |peer| script(peer, step))))
    })
}

/// Plain and over TLS.
pub(crate) fn both(script: impl Fn(Peer, Step) + Send + Sync + Clone + 'static) -> Vec<Scene> {
    vec![plain(script.clone()), secure(script)]
}

/// A server that reads the request, sends these bytes and closes.
pub(crate) fn says(bytes: impl Into<Vec<u8>>) -> Scene {
    let bytes = bytes.into();
    plain(move |mut peer, _| {
        let _ = peer.read_request() && peer.say(&bytes);
    })
}

/// The answer that lets somebody in or bills a message, if it is believed.
pub(crate) fn tempting(step: Step) -> &'static str {
    match step {
        Step::Send => SENT,
        Step::Check | Step::CancelledCheck => VERIFIED,
    }
}

/// The answer to the second request of two, of which the first is a Send.
pub(crate) fn told(peer: &Peer, step: Step) -> Vec<u8> {
    ok(if peer.number() == 1 { SENT_BEFORE } else { tempting(step) })
}

/// A server that reads the request, sends a head, and the answer that must not be believed.
pub(crate) fn tempts(head: &str) -> Scene {
    let (label, head) = (head.replace("\r\n", " "), format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
    plain(move |mut peer, step| {
        let _ =
            peer.read_request() && peer.say(&[head.as_bytes(), tempting(step).as_bytes()].concat());
    })
    .label(label)
}

/// The same, and the connection stays open.
pub(crate) fn tempts_and_stays(head: &str) -> Scene {
    let (label, head) = (head.replace("\r\n", " "), format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"));
    plain(move |mut peer, step| {
        let _ =
            peer.read_request() && peer.say(&[head.as_bytes(), tempting(step).as_bytes()].concat());
        peer.stall();
    })
    .label(label)
}

pub(crate) fn resolved_by(manner: Manner) -> Scene {
    Scene::new(move |_| {
        let resolver = Some(Resolver::start(manner)?);
        Ok(Stage { resolver, ..Stage::at("http://service.invalid/sms/verifySMS".into()) })
    })
}

pub(crate) fn refused() -> Scene {
    Scene::new(|_| {
        let closed = Closed::new();
        Ok(Stage { url: closed.url(), _holder: Some(Box::new(closed)), ..Stage::at("".into()) })
    })
}

pub(crate) fn silent() -> Scene {
    Scene::new(|_| {
        let silent = Silent::new();
        Ok(Stage { url: silent.url(), _holder: Some(Box::new(silent)), ..Stage::at("".into()) })
    })
}

/// A server that is spoken to in TLS and plays `script` below it.
pub(crate) fn below_tls(script: impl Fn(Peer) + Send + Sync + Clone + 'static) -> Scene {
    Scene::new(move |_| {
        let server = Server::start(script.clone());
        let url = server.url().replace("http:", "https:");
        // Not as the stage's server: what it sees is a handshake and no request.
        Ok(Stage { _holder: Some(Box::new(server)), ..Stage::at(url) })
    })
}

pub(crate) fn redirects(status: u16) -> Scene {
    Scene::new(move |_| {
        let elsewhere = Server::start(|mut peer| peer.read_on());
        let location = format!("Location: {}", elsewhere.url());
        let server = Server::start(move |mut peer| {
            let _ = peer.read_request() && peer.say(&answer(status, &[&location], b"moved"));
            peer.read_on();
        });
        Ok(Stage { bystander: Some(elsewhere), ..Stage::of(server) })
    })
    .label(status.to_string())
}

/// The HTTP errors that a service, a gateway or a proxy answers with.
pub(crate) fn errors(body: &'static str) -> Vec<Scene> {
    let statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504];
    statuses
        .map(|status| says(answer(status, &[], body.as_bytes())).label(status.to_string()))
        .into()
}
