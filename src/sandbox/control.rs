//! The control API over HTTP: the table in the documentation of [`super`]. Who may use it is the
//! guard's to say.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Json, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::catalogue::{self, Always, Named};
use super::desk::Desk;
use super::events::events;
use super::failure::Failure;
use super::message::Message;
use super::refusal::{Refusal, Told};
use super::script::Entry;
use super::service::local_number;

/// What all of it is, for machines: OpenAPI. It is held against the running server by tests/docs/test_openapi.py.
const DESCRIPTION: &str = include_str!("openapi.json");

/// The routes below `/control`.
pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/messages", get(messages))
        .route("/events", get(events))
        .route("/advance", post(advance))
        .route("/reset", post(reset))
        .route("/script", get(scripted).post(script))
        .route("/failures", get(failures))
        .route("/openapi.json", get(description))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed)
}

async fn unknown() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "no such path: see /control/openapi.json")
}

async fn not_allowed() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the path has other methods: see Allow")
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
    let Query(Selection { to }) = selection?;
    let to = to.as_deref().map(local_number).transpose()?;
    let (now, messages) = desk.messages(to);
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
    #[serde(deserialize_with = "described")]
    failure: Failure,
    #[serde(default = "once")]
    count: u32,
    to: Option<String>,
}

/// A failure; `{"reset": null}`, which is as good as `"reset"` to serde, is none.
fn described<'a, D: Deserializer<'a>>(from: D) -> Result<Failure, D::Error> {
    let value = Value::deserialize(from)?;
    if value.as_object().is_some_and(|members| members.values().any(Value::is_null)) {
        return Err(D::Error::custom("the number of a failure cannot be null"));
    }
    Failure::deserialize(value).map_err(D::Error::custom)
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

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_of_this_version() {
        let description: serde_json::Value = serde_json::from_str(DESCRIPTION).unwrap();
        assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
