//! Form-data bodies, parsed by an independent parser: axum's, which is multer.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart};
use axum::http;

use super::{Choices, TO};
use crate::phone::Phone;
use crate::request::{Boundary, Form};
use crate::secret::Secret;

/// Stands in the input for the boundary of the client.
const BOUNDARY: char = '\u{1}';

/// Uses `data` as the texts of a Send and of a Check.
pub fn form(data: &[u8]) {
    let boundary = Boundary::random();
    let to = Phone::parse(TO).expect("a valid number");
    let plain = Form::check(&boundary, &secret(""), &to, &secret("")).expect("memory");
    let between = boundary_of(&plain);
    let mut choices = Choices::new(data);
    let has_message = choices.byte() & 1 == 0;
    let [key, sender, code] = [(); 3].map(|()| choices.text().replace(BOUNDARY, &between));
    let message = String::from_utf8_lossy(choices.rest()).replace(BOUNDARY, &between);

    let account = secret(&key);
    let request = Form::send(&boundary, &account, &to, &sender, has_message.then_some(&message))
        .expect("memory");
    let fields = [("apiKey", &*key), ("from", &sender), ("to", TO), ("message", &message)];
    check(&request, &between, &fields[..if has_message { 4 } else { 3 }]);

    let request = Form::check(&boundary, &account, &to, &secret(&code)).expect("memory");
    check(&request, &between, &[("apiKey", &key), ("to", TO), ("code", &code)]);
}

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("memory")
}

/// Checks that the form has exactly these fields in this order, byte for byte.
fn check(request: &Form, usual: &str, fields: &[(&str, &str)]) {
    let read = ready(read(request)).expect("the other parser rejects the form");
    assert_eq!(read.len(), fields.len());
    for ((name, value), (wanted_name, wanted)) in read.iter().zip(fields) {
        assert!(name == wanted_name && value == wanted.as_bytes(), "{name}: {value:?}");
    }
    let is_in_a_value = fields.iter().any(|(_, value)| value.contains(usual));
    assert_eq!(boundary_of(request) != usual, is_in_a_value);
}

fn boundary_of(request: &Form) -> String {
    let content_type = request.content_type();
    content_type.rsplit_once('=').expect("a boundary").1.to_owned()
}

async fn read(request: &Form) -> Result<Vec<(String, Vec<u8>)>, String> {
    let http = http::Request::post("/")
        .header(http::header::CONTENT_TYPE, request.content_type().as_bytes())
        .body(Body::from(request.body().to_vec()))
        .map_err(|error| error.to_string())?;
    let mut form = Multipart::from_request(http, &()).await.map_err(|error| error.body_text())?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.body_text())? {
        assert!(field.file_name().is_none() && field.content_type().is_none());
        assert_eq!(field.headers().len(), 1);
        let name = field.name().ok_or("a field without a name")?.to_owned();
        fields.push((name, field.bytes().await.map_err(|error| error.body_text())?.to_vec()));
    }
    Ok(fields)
}

/// The result of a future that never waits.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the body is in memory"),
    }
}
