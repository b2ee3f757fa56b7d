//! JSON of the control API: request bodies in, errors out.
//!
//! Knows HTTP; knows nothing of what a request is for.

use std::io;

use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, Json, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An HTTP error whose body is `{"error": "…"}`.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    text: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, text: impl Into<String>) -> ApiError {
        ApiError { status, text: text.into() }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> ApiError {
        ApiError::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> ApiError {
        ApiError::new(rejection.status(), rejection.body_text())
    }
}

impl From<io::Error> for ApiError {
    fn from(error: io::Error) -> ApiError {
        let status = match error.kind() {
            // Valid at another time.
            io::ErrorKind::QuotaExceeded => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        ApiError::new(status, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.text}))).into_response()
    }
}

/// Extracts a request's JSON body.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<JsonBody<T>, ApiError> {
        // In two steps: an error of the second is not one of JSON's syntax.
        let Json(value) = Json::<Value>::from_request(request, state).await?;
        T::deserialize(with_integers(value)).map(JsonBody).map_err(|error| {
            let text = format!("the body is not as described: {error}");
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, text)
        })
    }
}

/// Makes integers of 5.0 and 5e3: in JSON they are the same number as 5 and 5000.
fn with_integers(value: Value) -> Value {
    /// Up to here every integer is a floating-point number of its own.
    const MAX_EXACT: f64 = (1_u64 << 53) as f64;
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= MAX_EXACT => {
                Value::from(float as i64)
            }
            _ => Value::Number(number),
        },
        Value::Array(values) => values.into_iter().map(with_integers).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name, with_integers(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_one_however_it_is_written() {
        let value = serde_json::from_str(r#"{"a": [5.0, -2e3, 0.5, 1e300, 7], "b": "5.0"}"#);
        assert_eq!(
            with_integers(value.unwrap()),
            json!({"a": [5, -2000, 0.5, 1e300, 7], "b": "5.0"})
        );
    }
}
