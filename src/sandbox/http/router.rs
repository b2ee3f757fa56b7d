//! The routes of all that the sandbox serves, and the service's own: form bodies in, answers out.
//!
//! Knows the encodings of a form; knows no rule of the service, and no socket.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};

use super::response::ServerResponse;
use crate::sandbox::page::{access, control_api, files};
use crate::sandbox::service::SERVICE_PATH;
use crate::sandbox::service::form_fields::FormFields;
use crate::sandbox::state::SharedState;

/// In bytes. No documented request comes near it.
const MAX_BODY: usize = 64 << 10;

/// All routes; the scheme is http or https.
pub(crate) fn router(state: Arc<SharedState>, scheme: &'static str) -> Router {
    let local = Router::new().nest("/control", control_api::router()).merge(files::router());
    Router::new()
        .route(SERVICE_PATH, post(verify_sms))
        .merge(local.layer(middleware::from_fn_with_state(scheme, access::require_local)))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(state)
}

async fn verify_sms(State(state): State<Arc<SharedState>>, request: Request) -> Response {
    let fields = match read_form(request).await {
        Ok(fields) => fields,
        Err(rejection) => return rejection,
    };
    match state.respond(&fields) {
        ServerResponse::Http(response) => response.into_response(),
        ServerResponse::Delayed(response, time) => {
            tokio::time::sleep(time).await;
            response.into_response()
        }
        ServerResponse::Raw(response) => Extension(response).into_response(),
    }
}

/// The fields of a form in either encoding. The service documents no answer to a body that is no form; the
/// sandbox's is a 4xx with a text.
async fn read_form(request: Request) -> Result<FormFields, Response> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pairs = if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        read_multipart(request).await?
    } else {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        form.map_err(IntoResponse::into_response)?.0
    };
    FormFields::from_pairs(pairs).map_err(bad_request)
}

async fn read_multipart(request: Request) -> Result<Vec<(String, String)>, Response> {
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(IntoResponse::into_response)?;
    let mut pairs = Vec::new();
    while let Some(part) = multipart.next_field().await.map_err(IntoResponse::into_response)? {
        let Some(name) = part.name().map(str::to_owned) else {
            return Err(bad_request("a part has no name".to_owned()));
        };
        let value = part.bytes().await.map_err(IntoResponse::into_response)?;
        let Ok(value) = String::from_utf8(value.to_vec()) else {
            return Err(bad_request(format!("the field {name} is not UTF-8")));
        };
        pairs.push((name, value));
    }
    Ok(pairs)
}

fn bad_request(text: String) -> Response {
    (StatusCode::BAD_REQUEST, text).into_response()
}
