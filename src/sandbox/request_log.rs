//! The log of the requests to the service: what each asked for, what became of it, and why.
//!
//! No key, code or text of a request gets into it, and no number that is not in the local form.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::failures::failure::ScriptedFailure;
use super::failures::presets::REASONS;
use super::service::answer::ServiceAnswer;
use super::service::form_fields::FormFields;
use super::service::message::MessageState;
use super::service::rules::{STATUS_RIGHT, STATUS_WRONG, local_number};
use crate::error::Reason;

/// How many requests are kept.
const MAX_REQUESTS: usize = 1000;

/// How many of them an event has at most.
const MAX_RECENT: usize = 50;

/// A request to the service, and what became of it.
///
/// It is displayed in one line, with only the last three digits of the number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The number of the request, from 1; it goes on after a reset.
    pub id: u64,
    /// When it came: Unix time in seconds, on the sandbox's clock.
    pub time: u64,
    /// What it asked for.
    pub kind: RequestKind,
    /// The phone number, if it is in the local form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What became of it.
    pub outcome: RequestOutcome,
    /// If it was rejected, the reason that the service gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<i64>,
    /// If it failed on demand, the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<ScriptedFailure>,
    /// Why, in words.
    pub text: String,
}

/// What a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestKind {
    /// To text a code.
    Send,
    /// To check a code.
    Check,
    /// To say what became of a message.
    Delivery,
    /// It was malformed or not read.
    Unknown,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RequestOutcome {
    /// The message was sent.
    Sent,
    /// The code was right.
    Verified,
    /// The code was wrong, expired or used.
    NotVerified,
    /// What became of the message was reported, or that there is no report.
    Reported,
    /// The service answered FAIL.
    Rejected,
    /// It failed on demand: by the script, or because its number is a test number.
    Failed,
    /// It was not what the service takes.
    Malformed,
}

impl LoggedRequest {
    /// A request that was read. `explanation` is of the service's answer, unless the failure replaced it.
    pub(super) fn read(
        time: u64,
        kind: RequestKind,
        to: &str,
        failure: Option<ScriptedFailure>,
        is_scripted: bool,
        explanation: Option<Explanation>,
    ) -> LoggedRequest {
        let to = local_number(to).ok().map(str::to_owned);
        let (outcome, reason, text) = match (failure, explanation) {
            (None, Some(explanation)) => explanation,
            (_, done) => {
                let why = if is_scripted { "as scripted" } else { "the number is a test number" };
                let done = done.map(|(.., text)| format!("; the service had answered: {text}"));
                (RequestOutcome::Failed, None, why.to_owned() + &done.unwrap_or_default())
            }
        };
        LoggedRequest { kind, to, reason, failure, ..LoggedRequest::unread(time, outcome, text) }
    }

    /// A request that was not read. It gets its number from the log.
    pub(super) fn unread(time: u64, outcome: RequestOutcome, text: String) -> LoggedRequest {
        let kind = RequestKind::Unknown;
        LoggedRequest { id: 0, time, kind, to: None, outcome, reason: None, failure: None, text }
    }
}

impl fmt::Display for LoggedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            RequestKind::Send => "send",
            RequestKind::Check => "check",
            RequestKind::Delivery => "delivery",
            RequestKind::Unknown => "request",
        })?;
        if let Some(to) = &self.to {
            let (hidden, shown) = to.split_at(to.len().saturating_sub(3));
            write!(f, " {}{shown}", "*".repeat(hidden.len()))?;
        }
        let text = &self.text;
        match self.outcome {
            RequestOutcome::Sent => write!(f, ": sent"),
            RequestOutcome::Verified => write!(f, ": verified"),
            RequestOutcome::Reported => write!(f, ": reported: {text}"),
            RequestOutcome::NotVerified => write!(f, ": not verified: {text}"),
            RequestOutcome::Rejected => match self.reason {
                Some(reason) => write!(f, ": rejected: reason {reason}, {text}"),
                None => write!(f, ": rejected: {text}"),
            },
            RequestOutcome::Failed => {
                let failure = serde_json::to_string(&self.failure).map_err(|_| fmt::Error)?;
                write!(f, ": failed: {failure}, {text}")
            }
            RequestOutcome::Malformed => write!(f, ": malformed: {text}"),
        }
    }
}

/// What a request was answered: its outcome, the reason of a FAIL, and why.
pub(super) type Explanation = (RequestOutcome, Option<i64>, String);

