//! The control API: the routes in the table of [`crate::sandbox`]'s documentation.
//!
//! Knows JSON and the shared state; knows nothing of who may use it (see [`super::access`]).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Json, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{delete, get, post};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::events::events;
use super::json::{ApiError, JsonBody};
use crate::sandbox::failures::failure::ScriptedFailure;
use crate::sandbox::failures::presets::{PresetFailure, preset_failures};
use crate::sandbox::failures::script::ScriptEntry;
use crate::sandbox::failures::test_numbers::{TestNumber, test_numbers};
use crate::sandbox::request_log::LoggedRequest;
use crate::sandbox::service::message::Message;
use crate::sandbox::service::rules::local_number;
use crate::sandbox::state::SharedState;

/// tests/docs/test_openapi.py compares it with a running sandbox. VERSION is filled in.
const OPENAPI: &str = include_str!("openapi.json");

/// The routes below `/control`.
pub(crate) fn router() -> Router<Arc<SharedState>> {
    Router::new()
        .route("/messages", get(messages))
        .route("/messages/{unique}", delete(delete_message))
        .route("/messages/{unique}/delivery", post(set_delivery))
        .route("/wait", get(wait))
        .route("/requests", get(requests))
        .route("/events", get(events))
        .route("/advance", post(advance))
        .route("/reset", post(reset))
        .route("/script", get(script).post(add_to_script))
        .route("/failures", get(failures))
        .route("/openapi.json", get(openapi))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

async fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "no such path: see /control/openapi.json")
}

async fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "the path has other methods: see Allow")
}

type Shared = State<Arc<SharedState>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessagesQuery {
    to: Option<String>,
}

#[derive(Serialize)]
struct MessagesResponse {
    now: u64,
    messages: Vec<Message>,
}

async fn messages(
    State(state): Shared,
    query: Result<Query<MessagesQuery>, QueryRejection>,
) -> Result<Json<MessagesResponse>, ApiError> {
    let Query(MessagesQuery { to }) = query?;
    let to = to.as_deref().map(local_number).transpose()?;
    let (now, messages) = state.messages(to);
    Ok(Json(MessagesResponse { now, messages }))
}

async fn delete_message(
    State(state): Shared,
    Path(unique): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let now = unique.parse().ok().and_then(|unique| state.delete(unique));
    now.map(|now| Json(json!({"now": now})))
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no message has this unique"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryRequest {
    /// Null for no report; a code that is left out is an error.
    #[serde(deserialize_with = "Option::deserialize")]
    code: Option<i64>,
}

async fn set_delivery(
    State(state): Shared,
    Path(unique): Path<String>,
    JsonBody(DeliveryRequest { code }): JsonBody<DeliveryRequest>,
) -> Result<Json<Value>, ApiError> {
    let now = unique.parse().ok().and_then(|unique| state.set_delivery(unique, code));
    now.map(|now| Json(json!({"now": now})))
        .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no message has this unique"))
}

/// In seconds.
const MAX_WAIT: f64 = 300.0;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitQuery {
    to: String,
    #[serde(default)]
    after: u64,
    #[serde(default = "ten_seconds")]
    timeout: f64,
}

fn ten_seconds() -> f64 {
    10.0
}

#[derive(Serialize)]
struct WaitResponse {
    now: u64,
    message: Message,
}

async fn wait(
    State(state): Shared,
    query: Result<Query<WaitQuery>, QueryRejection>,
) -> Result<Json<WaitResponse>, ApiError> {
    let Query(WaitQuery { to, after, timeout }) = query?;
    local_number(&to)?;
    if !(0.0..=MAX_WAIT).contains(&timeout) {
        let text = "timeout is in seconds, 0 to 300";
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, text));
    }
    let mut changes = state.subscribe();
    let arrived = async {
        loop {
            if let Some(found) = state.message_after(&to, after) {
                return Some(found);
            }
            changes.changed().await.ok()?;
        }
    };
    let arrived = tokio::time::timeout(Duration::from_secs_f64(timeout), arrived).await;
    let found = arrived.ok().flatten();
    found.map(|(now, message)| Json(WaitResponse { now, message })).ok_or_else(|| {
        let text = format!("no message within {timeout} seconds: see /control/requests");
        ApiError::new(StatusCode::NOT_FOUND, text)
    })
}

#[derive(Serialize)]
struct RequestsResponse {
    now: u64,
    requests: Vec<LoggedRequest>,
}

async fn requests(State(state): Shared) -> Json<RequestsResponse> {
    let (now, requests) = state.requests();
    Json(RequestsResponse { now, requests })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceRequest {
    seconds: u64,
}

async fn advance(
    State(state): Shared,
    JsonBody(AdvanceRequest { seconds }): JsonBody<AdvanceRequest>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"now": state.advance(Duration::from_secs(seconds))?})))
}

async fn reset(State(state): Shared) -> Json<Value> {
    Json(json!({"now": state.reset()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptRequest {
    #[serde(deserialize_with = "deserialize_failure")]
    failure: ScriptedFailure,
    #[serde(default = "one")]
    count: u32,
    to: Option<String>,
}

/// Rejects `{"reset": null}`, which serde takes for `"reset"`.
fn deserialize_failure<'a, D: Deserializer<'a>>(from: D) -> Result<ScriptedFailure, D::Error> {
    let value = Value::deserialize(from)?;
    if value.as_object().is_some_and(|members| members.values().any(Value::is_null)) {
        return Err(D::Error::custom("the number of a failure cannot be null"));
    }
    ScriptedFailure::deserialize(value).map_err(D::Error::custom)
}

fn one() -> u32 {
    1
}

async fn add_to_script(
    State(state): Shared,
    JsonBody(ScriptRequest { failure, count, to }): JsonBody<ScriptRequest>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({"waiting": state.script(failure, count, to.as_deref())?})))
}

#[derive(Serialize)]
struct ScriptResponse {
    waiting: u64,
    entries: Vec<ScriptEntry>,
}

async fn script(State(state): Shared) -> Json<ScriptResponse> {
    let (waiting, entries) = state.scripted();
    Json(ScriptResponse { waiting, entries })
}

#[derive(Serialize)]
struct FailuresResponse {
    failures: Vec<PresetFailure>,
    numbers: Vec<TestNumber>,
}

async fn failures() -> Json<FailuresResponse> {
    let labelled =
        |number: TestNumber| TestNumber { label: format!("always {}", number.label), ..number };
    let numbers = test_numbers().map(labelled).collect();
    Json(FailuresResponse { failures: preset_failures(), numbers })
}

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_document())
}

fn openapi_document() -> String {
    OPENAPI.replacen("VERSION", env!("CARGO_PKG_VERSION"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_openapi_description_is_of_this_version() {
        let description: Value = serde_json::from_str(&openapi_document()).unwrap();
        assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
