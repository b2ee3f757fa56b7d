//! The control API over HTTP: the table in the documentation of [`super`]. Who may use it is the
//! guard's to say.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, Json, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::catalogue::{self, Always, Named};
use super::desk::Desk;
use super::events::events;
use super::failure::Failure;
use super::message::Message;
use super::script::Entry;

/// The routes below `/control`.
pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/messages", get(messages))
        .route("/events", get(events))
        .route("/advance", post(advance))
        .route("/reset", post(reset))
        .route("/script", get(scripted).post(script))
        .route("/failures", get(failures))
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

/// Why a request to the control API was not done.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    pub(super) fn forbidden(text: &str) -> Refusal {
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