/// Explains the service's answer. `newest` is the state of the number's newest message.
pub(super) fn explain(
    answer: &ServiceAnswer,
    fields: &FormFields,
    newest: Option<MessageState>,
) -> Explanation {
    match *answer {
        ServiceAnswer::Sent { .. } => (RequestOutcome::Sent, None, "sent".to_owned()),
        ServiceAnswer::Checked { status: STATUS_RIGHT, .. } => {
            (RequestOutcome::Verified, None, "right code".to_owned())
        }
        ServiceAnswer::Checked { status, .. } => {
            let text = match newest {
                None => "the number has no message",
                _ if status == STATUS_WRONG => "wrong code",
                Some(MessageState::Verified) => "the code was used before",
                Some(_) => "the code has expired",
            };
            (RequestOutcome::NotVerified, None, text.to_owned())
        }
        ServiceAnswer::Reported(ref report) => {
            let text = report
                .as_ref()
                .map(|report| format!("{}, code {}", report.en_message, report.code));
            (
                RequestOutcome::Reported,
                None,
                text.unwrap_or_else(|| "there is no report".to_owned()),
            )
        }
        ServiceAnswer::Failed(reason) => {
            (RequestOutcome::Rejected, Some(reason.0), explain_reason(reason, fields).to_owned())
        }
    }
}

fn explain_reason(reason: Reason, fields: &FormFields) -> &'static str {
    let has_key = fields.api_key.as_ref().is_some_and(|key| !key.is_empty());
    if reason == Reason::WRONG_API_KEY && !has_key {
        return "no key";
    }
    if reason == Reason::UNKNOWN_ERROR && local_number(fields.to()).is_err() {
        return "the number is not in its local form, as in 0501234567";
    }
    REASONS.iter().find(|known| known.0 == reason.0).map_or("unknown reason", |known| known.1)
}

/// The newest requests.
#[derive(Default)]
pub(super) struct RequestLog {
    /// Oldest first.
    requests: VecDeque<LoggedRequest>,
    last_id: u64,
}

impl RequestLog {
    /// Logs a request, gives it its number and returns it.
    pub(super) fn push(&mut self, request: LoggedRequest) -> LoggedRequest {
        self.last_id += 1;
        let request = LoggedRequest { id: self.last_id, ..request };
        if self.requests.len() == MAX_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request.clone());
        request
    }

    /// All requests, newest first.
    pub(super) fn requests(&self) -> Vec<LoggedRequest> {
        self.requests.iter().rev().cloned().collect()
    }

    /// Those of the recent requests that came after another one, newest first.
    pub(super) fn recent(&self, after: u64) -> Vec<LoggedRequest> {
        let newest = self.requests.iter().rev().take(MAX_RECENT);
        newest.take_while(|request| request.id > after).cloned().collect()
    }

    pub(super) fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Deletes every request. Their numbers go on.
    pub(super) fn clear(&mut self) {
        self.requests.clear();
    }
}

/// A function that gets every request.
#[derive(Clone)]
pub(super) struct RequestHook(Arc<dyn Fn(&LoggedRequest) + Send + Sync>);

impl RequestHook {
    pub(super) fn new(hook: impl Fn(&LoggedRequest) + Send + Sync + 'static) -> RequestHook {
        RequestHook(Arc::new(hook))
    }

    pub(super) fn call(&self, request: &LoggedRequest) {
        (self.0)(request);
    }
}

impl fmt::Debug for RequestHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestHook")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(log: &mut RequestLog) {
        log.push(LoggedRequest::unread(7, RequestOutcome::Malformed, "no form".to_owned()));
    }

    fn ids(requests: &[LoggedRequest]) -> Vec<u64> {
        requests.iter().map(|request| request.id).collect()
    }

    #[test]
    fn only_the_newest_requests_are_kept() {
        let mut log = RequestLog::default();
        for _ in 0..MAX_REQUESTS + 7 {
            push(&mut log);
        }
        let requests = log.requests();
        assert_eq!(requests.len(), MAX_REQUESTS);
        assert_eq!((requests[0].id, requests[MAX_REQUESTS - 1].id), (1007, 8));
        assert_eq!(ids(&log.recent(0)).len(), MAX_RECENT);
        assert_eq!(ids(&log.recent(1005)), [1007, 1006]);
        assert!(log.recent(log.last_id()).is_empty());
    }

    #[test]
    fn no_two_requests_have_the_same_number_even_after_a_clear() {
        let mut log = RequestLog::default();
        push(&mut log);
        log.clear();
        assert_eq!(log.requests(), []);
        push(&mut log);
        assert_eq!(ids(&log.requests()), [2]);
    }
}
