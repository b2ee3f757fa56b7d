//! The service's URL over HTTP: form bodies in, the service's answers out.
//!
//! Knows encodings; knows no rule of the service, and no socket.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Router};

use super::desk::Desk;
use super::fields::Fields;
use super::guard::guard;
use super::reply::{PATH, Reply};
use super::{control, site};

/// The largest body that is read. No documented request comes near it.
const BODY_LIMIT: usize = 64 << 10;

/// Everything that the sandbox answers; `secure` says whether it is asked through TLS.
pub(super) fn app(desk: Arc<Desk>, secure: bool) -> Router {
    let own = Router::new().nest("/control", control::router()).merge(site::router());
    let scheme = if secure { "https" } else { "http" };
    Router::new()
        .route(PATH, post(verify_sms))
        .merge(own.layer(middleware::from_fn_with_state(scheme, guard)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(desk)
}

async fn verify_sms(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let fields = match read(request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    match desk.answer(&fields) {
        Reply::Page(page) => page.into_response(),
        Reply::Late(page, time) => {
            tokio::time::sleep(time).await;
            page.into_response()
        }
        Reply::Fault(fault) => Extension(fault).into_response(),
    }
}

/// The fields of a body in either encoding of a form. The service documents no answer for a body that
/// is not one; here it is a 4xx whose text says what is wrong.
async fn read(request: Request) -> Result<Fields, Response> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let pairs = if content_type.to_ascii_lowercase().starts_with("multipart/form-data") {
        read_multipart(request).await?
    } else {
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        form.map_err(IntoResponse::into_response)?.0
    };
    Fields::from_pairs(pairs).map_err(bad_request)
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
