//! The routes of all that the sandbox serves, and the service's own: form bodies in, answers out.
//!
//! Knows the encodings of a form; knows no rule of the service, and no socket.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};

use super::response::ServerResponse;
use crate::sandbox::page::{access, control_api, files};
use crate::sandbox::service::form_fields::FormFields;
use crate::sandbox::service::{DELIVERY_PATH, SERVICE_PATH};
use crate::sandbox::state::SharedState;

/// In bytes. No documented request comes near it.
const MAX_BODY: usize = 64 << 10;

/// All routes; the scheme is http or https.
pub(crate) fn router(state: Arc<SharedState>, scheme: &'static str) -> Router {
    let local = Router::new().nest("/control", control_api::router()).merge(files::router());
    Router::new()
        .route(SERVICE_PATH, post(verify_sms))
        .route(DELIVERY_PATH, post(delivery_status))
        .merge(local.layer(middleware::from_fn_with_state(scheme, access::require_local)))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

/// A client with another URL than the service's. What a browser looks for by itself is not logged.
async fn not_found(State(state): State<Arc<SharedState>>, method: Method) -> Response {
    let text = format!("no such path: the service's is {SERVICE_PATH}");
    if method != Method::GET {
        state.log_malformed(&format!("HTTP 404: {text}"));
    }
    (StatusCode::NOT_FOUND, text).into_response()
}

async fn method_not_allowed(State(state): State<Arc<SharedState>>) -> Response {
    let text = format!("the service takes POST, at {SERVICE_PATH}");
    state.log_malformed(&format!("HTTP 405: {text}"));
    (StatusCode::METHOD_NOT_ALLOWED, text).into_response()
}

async fn verify_sms(State(state): State<Arc<SharedState>>, request: Request) -> Response {
    respond(&state, request, SharedState::respond).await
}

async fn delivery_status(State(state): State<Arc<SharedState>>, request: Request) -> Response {
    respond(&state, request, SharedState::respond_delivery).await
}

async fn respond(
    state: &SharedState,
    request: Request,
    respond: fn(&SharedState, &FormFields) -> ServerResponse,
) -> Response {
    let fields = match read_form(request).await {
        Ok(fields) => fields,
        Err((response, text)) => {
            state.log_malformed(&format!("HTTP {}: {text}", response.status().as_u16()));
            return response;
        }
    };
    match respond(state, &fields) {
        ServerResponse::Http(response) => response.into_response(),
        ServerResponse::Delayed(response, time) => {
            tokio::time::sleep(time).await;
            response.into_response()
        }
        ServerResponse::Raw(response) => Extension(response).into_response(),
    }
}

/// A response to a body that is no form, and why. The service documents no answer to one; the sandbox's is a
/// 4xx with a text.
type Rejection = (Response, String);

/// The fields of a form in either encoding.
async fn read_form(request: Request) -> Result<FormFields, Rejection> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pairs = if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        read_multipart(request).await?
    } else {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        form.map_err(rejection)?.0
    };
    FormFields::from_pairs(pairs).map_err(bad_request)
}

async fn read_multipart(request: Request) -> Result<Vec<(String, String)>, Rejection> {
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(rejection)?;
    let mut pairs = Vec::new();
    while let Some(part) = multipart.next_field().await.map_err(rejection)? {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(bad_request("a part has no name".to_owned()));
        };
        let value = part.bytes().await.map_err(rejection)?;
        let Ok(value) = String::from_utf8(value.to_vec()) else {
            return Err(bad_request("a field is not UTF-8".to_owned()));
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Explains axum's rejection in words of our own: its text can have parts of the request.
fn rejection(rejection: impl IntoResponse) -> Rejection {
    let response = rejection.into_response();
    let text = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than 64 KiB",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            "the content type is not multipart/form-data or application/x-www-form-urlencoded"
        }
        _ => "the body is not a form",
    };
    (response, text.to_owned())
}

fn bad_request(text: String) -> Rejection {
    ((StatusCode::BAD_REQUEST, text.clone()).into_response(), text)
}
