//! What the control API says when it does not do what it was asked, and how it reads what it is told.
//!
//! Knows HTTP; knows nothing of what is asked for.

use std::io;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, Json, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a request was not done: a status of HTTP and a sentence.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    text: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, text: impl Into<String>) -> Refusal {
        Refusal { status, text: text.into() }
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Refusal {
        Refusal::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Refusal {
        Refusal::new(rejection.status(), rejection.body_text())
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        let status = match error.kind() {
            // It would have been right at another time.
            io::ErrorKind::QuotaExceeded => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Refusal::new(status, error.to_string())
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

/// The body of a request: JSON, and of the form that is wanted.
pub(super) struct Told<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Told<T>, Refusal> {
        // In two steps, so that what is JSON is never called none.
        let Json(value) = Json::<Value>::from_request(request, state).await?;
        match T::deserialize(whole(value)) {
            Ok(told) => Ok(Told(told)),
            Err(error) => {
                let text = format!("the body is not as described: {error}");
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, text))
            }
        }
    }
}

/// Integers that are written as 5.0 or 5e3, which JSON does not tell from others.
fn whole(value: Value) -> Value {
    /// Up to here a floating-point number is one integer and no other.
    const EXACT: f64 = (1_u64 << 53) as f64;
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
                Value::from(float as i64)
            }
            _ => Value::Number(number),
        },
        Value::Array(values) => values.into_iter().map(whole).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, whole(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let value = serde_json::from_str(r#"{"a": [5.0, -2e3, 0.5, 1e300, 7], "b": "5.0"}"#);
        assert_eq!(whole(value.unwrap()), json!({"a": [5, -2000, 0.5, 1e300, 7], "b": "5.0"}));
    }
}
