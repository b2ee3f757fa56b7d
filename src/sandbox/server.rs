//! The service's URL over HTTP/1.1: form bodies in, the service's answers out.
//!
//! Knows encodings and sockets, and no rule of the service.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use super::control;
use super::desk::Desk;
use super::fields::Fields;

/// The path of the service's URL.
pub(super) const PATH: &str = "/sms/verifySMS";

/// The largest body that is read. No documented request comes near it.
const BODY_LIMIT: usize = 64 << 10;

/// Serves until the future is dropped.
pub(super) async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    let app = Router::new()
        .route(PATH, post(verify_sms))
        .nest("/control", control::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(desk)
        .into_make_service_with_connect_info::<SocketAddr>();
    // An answer that waits for the peer's delayed acknowledgement would be 40 ms late. A socket
    // that refuses the option still works.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    // The accept loop has no end of its own; axum's Result is for the day when it gets one.
    let _ = axum::serve(listener, app).await;
}

async fn verify_sms(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let fields = match read(request).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let (status, content_type, body) = desk.answer(&fields).print();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
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
