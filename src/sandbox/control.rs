//! The control API over HTTP: the table in the documentation of [`super`], and who may use it.
//!
//! Reading the messages is as good as owning every phone, so it answers this machine only: the peer and
//! the name in Host must be loopback (a page whose own name resolves to 127.0.0.1 sends that name), and
//! an Origin must be the sandbox's.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{ConnectInfo, FromRequest, Json, Query, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::catalogue::{self, Always, Named};
use super::desk::Desk;
use super::failure::Failure;
use super::outbox::Message;
use super::script::Entry;

/// The routes below `/control`.
pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/messages", get(messages))
        .route("/advance", post(advance))
        .route("/reset", post(reset))
        .route("/script", get(scripted).post(script))
        .route("/failures", get(failures))
        .layer(middleware::from_fn(guard))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    to: Option<String>,
}

#[derive(Serialize)]
struct Messages {
    now: u64,
    messages: Vec<Message>,
}

async fn messages(
    State(desk): State<Arc<Desk>>,
    selection: Result<Query<Selection>, QueryRejection>,
) -> Result<Json<Messages>, Refusal> {
    let Query(selection) = selection?;
    let (now, messages) = desk.messages(selection.to.as_deref());
    Ok(Json(Messages { now, messages }))
}

#[derive(Serialize)]
struct Clock {
    now: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    seconds: u64,
}

async fn advance(
    State(desk): State<Arc<Desk>>,
    Told(step): Told<Step>,
) -> Result<Json<Clock>, Refusal> {
    Ok(Json(Clock { now: desk.advance(Duration::from_secs(step.seconds))? }))
}

async fn reset(State(desk): State<Arc<Desk>>) -> Json<Clock> {
    Json(Clock { now: desk.reset() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    failure: Failure,
    #[serde(default = "once")]
    count: u32,
    to: Option<String>,
}

fn once() -> u32 {
    1
}

#[derive(Serialize)]
struct Waiting {
    waiting: u64,
}

async fn script(
    State(desk): State<Arc<Desk>>,
    Told(Order { failure, count, to }): Told<Order>,
) -> Result<Json<Waiting>, Refusal> {
    Ok(Json(Waiting { waiting: desk.script(failure, count, to.as_deref())? }))
}

#[derive(Serialize)]
struct Scripted {
    waiting: u64,
    entries: Vec<Entry>,
}

async fn scripted(State(desk): State<Arc<Desk>>) -> Json<Scripted> {
    let (waiting, entries) = desk.scripted();
    Json(Scripted { waiting, entries })
}

#[derive(Serialize)]
struct Catalogue {
    failures: Vec<Named>,
    numbers: Vec<Always>,
}

async fn failures() -> Json<Catalogue> {
    Json(Catalogue { failures: catalogue::failures(), numbers: catalogue::always() })
}

/// The body of a request: JSON, and of the form that is wanted.
struct Told<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Told<T>, Refusal> {
        // In two steps, so that what is JSON is never called none.
        let Json(value) = Json::<serde_json::Value>::from_request(request, state).await?;
        match T::deserialize(value) {
            Ok(told) => Ok(Told(told)),
            Err(error) => {
                let text = format!("the body is not as documented: {error}");
                Err(Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, text })
            }
        }
    }
}

/// Lets only requests from this machine pass, and none that a page of another site made.
async fn guard(
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match admit(peer.ip(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn admit(peer: IpAddr, headers: &HeaderMap) -> Result<(), Refusal> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if !peer.to_canonical().is_loopback() || !is_loopback(host) {
        return Err(Refusal::forbidden("the control API answers only to localhost"));
    }
    let origin = text(headers, header::ORIGIN);
    let is_own = |origin: &str| {
        origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
    };
    if !origin.is_none_or(is_own) {
        return Err(Refusal::forbidden("the control API answers no page of another site"));
    }
    Ok(())
}

/// A header's text; one that is not text is as good as empty, which no rule lets pass.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Why a request to the control API was not done.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    fn forbidden(text: &str) -> Refusal {
        Refusal { status: StatusCode::FORBIDDEN, text: text.to_owned() }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Refusal {
        Refusal { status: rejection.status(), text: rejection.body_text() }
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Refusal {
        Refusal { status: rejection.status(), text: rejection.body_text() }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, text: error.to_string() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.text })).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1";

    fn admits(peer: &str, headers: &[(HeaderName, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        admit(peer.parse().unwrap(), &headers.collect()).is_ok()
    }

    #[test]
    fn the_peer_is_this_machine() {
        let host = [(header::HOST, "localhost:8025")];
        for peer in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(admits(peer, &host), "{peer}");
        }
        for peer in ["192.168.1.7", "10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1"] {
            assert!(!admits(peer, &host), "{peer}");
        }
    }

    #[test]
    fn the_host_is_loopback() {
        for host in ["localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:8025", "[::1]:8025"] {
            assert!(admits(HERE, &[(header::HOST, host)]), "{host}");
        }
        let others = [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8025",
            "0.0.0.0",
        ];
        for host in others {
            assert!(!admits(HERE, &[(header::HOST, host)]), "{host}");
        }
        assert!(!admits(HERE, &[]));
    }

    #[test]
    fn an_origin_is_the_sandboxs_own() {
        let admits_origin =
            |origin| admits(HERE, &[(header::HOST, "localhost:8025"), (header::ORIGIN, origin)]);
        assert!(admits_origin("http://localhost:8025"));
        let others =
            ["null", "", "http://evil.example", "http://localhost", "http://localhost:3000"];
        for origin in others {
            assert!(!admits_origin(origin), "{origin}");
        }
    }
}
