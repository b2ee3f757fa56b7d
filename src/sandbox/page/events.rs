//! The live stream of the page: what the messages are, then what changes, as server-sent events.
//!
//! Nothing is queued for a browser that is slow: what it missed is put together when it reads on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;

use super::desk::Desk;
use super::message::Message;
use super::script::Entry;

/// The shortest time between two events: a person sees it as at once, thousands of requests do not become
/// thousands of events.
const PACE: Duration = Duration::from_millis(100);

/// One event: the newest messages with `snapshot`, those of them that changed with `changes`.
#[derive(Debug, Serialize)]
pub(super) struct News {
    /// The sandbox's clock, in Unix seconds.
    pub(super) now: f64,
    /// Newest first.
    pub(super) messages: Vec<Message>,
    /// Messages with a lower `unique` are no longer among the newest.
    pub(super) oldest: u64,
    /// How many messages are remembered in all.
    pub(super) total: usize,
    /// How many requests will fail.
    pub(super) waiting: u64,
    /// How they will, if that has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) entries: Option<Vec<Entry>>,
    /// What a client has to know, with a snapshot.
    #[serde(flatten)]
    pub(super) settings: Option<Settings>,
}

/// What a client has to know, beside the address.
#[derive(Debug, Serialize)]
pub(super) struct Settings {
    /// The key that requests must bring.
    pub(super) api_key: String,
    /// The authority to trust, if the sandbox speaks TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_file: Option<String>,
}

/// What a stream has told already.
pub(super) struct Seen {
    /// Which reset the messages are from.
    pub(super) reset: u64,
    /// The revision of the outbox.
    pub(super) revision: u64,
    /// The failures to come.
    pub(super) entries: Vec<Entry>,
}

pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = desk.changes();
    let stream = stream::unfold((desk, changes, None), |(desk, mut changes, seen)| async move {
        if seen.is_some() {
            tokio::time::sleep(PACE).await;
            changes.changed().await.ok()?;
        }
        let (news, seen) = desk.news(seen);
        let name = if news.settings.is_some() { "snapshot" } else { "changes" };
        let data = serde_json::to_string(&news).expect("numbers and texts always print as JSON");
        let event = Event::default().event(name).data(data);
        Some((Ok(event), (desk, changes, Some(seen))))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}
